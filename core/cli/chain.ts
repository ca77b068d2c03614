import { basename, dirname, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { ChainRun } from '../netdev/chain-run.ts';
import type { FilterCounts } from '../netdev/counters.ts';
import { directionBy } from '../netdev/direction.ts';
import { DumpFilter } from '../netdev/dump-filter.ts';
import { vnetNotes } from '../netdev/filter-notes.ts';
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
import { checkDumps, type Written, writeDumps } from './dumps.ts';
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
  const { run, notes } = await runWith(whole, loaded, args);
  for (const line of notes) note(`${args.pcap}: ${line}`);
  for (const filter of whole.chain.filters)
    for (const line of vnetNotes(filter)) note(`filter ${filter.id}: ${line}`);
  const isRun = args.pcap !== undefined;
  const written = await writeDumps(isRun ? run : undefined, args.writeDumps);
  if (args.json) write(JSON.stringify(resultOf(whole, isRun ? run : undefined, written)));
  else for (const line of words(whole, isRun ? run : undefined, args.pcap, written)) write(line);
  const hasFaulted = run.filters.some(({ counts }) => ofBoth(counts.faulted) > 0);
  return hasFaulted ? 1 : 0;
}

/** A run over the capture, where there is one; what is to be said of it. */
async function runWith(
  whole: WholeChain,
  loaded: readonly LoadedObject[],
  args: Arguments,
): Promise<{ run: ChainRun; notes: readonly string[] }> {
  const { pcap, writeDumps } = args;
  if (pcap === undefined) {
    if (writeDumps !== undefined)
      throw new InputError('--write-dumps', 'writes what flows: give a capture (--pcap)');
    return { run: runOf(whole, loaded, args, 0n), notes: [] };
  }
  // What is wrong with the chain is said before the capture is opened.
  runOf(whole, loaded, args, 0n).close();
  if (writeDumps !== undefined) checkDumps(whole.chain, writeDumps);
  return runCapture((start) => runOf(whole, loaded, args, start), pcap);
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
  { engine, maxSteps, writeDumps }: Arguments,
  start: bigint,
): ChainRun {
  const settings = { ...DEFAULT_SETTINGS, ...(maxSteps !== undefined && { maxSteps }) };
  return new ChainRun({
    chain,
    directionOf: directionBy(chain.traffic.direction),
    start,
    keepsDumps: writeDumps !== undefined,
    partsOf: ({ object = 0 }) => ({
      object: objects[object],
      loaded: loaded[object],
      session: { settings },
      engine,
      memory: new WebAssembly.Memory({ initial: 1 }),
    }),
    free: () => {},
  });
}

/**
 * A capture of any size, a part of it in memory at a time; answers what is to be said of it.
 * `made`: a run that begins when the first packet came that says so.
 */
async function runCapture(
  made: (start: bigint) => ChainRun,
  path: string,
): Promise<{ run: ChainRun; notes: readonly string[] }> {
  const stream = streamOf(path);
  const times = new ArrivalTimes();
  let run: ChainRun | undefined;
  let first = 0;
  for await (const { count, bytes, starts, lengths, times: said } of stream.runs()) {
    run ??= made(said.find((time) => time !== NO_TIME) ?? 0n);
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
  run ??= made(0n);
  run.end();
  finish(run.advance());
  return { run, notes: stream.notes };
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
function resultOf(whole: WholeChain, run: ChainRun | undefined, written: Written) {
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
      ...(written.has(id) && { written: written.get(id) }),
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

function dumpWords({ size, written: { name }, filter }: DumpFilter, written: Written): string {
  const path = written.get(filter.id);
  const packets = pluralOf(size.packets, 'packet');
  if (path === undefined) return `${packets} for ${name}, not written (--write-dumps DIR)`;
  const leftOut = size.leftOut > 0 ? `, ${size.leftOut} left out: there was no room` : '';
  return `${packets} written to ${path}${leftOut}`;
}

function words(
  whole: WholeChain,
  run: ChainRun | undefined,
  pcap: string | undefined,
  written: Written,
): string[] {
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
    if (running instanceof DumpFilter) lines.push(`  ${id}: ${dumpWords(running, written)}`);
  }
  return lines;
}
