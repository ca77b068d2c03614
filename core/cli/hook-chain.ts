/** `chain` of a hook of Linux: several programs of tc or XDP, and what they do with packets. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { toHex } from '../bytes/hex.ts';
import { InputError, present } from '../errors.ts';
import { actionsOf, changedHookLists, priorityOf } from '../netdev/edit-hook-list.ts';
import { type HookCommands, hookCommands } from '../netdev/hook-commands.ts';
import {
  checkHookList,
  hookListOf,
  hookListsOfSession,
  inAskedOrder,
  type SettledProgram,
  settledPrograms,
  type WholeHookList,
  type WholeHookLists,
} from '../netdev/hook-list.ts';
import { type HookCounts, type HookPacket, HookRun } from '../netdev/hook-run.ts';
import type { ChainObject, HookProgram } from '../netdev/types.ts';
import { unpacked } from '../object/btf/kernel-types.ts';
import type { LoadedObject } from '../object/types.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { finish, type Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { AFTER_CODE, HOOKS_WITH_DIRECTION, type ListHook } from '../spec/hook-lists.ts';
import { programType } from '../spec/program-types.ts';
import type { Arguments } from './arguments.ts';
import { streamOf } from './capture-files.ts';
import { linesTaken } from './run.ts';
import { givenPackets, kernelTypesOf, readFile, sessionOf } from './set-up.ts';

type Write = (line: string) => void;

/** A list that is there to be run. */
interface OpenList {
  readonly whole: WholeHookList;
  readonly session: Session;
  readonly loadedOf: (object: ChainObject) => LoadedObject;
}

/** An operand: `OBJECT[:PROGRAM][@tcx|cls_bpf]`, of XDP `[@PRIORITY][/ACTIONS]`. */
interface Operand {
  readonly path: string;
  readonly program: string | undefined;
  readonly told: Partial<HookProgram>;
}

function operandFrom(text: string, hook: ListHook): Operand {
  // A file of that very name is meant, whatever stands in it.
  if (existsSync(text)) return { path: text, program: undefined, told: {} };
  const at = text.lastIndexOf('@');
  const [rest, place] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  const told = toldBy(text, place, hook);
  const colon = existsSync(rest) ? -1 : rest.lastIndexOf(':');
  return colon < 0
    ? { path: rest, program: undefined, told }
    : { path: rest.slice(0, colon), program: rest.slice(colon + 1), told };
}

function toldBy(text: string, place: string, hook: ListHook): Partial<HookProgram> {
  if (place === '') return {};
  if (hook === 'tc') {
    if (place !== 'tcx' && place !== 'cls_bpf')
      throw new InputError(text, `"@${place}" is not @tcx or @cls_bpf`);
    return { where: place };
  }
  if (hook !== 'xdp') throw new InputError(text, `programs of ${hook} stand nowhere in particular`);
  const [priority, actions] = place.split('/');
  return {
    ...(priority !== '' && { priority: priorityOf(priority) }),
    ...(actions !== undefined && { actions: actionsOf(actions) }),
  };
}

/** The list that `--hook` and operands say, in the order in which these would be attached. */
async function listedByOperands(args: Arguments, hook: ListHook): Promise<OpenList> {
  if (args.operands.length === 0)
    throw new InputError('usage', 'chain --hook takes objects: OBJECT[:PROGRAM][@WHERE] ...');
  const types = await kernelTypesOf(args);
  const loaded = new Map<Uint8Array, LoadedObject>();
  const files = new Map<string, ChainObject>();
  const operands = args.operands.map((text) => operandFrom(text, hook));
  for (const { path } of operands) {
    if (files.has(path)) continue;
    const name = basename(path);
    const bytes = await unpacked(name, readFile(path));
    files.set(path, { name, bytes });
    loaded.set(bytes, await openObject({ ...inputsFor(name, bytes), ...types }));
  }
  const loadedOf = ({ bytes }: ChainObject) => present(loaded.get(bytes), 'an object of a list');
  const fileOf = (path: string) => present(files.get(path), 'a file');
  const first = fileOf(operands[0].path);
  const session = await sessionOf(args, {
    ...inputsFor(first.name, first.bytes),
    ...types,
    hook,
    ...(operands[0].program !== undefined && { program: operands[0].program }),
    ...settingsOf(args),
  });
  // Programs of tcx and cls_bpf may be given in any order.
  let lists: WholeHookLists = { lists: [], objects: [] };
  for (const { path, program, told } of operands) {
    const object = path === operands[0].path ? session.inputs.object : fileOf(path);
    const { where } = told;
    lists = changedHookLists(
      lists,
      hook,
      {
        kind: 'add',
        object,
        ...(program !== undefined && { program }),
        ...(where && { where }),
      },
      first,
      loadedOf,
    );
  }
  const made = present(hookListOf(lists, hook), 'the list');
  const direction = session.options.get('direction') === 'ingress' ? 'ingress' : 'egress';
  const isSaid = args.set.some((text) => text.startsWith('direction='));
  const list = {
    ...made.list,
    ...(HOOKS_WITH_DIRECTION.has(hook) && isSaid && ({ direction } as const)),
    programs: made.list.programs.map((entry) => {
      const number = Number(entry.id.slice(1)) - 1;
      return { ...entry, ...operands[number].told };
    }),
  };
  return { whole: { list, objects: made.objects }, session, loadedOf };
}

const settingsOf = ({ maxSteps }: Arguments): Partial<SessionInputs> =>
  maxSteps === undefined
    ? {}
    : { settings: { ...inputsFor('', new Uint8Array()).settings, maxSteps } };

/** The list of a session that was opened. */
async function listedBySession(
  args: Arguments,
  inputs: SessionInputs,
  hook: ListHook | undefined,
): Promise<OpenList> {
  const session = await sessionOf(args, { ...inputs, ...(await kernelTypesOf(args)) });
  const lists = hookListsOfSession(session);
  const wanted = hook ?? (hookListOf(lists, session.hook) ? session.hook : lists.lists[0]?.hook);
  const whole = wanted && hookListOf(lists, wanted);
  if (whole === undefined)
    throw new InputError('chain', `the session has no list of ${wanted ?? 'tc or XDP'} programs`);
  checkHookList(whole.list);
  const loaded = new Map([[session.inputs.object.bytes, session.object]]);
  for (const { name, bytes } of whole.objects)
    if (!loaded.has(bytes)) loaded.set(bytes, await openObject(inputsFor(name, bytes)));
  return {
    whole,
    session,
    loadedOf: ({ bytes }) => present(loaded.get(bytes), 'an object of a list'),
  };
}

/**
 * The programs of a hook by operands, or of a session; prints them in the order in which they are
 * asked, how they are attached, and what packets meet at each. Answers the exit status.
 */
export async function hookChainCommand(
  args: Arguments,
  inputs: SessionInputs | undefined,
  hook: ListHook | undefined,
  write: Write,
  note: Write,
): Promise<number> {
  const open = inputs
    ? await listedBySession(args, inputs, hook)
    : await listedByOperands(args, present(hook, 'a hook'));
  const { whole, session, loadedOf } = open;
  const programs = inAskedOrder(settledPrograms(whole, loadedOf));
  const commands = hookCommands(whole.list, programs, loadedOf);
  const run = new HookRun({
    whole,
    session: session.inputs,
    loadedOf,
    memory: () => new WebAssembly.Memory({ initial: 1 }),
    engine: args.engine,
  });
  if (!args.json) for (const line of listWords(open, programs, commands)) write(line);
  const tell = (packets: readonly HookPacket[], first: number): void => {
    for (const [i, packet] of packets.entries())
      if (args.json) write(JSON.stringify({ packet: first + i, ...plainPacket(packet) }));
      else for (const line of packetLines(first + i, packet, programs)) write(line);
  };
  if (args.pcap === undefined) {
    const packets = (await givenPackets(args, note)) ?? session.inputs.packets;
    if (packets.length > 0 && !args.json) write('');
    tell(finish(run.take(packets.map(({ bytes }) => bytes))), 0);
  } else {
    if (!args.json && args.each) write('');
    const stream = streamOf(args.pcap);
    for await (const { count, bytes, starts, lengths } of stream.runs()) {
      for (let from = 0; from < count; from += PIECE) {
        const first = run.packets;
        const frames = Array.from({ length: Math.min(PIECE, count - from) }, (_, i) => {
          const start = starts[from + i];
          return bytes.subarray(start, start + lengths[from + i]);
        });
        const packets = finish(run.take(frames));
        if (args.each) tell(packets, first);
      }
      await linesTaken();
    }
    for (const line of stream.notes) note(`${args.pcap}: ${line}`);
  }
  if (args.json) write(JSON.stringify(resultOf(open, programs, commands, run)));
  else if (run.packets > 0) for (const line of countWords(run, programs, whole)) write(line);
  return hasFaulted(run) ? 1 : 0;
}

/** Packets that are run at once. */
const PIECE = 4096;

const hasFaulted = ({ counts }: HookRun): boolean =>
  counts.some(({ codes }) => [...codes.values()].some(({ after }) => after === 'faulted'));

const plainPacket = ({ steps, result }: HookPacket) => ({
  asked: steps.map(({ id, verdict, steps: count, saw, isChanged, after }) => ({
    id,
    code: verdict.code ?? null,
    name: verdict.name,
    steps: count,
    ...(saw().length > 0 && { saw: Object.fromEntries(saw()) }),
    ...(isChanged && { changed: true }),
    after,
  })),
  code: result.code ?? null,
  name: result.name,
  action: result.action,
  by: result.by ?? null,
  packetOut: toHex(result.packetOut),
  ...(result.handed?.front?.metadata && { metadata: result.handed.front.metadata }),
});

/** `p1 fw.o:filter` */
const nameOf = ({ entry, object, program }: SettledProgram): string =>
  `${entry.id} ${object.name}:${program.name}`;

function packetLines(
  number: number,
  { steps, result }: HookPacket,
  programs: readonly SettledProgram[],
): string[] {
  const decided = result.by === undefined ? 'none decides' : `by ${result.by}`;
  const lines = steps.map(({ id, verdict, saw, isChanged, after }) => {
    const settled = present(
      programs.find(({ entry }) => entry.id === id),
      'a program of a list',
    );
    const code = verdict.code === undefined ? '' : ` (${verdict.code})`;
    const fields = saw()
      .map(([field, value]) => `${field}=${value}`)
      .join(', ');
    return [
      `  ${nameOf(settled)}: ${verdict.name}${code}, ${AFTER_CODE[after].label}`,
      ...(isChanged ? [', changes the packet'] : []),
      ...(fields ? [`; saw ${fields}`] : []),
      ...(verdict.reason && after === 'faulted' ? [`; ${verdict.reason}`] : []),
    ].join('');
  });
  return [`packet ${number}: ${result.name} -> ${result.action}, ${decided}`, ...lines];
}

function toldWords({ entry, xdp }: SettledProgram): string {
  const off = entry.status === 'off' ? ', off' : '';
  if (entry.where) return `${entry.where}${off}`;
  if (xdp === undefined) return `in its order${off}`;
  const names = new Map(programType('xdp').verdicts.map(({ code, name }) => [code, name]));
  const actions = xdp.actions.map((code) => names.get(code) ?? String(code)).join(',') || 'none';
  return `priority ${xdp.priority}, goes on after ${actions}${off}`;
}

function listWords(
  { whole }: OpenList,
  programs: readonly SettledProgram[],
  { commands, notes }: HookCommands,
): string[] {
  const { hook, direction } = whole.list;
  return [
    `${programType(hook).label}${direction ? `, ${direction}` : ''}: ` +
      `${pluralOf(programs.length, 'program')} in this order`,
    ...programs.map((one) => `  ${nameOf(one)}: ${toldWords(one)}`),
    ...commands.flatMap(({ label, text }) => ['', `# ${label}`, ...text.split('\n')]),
    ...notes.map((text) => `# ${text}`),
  ];
}

const codesOf = ({ codes }: HookCounts) =>
  [...codes.values()].sort((one, other) => other.packets - one.packets);

function countWords(
  run: HookRun,
  programs: readonly SettledProgram[],
  { list }: WholeHookList,
): string[] {
  const results = [...run.results]
    .sort(([, one], [, other]) => other.packets - one.packets)
    .map(([name, { action, packets }]) => `${packets} ${name} -> ${action}`)
    .join(', ');
  return [
    '',
    `${pluralOf(run.packets, 'packet')} past ${programType(list.hook).label}: ${results}`,
    ...run.machines.map(({ settled }, at) => {
      const counts = run.counts[at];
      const codes = codesOf(counts).map(
        ({ name, packets, after }) => `${packets} ${name} (${AFTER_CODE[after].label})`,
      );
      const changed = counts.changed > 0 ? `, ${counts.changed} changed` : '';
      const said = codes.length > 0 ? `: ${codes.join(', ')}` : '';
      return `  ${nameOf(settled)}: ${counts.seen} seen${changed}${said}`;
    }),
    ...programs.filter(({ entry }) => entry.status === 'off').map((one) => `  ${nameOf(one)}: off`),
  ];
}

/** The machine-readable account: a contract for scripts (README, command line). */
function resultOf(
  { whole }: OpenList,
  programs: readonly SettledProgram[],
  { commands, notes }: HookCommands,
  run: HookRun,
) {
  const { hook, direction } = whole.list;
  return {
    hook,
    ...(direction && { direction }),
    programs: programs.map(({ entry, object, program, xdp }) => {
      const at = run.machines.findIndex(({ settled }) => settled.entry.id === entry.id);
      const counts = run.counts[at];
      return {
        id: entry.id,
        object: object.name,
        program: program.name,
        status: entry.status,
        ...(entry.where && { where: entry.where }),
        ...(xdp && { priority: xdp.priority, actions: xdp.actions }),
        ...(counts && {
          seen: counts.seen,
          changed: counts.changed,
          codes: codesOf(counts).map(({ name, action, after, packets }) => ({
            name,
            action,
            after,
            packets,
          })),
        }),
      };
    }),
    commands: commands.map(({ label, text }) => ({ label, text })),
    notes,
    packets: run.packets,
    results: Object.fromEntries([...run.results].map(([name, { packets }]) => [name, packets])),
  };
}
