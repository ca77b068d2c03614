import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../errors.ts';
import { findKernelTypes, unpacked } from '../object/btf/kernel-types.ts';
import { readCapture } from '../packet/capture/capture.ts';
import { decodeText } from '../packet/text/normal.ts';
import { readPacketText } from '../packet/text/text.ts';
import type { ReadText } from '../packet/types.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { decodeFile, decodeLink, looksLikeLink } from '../share/container.ts';
import { recognise } from '../share/recognise.ts';
import type { Arguments } from './arguments.ts';
import { assignedInputs } from './assignments.ts';
import { cannotOpen } from './capture-files.ts';

type Packets = SessionInputs['packets'] | undefined;
/** Says a line beside the result: on standard error. */
type Note = (line: string) => void;

/** A file's bytes; an InputError where there are none to read. */
export function readFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw cannotOpen(path, error);
  }
}

/** The one operand a command takes. */
export function operandOf({ command, operands }: Arguments, what: string): string {
  if (operands.length !== 1)
    throw new InputError('usage', `${command} takes one ${what}, ${operands.length} were given`);
  return operands[0];
}

/** A file's bytes, of gzip or zstd unpacked. */
const readUnpacked = (path: string): Promise<Uint8Array> =>
  unpacked(basename(path), readFile(path));

/**
 * Packets of a capture or a text; how they were read, what was left out and what was made up goes
 * to `note`.
 */
export async function givenPackets(
  { packet, packetFile, pcap, as }: Arguments,
  note: Note,
  most = Number.POSITIVE_INFINITY,
): Promise<Packets> {
  if (packet === '') return [{ name: 'packet', bytes: new Uint8Array() }];
  if (packet !== undefined) return said('--packet', readPacketText(packet, as), note);
  const path = pcap ?? packetFile;
  if (path === undefined) return undefined;
  const bytes = await readUnpacked(path);
  if (pcap !== undefined || recognise(basename(path), bytes).kind === 'capture')
    return said(path, readCapture(basename(path), bytes, most), note);
  const text = decodeText(bytes);
  if (text === undefined)
    throw new InputError(path, 'is neither text nor a capture: give hex, a dump or a pcap file');
  return said(path, readTextOf(path, text, as), note);
}

/** Places in a text are named with its file. */
function readTextOf(path: string, text: string, as: string | undefined): ReadText {
  try {
    return readPacketText(text, as);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(path, error.message);
    throw error;
  }
}

function said(
  source: string,
  read: Pick<ReadText, 'packets' | 'notes'> & Partial<ReadText>,
  note: Note,
): Packets {
  const { packets, notes, dialect, alternatives = [] } = read;
  const count = `${packets.length} packet${packets.length === 1 ? '' : 's'}`;
  const lines = [
    dialect === undefined ? `read ${count}` : `read as ${dialect}, ${count}`,
    ...notes,
  ];
  for (const other of alternatives)
    lines.push(`could also be read as ${other.label}: --as ${other.dialect}`);
  for (const line of lines) note(`${source}: ${line}`);
  return packets.map(({ name, bytes }) => ({ name, bytes }));
}

async function startingInputs(operand: string): Promise<SessionInputs> {
  const shared = await sharedInputs(operand);
  // The loader says of any other file what it is.
  return shared ?? inputsFor(basename(operand), await readUnpacked(operand));
}

/**
 * Inputs of a link, of a file that has one, or of a snapshot; undefined where it is neither, or not
 * there.
 */
export async function sharedInputs(operand: string): Promise<SessionInputs | undefined> {
  if (looksLikeLink(operand)) return (await decodeLink(operand)).inputs;
  if (!existsSync(operand)) return undefined;
  const bytes = await readUnpacked(operand);
  const name = basename(operand);
  const file = recognise(name, bytes);
  if (file.kind === 'session-file') return (await decodeFile(name, bytes)).inputs;
  return file.kind === 'link' ? (await decodeLink(file.text)).inputs : undefined;
}

/** The types that `--btf` names: `own`, `bundled`, or a file with a kernel's BTF. */
export async function kernelTypesOf({
  btf,
}: Arguments): Promise<Pick<SessionInputs, 'kernelTypes'>> {
  if (btf === undefined) return {};
  if (btf === 'own' || btf === 'bundled') return { kernelTypes: btf };
  const name = basename(btf);
  const bytes = findKernelTypes(name, await unpacked(name, readFile(btf)));
  if (bytes === undefined)
    throw new InputError(btf, 'is neither BTF nor a vmlinux with a .BTF section');
  return { kernelTypes: { name, bytes } };
}

/**
 * A session of the inputs, with what `--set` and `--map` say of them; its machine is not made yet.
 */
export async function sessionOf(
  { engine, map, set }: Arguments,
  start: SessionInputs,
): Promise<Session> {
  const linear = new WebAssembly.Memory({ initial: 1 });
  const open = async (inputs: SessionInputs): Promise<Session> => {
    const opened = new Session(inputs, linear, await openObject(inputs));
    opened.runBy(engine);
    return opened;
  };
  let session = await open(
    map.length > 0 ? { ...start, mapSizes: [...(start.mapSizes ?? []), ...map] } : start,
  );
  for (const { map: name } of map) {
    if (session.object.maps.some((known) => known.name === name)) continue;
    const names = session.object.maps.map((known) => known.name).join(', ') || 'none';
    throw new InputError('--map', `the object has no map "${name}", it has ${names}`);
  }
  for (const text of set)
    session = await open({ ...session.inputs, ...assignedInputs(session, text) });
  return session;
}

/**
 * Inputs of a session from an object, link or snapshot and the options that change it, with at most
 * so many packets.
 */
export async function sessionInputs(
  args: Arguments,
  note: Note,
  mostPackets: number,
): Promise<SessionInputs> {
  const inputs = await startingInputs(operandOf(args, 'object, link or snapshot'));
  const packets = await givenPackets(args, note, mostPackets);
  return {
    ...inputs,
    ...(await kernelTypesOf(args)),
    ...(args.program !== undefined && { program: args.program }),
    ...(args.hook !== undefined && { hook: args.hook, options: [] }),
    ...(packets && { packets, packet: 0 }),
    ...(args.ipMode !== undefined && {
      options: [
        ...inputs.options.filter(([name]) => name !== 'ip-mode'),
        ['ip-mode', args.ipMode] as [string, string],
      ],
    }),
    ...(args.maxSteps !== undefined && {
      settings: { ...inputs.settings, maxSteps: args.maxSteps },
    }),
  };
}
