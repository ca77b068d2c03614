import { basename, dirname, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { ChainRun } from '../netdev/chain-run.ts';
import type { FilterCounts } from '../netdev/counters.ts';
import { directionBy } from '../netdev/direction.ts';
import { DumpFilter } from '../netdev/dump-filter.ts';
import { ofBoth, type PacketFlow, type PerDirection } from '../netdev/flow.ts';
import { isListHook } from '../netdev/hook-list.ts';
import { readChain } from '../netdev/qemu-options.ts';
import { qemuLines, qmpOfChain, type WholeChain } from '../netdev/qemu-text.ts';
import { ArrivalTimes } from '../netdev/source.ts';
import type { DirectionRule, NetChain } from '../netdev/types.ts';
import type { LoadedObject } from '../object/types.ts';
import { NO_TIME } from '../packet/capture/packet-run.ts';
import { decodeText } from '../packet/text/normal.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import { DEFAULT_SETTINGS } from '../session/defaults.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { finish } from '../session/session.ts';
import { FLOW_DIRECTIONS, type FlowDirection } from '../spec/net-filters.ts';
import type { Arguments } from './arguments.ts';
import { streamOf } from './capture-files.ts';
import { hookChainCommand } from './hook-chain.ts';
import { operandOf, readFile, sharedInputs } from './set-up.ts';

type Write = (line: string) => void;

/**
 * `chain`: a netdev's filters as the options of a QEMU command line that a file has; prints them in
 * the order in which filters are asked, the QMP commands, and what the filters do with a capture.
 */
export async function chainCommand(
  args: Arguments,
  write: Write,
  note: Write = () => {},
): Promise<number> {
  const { hook } = args;
  const listed = hook !== undefined && isListHook(hook) ? hook : undefined;
  const [operand = ''] = args.operands;
  const shared = args.operands.length === 1 ? await sharedInputs(operand) : undefined;
  const isNetdev = listed === undefined && shared?.chain !== undefined && !shared.hookLists;
  if (listed || (shared && !isNetdev)) return hookChainCommand(args, shared, listed, write, note);
  const whole = shared?.chain
    ? {
        chain: withSet(shared.chain, args.set),
        objects: shared.chainObjects ?? [],
      }
    : chainOf(operandOf(args, 'file with the options of a chain'), args);
  const loaded = await Promise.all(
    whole.objects.map(({ name, bytes }) => openObject(inputsFor(name, bytes))),
  );
  const run = runOf(whole, loaded, args);
  const notes = args.pcap === undefined ? [] : await runCapture(run, args.pcap);
  for (const line of notes) note(`${args.pcap}: ${line}`);
  const isRun = args.pcap !== undefined;
  if (args.json) write(JSON.stringify(resultOf(whole, isRun ? run : undefined)));
  else for (const line of words(whole, isRun ? run : undefined, args.pcap)) write(line);
  const hasFaulted = run.filters.some(({ counts }) => ofBoth(counts.faulted) > 0);
  return hasFaulted ? 1 : 0;
}

/** The chain of a file, with the objects that it names: they lie where it lies. */
function chainOf(path: string, args: Arguments): WholeChain {
  const text = decodeText(readFile(path));
  if (text === undefined)
    throw new InputError(path, 'is no text: give the -netdev and -object lines of a chain');
  const { chain, handlers } = readChain(path, text);
  const objects = handlers.map((name) => ({ name, bytes: readFile(resolve(dirname(path), name)) }));
  return { chain: withSet(chain, args.set), objects };
}

/** `--set direction=...` and `--set guest=...`: which way the packets of a capture go. */
function withSet(chain: NetChain, set: readonly string[]): NetChain {
  let direction: DirectionRule = chain.traffic.direction;
  for (const text of set) {
    const [name, ...rest] = text.split('=');
    const value = rest.join('=');
    const way = FLOW_DIRECTIONS.find((candidate) => candidate === value);
    if (name === 'direction' && way) direction = { rule: way };
    else if (name === 'guest' && value !== '') direction = { rule: 'guest', address: value };
    else
      throw new InputError(
        '--set',
        `"${text}" is not direction=to-guest, direction=from-guest or guest=ADDRESS`,
      );
  }
  return { ...chain, traffic: { ...chain.traffic, direction } };
}

function runOf(
  { chain, objects }: WholeChain,
  loaded: readonly LoadedObject[],
  { engine, maxSteps }: Arguments,
): ChainRun {
  const settings = { ...DEFAULT_SETTINGS, ...(maxSteps !== undefined && { maxSteps }) };
  return new ChainRun({
    chain,
    directionOf: directionBy(chain.traffic.direction),
    start: 0n,
    keepsDumps: false,
    partsOf: ({ object = 0 }) => ({
      object: objects[object],
      loaded: loaded[object],
      settings,
      engine,
      memory: new WebAssembly.Memory({ initial: 1 }),
    }),
    free: () => {},
  });
}

/** A capture of any size, a part of it in memory at a time; answers what is to be said of it. */
async function runCapture(run: ChainRun, path: string): Promise<readonly string[]> {
  const stream = streamOf(path);
  const times = new ArrivalTimes();
  let first = 0;
  for await (const { count, bytes, starts, lengths, times: said } of stream.runs()) {
    const flow: PacketFlow = {
      frames: { bytes, starts, lengths },
      numbers: Float64Array.from({ length: count }, (_, i) => first + i),
      times: Float64Array.from(said, (time) => times.next(time === NO_TIME ? undefined : time)),
      rounds: 0,
    };
    first += count;
    run.take(flow);
    finish(run.advance());
  }
  run.end();
  finish(run.advance());
  return stream.notes;
}

const NAMES: readonly (keyof FilterCounts)[] = [
  'seen',
  'passed',
  'dropped',
  'stolen',
  'bypassed',
  'faulted',
  'copied',
  'released',
];

/** The machine-readable account: a contract for scripts (README, command line). */
function resultOf(whole: WholeChain, run: ChainRun | undefined) {
  const { netdev, filters } = whole.chain;
  return {
    netdev: netdev.id,
    lines: qemuLines(whole),
    qmp: qmpOfChain(whole).map((text) => JSON.parse(text)),
    filters: filters.map(({ id, kind, queue, status, object }, i) => ({
      id,
      kind,
      queue,
      status,
      ...(object !== undefined && { object: whole.objects[object].name }),
      ...(run && { counts: run.filters[i].counts }),
    })),
    ...(run && {
      packets: run.counts,
      drops: {
        count: run.drops.count,
        last: run.drops.last(LAST_DROPS).map(({ packet, id, direction }) => ({
          packet,
          filter: id,
          direction,
        })),
      },
    }),
  };
}

const LAST_DROPS = 100;

const WAYS: Readonly<Record<FlowDirection, string>> = {
  'to-guest': 'to the guest (tx)',
  'from-guest': 'from the guest (rx)',
};

const inWords = (counts: Partial<Record<string, PerDirection>>, direction: FlowDirection): string =>
  Object.entries(counts)
    .flatMap(([name, count]) =>
      count && count[direction] > 0 ? [`${count[direction]} ${name}`] : [],
    )
    .join(', ');

/** A file of that name may be there: QEMU would write over it. */
const dumpWords = ({ size, written }: DumpFilter): string =>
  `${pluralOf(size.packets, 'packet')} for ${written.name}, not written`;

function words(whole: WholeChain, run: ChainRun | undefined, pcap: string | undefined): string[] {
  const lines = [...qemuLines(whole), '', ...qmpOfChain(whole)];
  if (run === undefined || pcap === undefined) return lines;
  lines.push('', `${basename(pcap)}: ${pluralOf(run.entered, 'packet')}`);
  for (const direction of FLOW_DIRECTIONS) {
    const { entered, ...others } = run.counts;
    const what = inWords(others, direction);
    lines.push(`  ${WAYS[direction]}: ${entered[direction]}${what && `: ${what}`}`);
  }
  for (const running of run.filters) {
    const { id, kind } = running.filter;
    for (const direction of FLOW_DIRECTIONS) {
      const counts = Object.fromEntries(NAMES.map((name) => [name, running.counts[name]]));
      const what = inWords(counts, direction);
      if (what) lines.push(`  ${id} (${kind}), ${WAYS[direction]}: ${what}`);
    }
    if (running instanceof DumpFilter) lines.push(`  ${id}: ${dumpWords(running)}`);
  }
  return lines;
}
