import { InputError } from '../errors.ts';
import { filterUbpfHelpers } from '../helpers/filter-ubpf.ts';
import { kfunc } from '../helpers/kfuncs.ts';
import { describeHelper, helpersOf } from '../helpers/table.ts';
import { packetRoom } from '../hooks/enter.ts';
import { buildCodeSpace, type CodeSpace } from '../machine/code-space.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import { kernelStructure } from '../machine/kernel-structure.ts';
import { createStack, type HelperFunction, Machine } from '../machine/machine.ts';
import { DEFAULT_NETWORK, type Network } from '../machine/network.ts';
import { Recorder } from '../machine/recorder.ts';
import { openSockets, socketNumbered } from '../machine/sockets.ts';
import { type CompletedMap, completeMap, type MapSize } from '../maps/completion.ts';
import { createMap, createMapOrProblem } from '../maps/create.ts';
import { type GuestMap, wordBytes } from '../maps/map.ts';
import { isMapOfMaps, misfit } from '../maps/map-in-map.ts';
import { SocketMap } from '../maps/sockets.ts';
import { address, Memory, regionInfo, regionOf } from '../memory/memory.ts';
import type { LinkedCode, LoadedObject, MapDefinition, Program } from '../object/types.ts';
import type { Constant } from '../program/code.ts';
import { FILTER_UBPF_HELPERS } from '../spec/helpers.ts';
import { kfuncByName } from '../spec/kfuncs.ts';
import { CPU_COUNT, MAP_TYPE_ID } from '../spec/map-types.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { mapsNamed, sortPrograms } from './slot-programs.ts';

export interface Build {
  readonly machine: Machine;
  /** Linear address of the packet's room, and the longest packet it takes. */
  readonly room: number;
  readonly longest: number;
  /** Makes a map more: one that user space creates. */
  readonly addMap: (definition: MapDefinition) => GuestMap;
}

const linkedOf = (program: Program): LinkedCode => {
  if ('error' in program.linked) throw program.linked.error;
  return program.linked;
};

const usesTailCalls = ({ maps }: LoadedObject): boolean =>
  maps.some(({ type }) => type === MAP_TYPE_ID.prog_array);

/**
 * Programs a run can reach: the one chosen first, then those that prog arrays can hold (all that
 * link, if any is used).
 */
function reachablePrograms(
  object: LoadedObject,
  program: Program,
): { name: string; linked: LinkedCode }[] {
  const others = usesTailCalls(object)
    ? object.programs.filter((other) => other !== program && 'bytes' in other.linked)
    : [];
  return [program, ...others].map((entry) => ({ name: entry.name, linked: linkedOf(entry) }));
}

/**
 * Indexes of the maps that code can get at: those it names, and those that are initial slots of
 * these.
 */
function usedMaps(
  object: LoadedObject,
  sources: readonly { readonly linked: LinkedCode }[],
): Set<number> {
  const used = new Set(sources.flatMap(({ linked }) => [...mapsNamed(linked, object.endian)]));
  for (const index of used) {
    for (const { map } of object.maps[index]?.initialSlots ?? [])
      if (map !== undefined) used.add(object.maps.findIndex(({ name }) => name === map));
  }
  return used;
}

/**
 * The maps of an object as the loader makes them: what it fills in depends on the machine's CPUs.
 */
export const completedMaps = (
  object: LoadedObject,
  { cpus = CPU_COUNT, mapSizes = [] }: Pick<Surrounds, 'cpus' | 'mapSizes'>,
): CompletedMap[] => object.maps.map((map) => completeMap(map, cpus, mapSizes));

/** Address of the map, variable or function a two-slot load names. */
function resolver(memory: Memory, maps: readonly GuestMap[], functions: Map<number, bigint>) {
  return (constant: Constant): bigint | undefined => {
    switch (constant.kind) {
      case 'number':
        return constant.value;
      case 'map':
        return maps[constant.map]?.handle;
      case 'map-value': {
        const map = maps[constant.map];
        return map && map.lookup(new Uint8Array(4), 0) + BigInt(constant.offset);
      }
      case 'function':
        return functionAddress(memory, functions, constant.entry);
      case 'variable':
        return 0n;
    }
  };
}

/** A region that stands for a function: its address is what bpf_loop and friends are given. */
function functionAddress(memory: Memory, functions: Map<number, bigint>, entry: number): bigint {
  const known = functions.get(entry);
  if (known !== undefined) return known;
  const region = memory.addRegion(
    regionInfo('function', () => ({ kind: 'other', name: `function at ${entry}` }), -entry * 8),
    0,
    0,
    0,
  );
  const made = address(region, entry * 8);
  functions.set(entry, made);
  return made;
}

/** filter-ubpf's six by name, as uBPF registers them. */
function ubpfHelper(name: string): HelperFunction | undefined {
  const row = FILTER_UBPF_HELPERS.find((helper) => helper.name === name);
  return row && filterUbpfHelpers.get(row.id);
}

/** Functions the object leaves undefined, by name: kernel functions, or helpers of uBPF. */
function externHelpers(object: LoadedObject, hook: HookName): ReadonlyMap<number, HelperFunction> {
  const found = new Map<number, HelperFunction>();
  const linux = programType(hook).helpers === 'linux';
  for (const [index, extern] of object.externs.entries()) {
    const helper = linux ? kfunc(hook, extern.name) : ubpfHelper(extern.name);
    if (helper) found.set(index, helper);
  }
  return found;
}

/**
 * Why an extern cannot be called: the kernel's own functions may be there and not here, others are
 * nowhere.
 */
const describeExtern =
  (object: LoadedObject, hook: HookName): Machine['describeExtern'] =>
  (index) => {
    const { name, kind } = object.externs[index] ?? { name: `extern ${index}`, kind: 'function' };
    if (kind === 'kfunc' && programType(hook).helpers === 'linux') {
      const built = kfuncByName(name) !== undefined;
      return built
        ? {
            kind: 'unknown-helper',
            message: `kernel function ${name} may not be called by ${hook} programs`,
          }
        : { kind: 'helper-not-built', message: `kernel function ${name} is not built here` };
    }
    return {
      kind: 'unknown-helper',
      message: `the object does not define ${name}, and no helper has that name`,
    };
  };

/** What programs read through a map's address: fields of the kernel's struct bpf_map. */
function giveMapFields(machine: Machine, map: GuestMap): void {
  const { type, keySize, valueSize, maxEntries, flags, extra = 0 } = map.definition;
  const numbers = {
    map_type: type,
    key_size: keySize,
    value_size: valueSize,
    max_entries: maxEntries,
    map_extra: extra,
  };
  const values = Object.entries({ ...numbers, map_flags: flags }).map(([name, value]) => [
    name,
    BigInt(value),
  ]);
  const region = regionOf(machine.memory, Number(map.handle >> 32n));
  machine.typed.set(region, kernelStructure(machine, 'bpf_map', Object.fromEntries(values)));
}

/** Puts the initial programs and maps of `.values` into the maps that hold such. */
function fillSlots(
  object: LoadedObject,
  maps: readonly GuestMap[],
  code: CodeSpace,
  littleEndian: boolean,
): void {
  for (const [i, definition] of object.maps.entries()) {
    for (const { index, program, map } of definition.initialSlots ?? []) {
      const number =
        program !== undefined
          ? code.programs.findIndex(({ name }) => name === program)
          : maps.findIndex((candidate) => candidate.definition.name === map);
      if (number < 0 || maps[i].problem !== undefined) continue;
      if (map !== undefined) checkInner(maps[i], maps[number]);
      maps[i].update(wordBytes(index, littleEndian), wordBytes(number + 1, littleEndian), 0n, 0);
    }
  }
}

/** The kernel takes no map that is not like the template (libbpf: failed to initialize slot). */
export function checkInner(outer: GuestMap, inner: GuestMap): void {
  const why = isMapOfMaps(outer) ? misfit(outer.inner, inner.definition) : undefined;
  if (why !== undefined)
    throw new InputError(
      `map "${outer.definition.name}"`,
      `map "${inner.definition.name}" cannot be put in: its ${why}`,
    );
}

/** The kernel loads no program with an instruction that is not defined, reached or not. */
function refuseUndefined({ programs, instructions }: CodeSpace): void {
  for (const program of programs) {
    for (let pc = program.start; pc < program.end; pc++) {
      const instruction = instructions[pc];
      if (instruction && instruction.row === undefined) {
        throw new InputError(
          `program "${program.name}", instruction ${pc - program.start}`,
          instruction.reason,
        );
      }
    }
  }
}

/** What of the surroundings decides how a machine is made. */
export interface Surrounds {
  readonly cpus?: number;
  readonly network?: Network;
  readonly mapSizes?: readonly MapSize[];
  readonly perfReader?: boolean;
  readonly engine?: Engine;
  /** Bytes beside the machine's own (Memory.scratch). */
  readonly scratch?: number;
}

/**
 * A machine for a program of an object, with its maps made; nothing of a packet yet. Throws the
 * program's own error.
 */
export function buildMachine(
  object: LoadedObject,
  program: Program,
  hook: HookName,
  longest: number,
  linear: WebAssembly.Memory,
  {
    cpus = CPU_COUNT,
    network = DEFAULT_NETWORK,
    mapSizes = [],
    perfReader = false,
    engine = INTERPRETER,
    scratch = 0,
  }: Surrounds = {},
): Build {
  const memory = new Memory(object.endian, linear);
  const sources = reachablePrograms(object, program);
  const callsFunctions = sources.some(({ linked }) => linked.functions.length > 1);
  const stackRegions = createStack(memory, callsFunctions && usesTailCalls(object));
  const room = memory.allocate(packetRoom(longest), 'the packet');
  const recorder = new Recorder(memory);
  const maps: GuestMap[] = [];
  const used = usedMaps(object, sources);
  const place = { cpus, maps, perfReader };
  for (const [index, { definition }] of completedMaps(object, { cpus, mapSizes }).entries())
    maps.push((used.has(index) ? createMap : createMapOrProblem)(memory, definition, place));
  const resolve = resolver(memory, maps, new Map());
  const code = buildCodeSpace(sources, object.endian, resolve, memory, scratch);
  refuseUndefined(code);
  if (code.slots === 0)
    throw new InputError(program.section, `program "${program.name}" has no instructions`);
  const machine = new Machine({
    engine,
    memory,
    code,
    maps,
    stackRegions,
    helpers: helpersOf(hook),
    externs: externHelpers(object, hook),
    describeHelper: describeHelper(hook),
    describeExtern: describeExtern(object, hook),
  });
  machine.recorder = recorder;
  machine.network = network;
  openSockets(machine, hook);
  for (const map of maps) giveMapFields(machine, map);
  for (const map of maps)
    if (map instanceof SocketMap)
      map.addressOf = (number) => socketNumbered(machine, number)?.address ?? 0n;
  sortPrograms(object, program, hook, machine);
  fillSlots(object, maps, code, memory.littleEndian);
  const addMap = (definition: MapDefinition): GuestMap => {
    const map = createMap(memory, definition, place);
    maps.push(map);
    giveMapFields(machine, map);
    return map;
  };
  return { machine, room, longest, addMap };
}
