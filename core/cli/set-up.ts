import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../errors.ts';
import { hasElfMagic } from '../object/elf.ts';
import { findKernelTypes, unpacked } from '../object/kernel-types.ts';
import { isCapture, readCapture } from '../packet/capture.ts';
import { readPacketText } from '../packet/text.ts';
import type { SessionInputs } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { Session } from '../session/session.ts';
import { decodeFile, decodeLink, isSnapshotFile, looksLikeLink } from '../share/container.ts';
import type { Arguments } from './arguments.ts';
import { assignment } from './assignments.ts';

/** A file's bytes; an InputError where there are none to read. */
export function readFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new InputError(
      path,
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'does not exist' : 'cannot be read',
    );
  }
}

/** The one operand a command takes. */
export function operandOf({ command, operands }: Arguments, what: string): string {
  if (operands.length !== 1)
    throw new InputError('usage', `${command} takes one ${what}, ${operands.length} were given`);
  return operands[0];
}

function packetsOf({ packet, packetFile, pcap }: Arguments): SessionInputs['packets'] | undefined {
  const plain = (packets: readonly { name: string; bytes: Uint8Array }[]) =>
    packets.map(({ name, bytes }) => ({ name, bytes }));
  if (packet === '') return [{ name: 'packet', bytes: new Uint8Array() }];
  if (packet !== undefined) return plain(readPacketText(packet).packets);
  if (pcap !== undefined) return plain(readCapture(basename(pcap), readFile(pcap)).packets);
  if (packetFile === undefined) return undefined;
  const bytes = readFile(packetFile);
  return plain(
    isCapture(bytes)
      ? readCapture(basename(packetFile), bytes).packets
      : readPacketText(new TextDecoder().decode(bytes)).packets,
  );
}

async function startingInputs(operand: string): Promise<SessionInputs> {
  if (looksLikeLink(operand)) return (await decodeLink(operand)).inputs;
  const bytes = await unpacked(basename(operand), readFile(operand));
  if (isSnapshotFile(bytes)) return (await decodeFile(basename(operand), bytes)).inputs;
  if (!hasElfMagic(bytes)) {
    const text = new TextDecoder().decode(bytes);
    if (looksLikeLink(text)) return (await decodeLink(text)).inputs;
  }
  return inputsFor(basename(operand), bytes);
}

/** The types that `--btf` names: `own`, `bundled`, or a file with a kernel's BTF. */
export async function kernelTypesOf({ btf }: Arguments): Promise<Pick<SessionInputs, 'kernelTypes'>> {
  if (btf === undefined) return {};
  if (btf === 'own' || btf === 'bundled') return { kernelTypes: btf };
  const name = basename(btf);
  const bytes = findKernelTypes(name, await unpacked(name, readFile(btf)));
  if (bytes === undefined) throw new InputError(btf, 'is neither BTF nor a vmlinux with a .BTF section');
  return { kernelTypes: { name, bytes } };
}

/** A session of the inputs, with what `--set` and `--map` say of them; its machine is not made yet. */
export async function sessionOf({ map, set }: Arguments, start: SessionInputs): Promise<Session> {
  const linear = new WebAssembly.Memory({ initial: 1 });
  const open = async (inputs: SessionInputs): Promise<Session> => new Session(inputs, linear, await openObject(inputs));
  let session = await open(map.length > 0 ? { ...start, mapSizes: [...(start.mapSizes ?? []), ...map] } : start);
  for (const { map: name } of map) {
    if (session.object.maps.some((known) => known.name === name)) continue;
    const names = session.object.maps.map((known) => known.name).join(', ') || 'none';
    throw new InputError('--map', `the object has no map "${name}", it has ${names}`);
  }
  for (const text of set) session = await open({ ...session.inputs, ...assignment(session, text) });
  return session;
}

/** Inputs of a session from an object, link or snapshot and the options that change it. */
export async function sessionInputs(args: Arguments): Promise<SessionInputs> {
  const inputs = await startingInputs(operandOf(args, 'object, link or snapshot'));
  const packets = packetsOf(args);
  return {
    ...inputs,
    ...(await kernelTypesOf(args)),
    ...(args.program !== undefined && { program: args.program }),
    ...(args.hook !== undefined && { hook: args.hook, options: [] }),
    ...(packets && { packets, packet: 0 }),
    ...(args.ipMode !== undefined && {
      options: [...inputs.options.filter(([name]) => name !== 'ip-mode'), ['ip-mode', args.ipMode] as [string, string]],
    }),
    ...(args.maxSteps !== undefined && { settings: { ...inputs.settings, maxSteps: args.maxSteps } }),
  };
}
