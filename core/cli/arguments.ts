import { parseArgs } from 'node:util';
import { InputError } from '../errors.ts';
import { ENGINES } from '../jit/engines.ts';
import { JIT } from '../jit/jit.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { MapSize } from '../maps/completion.ts';
import { DIALECTS } from '../packet/text/text.ts';
import { type HookName, PROGRAM_TYPES } from '../spec/program-types.ts';
import { MAP_LISTINGS, type MapListing } from '../view/map-changes.ts';
import { mapSizeOf } from './assignments.ts';

/** What a call of the command line asks for. */
export interface Arguments {
  readonly command: string;
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly trace: boolean;
  /** A line for each packet of a capture, in place of a summary. */
  readonly each: boolean;
  /** Where the packets of a capture that go on are written. */
  readonly writePcap: string | undefined;
  /** The folder that files of filter-dump are written into. */
  readonly writeDumps: string | undefined;
  /** Where packets that cover the program are written. */
  readonly cover: string | undefined;
  /** The other side of a comparison, as far as it differs from this one. */
  readonly compare: {
    readonly object: string | undefined;
    readonly program: string | undefined;
    readonly engine: Engine | undefined;
  };
  readonly program: string | undefined;
  readonly hook: HookName | undefined;
  readonly packet: string | undefined;
  readonly packetFile: string | undefined;
  readonly pcap: string | undefined;
  /** Name of the dialect packet text is read as. */
  readonly as: string | undefined;
  readonly ipMode: string | undefined;
  readonly btf: string | undefined;
  readonly engine: Engine;
  readonly maxSteps: number | undefined;
  /** `--map NAME:max_entries=N`, in order. */
  readonly map: readonly MapSize[];
  /** `--set NAME=VALUE`, in order. */
  readonly set: readonly string[];
  /** The object of `test`, in the place of those that its files name. */
  readonly object: string | undefined;
  /** Where `test` writes its results as JUnit XML. */
  readonly junit: string | undefined;
  /** Entries of maps that `run` lists. */
  readonly maps: MapListing;
}

const ENGINE_NAMES = ENGINES.map(({ name }) => name);

const OPTIONS = {
  json: { type: 'boolean', default: false },
  trace: { type: 'boolean', default: false },
  each: { type: 'boolean', default: false },
  'write-pcap': { type: 'string' },
  cover: { type: 'string' },
  'write-dumps': { type: 'string' },
  compare: { type: 'string' },
  'compare-program': { type: 'string' },
  'compare-engine': { type: 'string' },
  program: { type: 'string' },
  hook: { type: 'string' },
  packet: { type: 'string' },
  'packet-file': { type: 'string' },
  pcap: { type: 'string' },
  as: { type: 'string' },
  'ip-mode': { type: 'string' },
  btf: { type: 'string' },
  engine: { type: 'string' },
  'max-steps': { type: 'string' },
  map: { type: 'string', multiple: true },
  set: { type: 'string', multiple: true },
  maps: { type: 'string', default: 'changed' },
  object: { type: 'string' },
  junit: { type: 'string' },
  // What is printed anyhow: who asks for it is not refused.
  tap: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Names in lines that fit a terminal. */
const names = (list: readonly string[]): string =>
  list.reduce((text, name) => {
    const line = text.slice(text.lastIndexOf('\n') + 1);
    return line.length + name.length > 110
      ? `${text},\n${name}`
      : text === ''
        ? name
        : `${text}, ${name}`;
  }, '');

export const USAGE = `usage: ebpf-playground <command> ...

  inspect OBJ [--btf TYPES] [--json]        sections, programs and their hooks, maps, relocations, \
variables, warnings
  disasm OBJ [--program NAME] [--btf TYPES] [--json]
                                            LLVM syntax, with source lines where there are any
  run OBJ|LINK|SNAPSHOT [--program NAME] [--hook HOOK] [--packet HEX | --packet-file F | --pcap F]
      [--as DIALECT] [--ip-mode on|off] [--set NAME=VALUE]... [--map NAME:max_entries=N]... \
[--btf TYPES]
      [--engine ${ENGINE_NAMES.join('|')}] [--max-steps N] [--maps changed|all|none] \
[--trace] [--json]
      [--each] [--write-pcap FILE] [--compare OBJ2] [--compare-program NAME] \
[--compare-engine ${ENGINE_NAMES.join('|')}]
      [--cover FILE]
  chain FILE [--pcap F] [--write-dumps DIR] [--set direction=to-guest|from-guest] \
[--set guest=ADDRESS] [--json]
                                            filters of a netdev by their QEMU \
options, and what they do with a capture
  chain --hook tc|xdp|cgroup_skb OBJ[:PROGRAM][@WHERE]... | LINK | SNAPSHOT
      [--packet HEX | --packet-file F | --pcap F] [--each] [--set NAME=VALUE]... [--json]
                                            programs of one hook in their order, and what packets \
meet at each;
                                            WHERE: tcx, cls_bpf, of XDP PRIORITY[/ACTIONS]
  link OBJ [same options]                   prints the share link of that set-up
  test FILE... [--object OBJ] [--tap] [--junit FILE] [--btf TYPES] \
[--engine ${ENGINE_NAMES.join('|')}]
                                            packets and what must become of them, \
told as TAP (docs/testing.md)
  conformance [MEMORY_HEX] [--engine ${ENGINE_NAMES.join('|')}]
                                            program bytes as hex on standard input; prints r0 in hex

How packets were read, what was left out and what was made up is said on standard error. \
DIALECT, for packet text that
is read in another way than meant: ${names([...DIALECTS.keys()])}.
--set gives a hook's option, a field of the context, a setting (time, seed, cpu, cpus, gap, \
clock, pid, uid, comm, ...), a
  __kconfig value or a global variable another value. --map gives a map the size that \
user space would set
  (max_entries, key_size, value_size). --maps: entries that differ from the start (the first 1024 \
of a map), all, none.
A capture (--pcap: pcap, pcapng or snoop of any size, gzip'd or zstd'd too) is summed up; --each \
and --json say a line a packet,
  --write-pcap writes those that go on, as pcapng with the verdict as comment.
--engine: jit for captures, interpreter for single packets, where nothing is said; \
what comes out is the same.
--compare judges the same packets by another object, program or engine too, \
and prints as Markdown where they differ.
--write-dumps puts what a chain's dumps write into DIR, as pcap files; one that is there stays, \
and it is said.
--cover makes packets until each conditional jump goes both ways, says why one does not, \
and writes all as pcapng.
TYPES, for CO-RE relocations: own, bundled, or a file (/sys/kernel/btf/vmlinux, \
a vmlinux, either gzip'd).

Exit status: 0 it ran, 1 the program faulted, two compared ones differ or a test failed, \
2 bad input or usage, 3 an internal error.`;

const HOOKS = PROGRAM_TYPES.map((row) => row.name);

function oneOf<T extends string>(
  option: string,
  value: string | undefined,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new InputError(`--${option}`, `"${value}" is not one of ${allowed.join(', ')}`);
  return found;
}

/** Reads the arguments behind the program's name; undefined where help is asked for. */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new InputError('usage', error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help || positionals[0] === 'help') return undefined;
  const [command, ...operands] = positionals;
  if (command === undefined)
    throw new InputError(
      'usage',
      'a command is missing: inspect, disasm, run, chain, link, test or conformance ' +
        '(--help shows them)',
    );
  if (
    [values.packet, values['packet-file'], values.pcap].filter((value) => value !== undefined)
      .length > 1
  ) {
    throw new InputError('usage', 'give one of --packet, --packet-file and --pcap');
  }
  if (values.as !== undefined && values.packet === undefined && values['packet-file'] === undefined)
    throw new InputError(
      'usage',
      '--as says how packet text is read: give --packet or --packet-file too',
    );
  if (values.pcap === undefined && (values.each || values['write-pcap'] !== undefined))
    throw new InputError('usage', '--each and --write-pcap are for captures: give --pcap too');
  if (command !== 'test' && (values.object ?? values.junit ?? (values.tap || undefined)))
    throw new InputError('usage', '--object, --tap and --junit are for test');
  const engine = engineNamed(oneOf('engine', values.engine, ENGINE_NAMES));
  return {
    command,
    operands,
    json: values.json,
    trace: values.trace,
    each: values.each,
    writePcap: values['write-pcap'],
    cover: values.cover,
    writeDumps: values['write-dumps'],
    compare: {
      object: values.compare,
      program: values['compare-program'],
      engine: engineNamed(oneOf('compare-engine', values['compare-engine'], ENGINE_NAMES)),
    },
    program: values.program,
    hook: oneOf('hook', values.hook, HOOKS),
    packet: values.packet,
    packetFile: values['packet-file'],
    pcap: values.pcap,
    as: oneOf('as', values.as, [...DIALECTS.keys()]),
    btf: values.btf,
    ipMode: oneOf('ip-mode', values['ip-mode'], ['on', 'off']),
    // One packet is over before it would be compiled.
    engine: engine ?? (values.pcap === undefined ? INTERPRETER : JIT),
    map: (values.map ?? []).map(mapSizeOf),
    set: values.set ?? [],
    object: values.object,
    junit: values.junit,
    maps: oneOf('maps', values.maps, MAP_LISTINGS)!,
    maxSteps: values['max-steps'] === undefined ? undefined : stepCount(values['max-steps']),
  };
}

const engineNamed = (name: string | undefined): Engine | undefined =>
  ENGINES.find((engine) => engine.name === name);

function stepCount(text: string): number {
  const count = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InputError('--max-steps', `"${text}" is not a number of steps`);
  return count;
}
