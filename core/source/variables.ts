import { SLOT_BYTES } from '../asm/encoding.ts';
import type { CodeSpace } from '../machine/code-space.ts';
import { type Machine, STACK_BYTES } from '../machine/machine.ts';
import { address } from '../memory/memory.ts';
import type { Location } from '../object/dwarf/location.ts';
import type { DebugInfo, DebugScope, DebugVariable } from '../object/dwarf/scopes.ts';
import { type Address, offsetOf, sectionOf } from '../object/dwarf/sections.ts';
import type { LoadedObject } from '../object/types.ts';
import { functionAt } from '../program/code.ts';
import type { Pc } from '../spec/units.ts';
import { type CValue, endianOf, MOST_BYTES, readBytes, valueAt, writtenBytes } from './c-value.ts';
import { debugAddress, debugInfoOf, scopesAt } from './debug-scopes.ts';
import { heldAt, type SourceFrame } from './place.ts';
import { enumeratorNamed } from './source-names.ts';
import { stackSize, storeSizes, storesSince } from './stack-size.ts';

/** A variable with what it holds; a text: why it holds nothing that can be told. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly parameter: boolean;
  readonly value: CValue | string;
  /** The register it lies in. */
  readonly register?: string;
  /** Why the value may be another variable's. */
  readonly doubt?: string;
  /** The compiler keeps it nowhere, or no longer. */
  readonly optimisedOut?: true;
}

/** The variables of a function, or of a call that was inlined, those of its blocks among them. */
export interface VariableGroup {
  readonly name: string;
  readonly kind: 'function' | 'inlined';
  readonly variables: readonly Variable[];
}

/** Slot of the instruction a frame stands at: of one that waits its call. */
export const slotOfFrame = (machine: Machine, depth: number): number =>
  depth === machine.frames.length ? machine.pc : machine.frames[depth].returnPc - 1;

/** A register of a frame: a call keeps r6 to r10 alone. */
function registerOf(machine: Machine, depth: number, index: number): bigint | undefined {
  if (index === 10) return address(machine.stackRegions[depth], STACK_BYTES);
  if (depth < machine.frames.length)
    return index >= 6 && index < 10 ? machine.frames[depth].saved[index - 6] : undefined;
  return index < 10 && machine.readable & (1 << index) ? machine.registers[index] : undefined;
}

/** The guest address of a byte of a section of global data. */
function dataAddress(machine: Machine, object: LoadedObject, at: Address): bigint | undefined {
  const section = object.sections.find(({ index }) => index === sectionOf(at))?.name;
  const map = machine.maps.find(
    ({ definition }) => definition.origin === 'global' && definition.section === section,
  );
  const start = map?.lookup(new Uint8Array(4), 0) ?? 0n;
  return start === 0n ? undefined : start + BigInt(offsetOf(at));
}

const sizes = new WeakMap<CodeSpace, Map<number, number>>();

function stackSizeOf(code: CodeSpace, pc: Pc, scope: DebugScope, info: DebugInfo): number {
  const found = functionAt(code, pc)!;
  const start = found.program.start + found.function.start;
  const known = sizes.get(code) ?? new Map<number, number>();
  sizes.set(code, known);
  const size =
    known.get(start) ??
    stackSize(code, start, found.program.start + found.function.end, scope, info.types);
  known.set(start, size);
  return size;
}

/** Frame bases that are r10, the end of the frame. */
const isFramePointer = ({ frameBase = [] }: DebugScope): boolean =>
  frameBase.length === 1 && ['reg10', 'call_frame_cfa'].includes(frameBase[0].name);

function frameOf(
  machine: Machine,
  object: LoadedObject,
  info: DebugInfo,
  depth: number,
  scope: DebugScope,
): SourceFrame {
  const top = address(machine.stackRegions[depth], STACK_BYTES);
  const size = stackSizeOf(machine.code, slotOfFrame(machine, depth), scope, info);
  return {
    endian: endianOf(machine),
    register: (index) => registerOf(machine, depth, index),
    frameBase: isFramePointer(scope),
    stack: (offset) => top + offset - (offset < 0n ? 0n : BigInt(size)),
    data: (at) => dataAddress(machine, object, at),
    read: (at, count) => readBytes(machine, at, count),
  };
}

function variableOf(standing: Standing, variable: DebugVariable): Variable {
  const { machine, depth, frame, info, at } = standing;
  const { types } = info;
  const { name, type, parameter, locations, constant } = variable;
  const base = { name, type: types.declaration(type), parameter };
  const size = Math.min(MOST_BYTES, types.sizeOf(type) ?? 0);
  if (size === 0) return { ...base, value: 'its type has no size' };
  if (constant !== undefined) {
    const held = heldAt(frame, constantPlace(constant), size);
    return { ...base, value: typeof held === 'string' ? held : { types, type, ...held } };
  }
  const place = locations.find(
    ({ range }) => range === undefined || (at >= range.start && at < range.end),
  );
  if (place === undefined) return { ...base, ...absent(standing, locations) };
  const held = heldAt(frame, place, size);
  if (typeof held === 'string') return { ...base, value: held };
  const { register, ...where } = held;
  if (isSpilled(standing, place, where.address, size))
    return { ...base, value: 'kept on the stack, DWARF does not say in which bytes of its slot' };
  const known =
    where.known ??
    (where.address === undefined ? undefined : writtenBytes(machine, where.address, size));
  if (known && !known.includes(1)) return { ...base, value: 'not written yet' };
  const doubt = doubtOf(standing, place, where.address, size);
  const isRunning = depth === machine.frames.length;
  const value = {
    types,
    type,
    ...where,
    ...(known && { known }),
    ...(register !== undefined && isRunning && { register }),
  };
  return {
    ...base,
    value,
    ...(register !== undefined && { register: `r${register}` }),
    ...(doubt && { doubt }),
  };
}

/** Of one without a place here: where the nearest is, since it may only not have its value yet. */
function absent(
  { machine, depth, at }: Standing,
  locations: readonly Location[],
): Pick<Variable, 'value' | 'optimisedOut'> {
  const ranges = locations.flatMap(({ range }) => range ?? []);
  if (ranges.length === 0) return gone('optimised out: DWARF has no place for it');
  const pcOf = (address: Address): Pc => slotOfFrame(machine, depth) + (address - at) / SLOT_BYTES;
  const before = ranges.filter(({ end }) => end <= at);
  const behind = ranges.filter(({ start }) => start > at);
  const next = pcOf(Math.min(...behind.map(({ start }) => start)));
  if (before.length === 0) return { value: `no value yet: kept from instruction ${next} on` };
  if (behind.length > 0) return gone(`optimised out here: kept again from instruction ${next} on`);
  const last = pcOf(Math.max(...before.map(({ end }) => end)));
  return gone(`optimised out here: kept up to instruction ${last - 1}`);
}

const gone = (value: string): Pick<Variable, 'value' | 'optimisedOut'> => ({
  value,
  optimisedOut: true,
});

/** Places of the stack, where a register waits or a variable lies. */
const isOfFrame = ({ operations: [first] }: Location): boolean =>
  ['fbreg', 'breg10'].includes(first?.name ?? '');

/**
 * LLVM goes on naming a slot in which a register waited when the slot is written again: by the
 * variable, or by another.
 */
function doubtOf(
  { machine, depth, at }: Standing,
  place: Location,
  where: bigint | undefined,
  size: number,
): string | undefined {
  if (where === undefined || place.range === undefined || !isOfFrame(place)) return undefined;
  const pc = slotOfFrame(machine, depth);
  const since = pc - (at - place.range.start) / SLOT_BYTES;
  const offset = Number(where - address(machine.stackRegions[depth], STACK_BYTES));
  const stores = storesSince(machine.code, since, pc, offset, size);
  return stores.length === 0
    ? undefined
    : `its slot of the stack was written since, ` +
        `at ${stores.map((store) => `pc ${store}`).join(', ')}: perhaps by another variable`;
}

/**
 * A register that waits on the stack of a big-endian machine: the variable is at the end of what is
 * stored, and LLVM names an earlier byte. Told by stores to its slot that reach behind it.
 */
function isSpilled(
  { machine, depth, frame }: Standing,
  place: Location,
  at: bigint | undefined,
  size: number,
): boolean {
  if (machine.memory.littleEndian || at === undefined || !isOfFrame(place)) return false;
  const slot = frame.stack(place.operations[0].operands[0] as bigint);
  const offset = slot - address(machine.stackRegions[depth], STACK_BYTES);
  const stored = storeSizes(machine.code, slotOfFrame(machine, depth), Number(offset));
  return size < 8 && stored.some((width) => slot + BigInt(width) > at + BigInt(size));
}

const constantPlace = (constant: bigint | Uint8Array): Parameters<typeof heldAt>[1] => ({
  operations:
    typeof constant === 'bigint'
      ? [
          { name: 'consts', number: 0, operands: [constant] },
          { name: 'stack_value', number: 0, operands: [] },
        ]
      : [{ name: 'implicit_value', number: 0, operands: [constant] }],
});

/** Where a frame stands in the source; undefined where no debug information says so. */
interface Standing {
  readonly machine: Machine;
  readonly depth: number;
  readonly info: DebugInfo;
  readonly at: Address;
  /** Outermost first. */
  readonly scopes: readonly DebugScope[];
  readonly frame: SourceFrame;
}

function standingOf(machine: Machine, object: LoadedObject, depth: number): Standing | undefined {
  const info = debugInfoOf(object);
  const at = info && debugAddress(machine.code, slotOfFrame(machine, depth));
  if (info === undefined || at === undefined) return undefined;
  const scopes = scopesAt(info, at);
  return scopes.length === 0
    ? undefined
    : { machine, depth, info, at, scopes, frame: frameOf(machine, object, info, depth, scopes[0]) };
}

/**
 * The variables of a frame, innermost function first: those of a block belong to the function it
 * stands in, where they hide others.
 */
export function variableGroups(
  machine: Machine,
  object: LoadedObject,
  depth: number,
): VariableGroup[] {
  const standing = standingOf(machine, object, depth);
  if (standing === undefined) return [];
  const groups: { name: string; kind: 'function' | 'inlined'; variables: Variable[] }[] = [];
  for (const { kind, name, variables } of standing.scopes) {
    const made = variables
      .filter((variable) => variable.name !== '')
      .map((one) => variableOf(standing, one));
    const outer = kind === 'block' ? groups.at(-1) : undefined;
    if (outer)
      outer.variables = [
        ...outer.variables.filter((one) => !made.some((inner) => inner.name === one.name)),
        ...made,
      ];
    else if (kind !== 'block') groups.push({ name, kind, variables: made });
  }
  return groups.reverse();
}

/** Global variables, by BTF or where the object has none by DWARF: those of a name, or all. */
export function globalVariables(machine: Machine, object: LoadedObject, only?: string): Variable[] {
  const found: Variable[] = [];
  for (const map of machine.maps) {
    const { variables = [], origin } = map.definition;
    const wanted = variables.filter(({ name }) => only === undefined || name === only);
    if (origin !== 'global' || wanted.length === 0) continue;
    const start = map.lookup(new Uint8Array(4), 0);
    for (const { name, offset, type } of wanted) {
      const typed =
        object.btf && type !== undefined ? { types: object.btf, type } : debugType(object, name);
      if (typed === undefined) continue;
      const value = valueAt(machine, typed.types, typed.type, start + BigInt(offset));
      const declaration = typed.types.declaration(typed.type);
      found.push({
        name,
        type: declaration,
        parameter: false,
        value: value ?? 'it cannot be read',
      });
    }
  }
  return found;
}

function debugType(object: LoadedObject, name: string): Pick<CValue, 'types' | 'type'> | undefined {
  const info = debugInfoOf(object);
  const variable = info?.globals.find((candidate) => candidate.name === name);
  return variable && { types: info!.types, type: variable.type };
}

/**
 * What the variable of that name holds in a frame: the innermost one, else a global one; undefined
 * where it is not known.
 */
export function variableNamed(
  machine: Machine,
  object: LoadedObject,
  depth: number,
  name: string,
): CValue | undefined {
  const standing = standingOf(machine, object, depth);
  for (const { variables } of standing?.scopes.toReversed() ?? []) {
    const found = variables.find((variable) => variable.name === name);
    if (found) return heldValue(variableOf(standing!, found));
  }
  const [global] = globalVariables(machine, object, name);
  return global ? heldValue(global) : enumeratorNamed(object, name);
}

const heldValue = ({ value }: Variable): CValue | undefined =>
  typeof value === 'string' ? undefined : value;
