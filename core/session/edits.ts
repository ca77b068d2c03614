import { fromHex } from '../bytes/hex.ts';
import { parseInteger } from '../bytes/integer.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import type { GuestMap } from '../maps/map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { signedOffset } from '../memory/memory.ts';
import { isMapInMap } from '../spec/map-types.ts';
import { type RegionId, regionName } from '../spec/regions.ts';
import type { RegionOffset, Step } from '../spec/units.ts';
import { fillMap } from './fill-map.ts';
import { exactBytes, programValue, putEntry } from './presets.ts';
import { isRegister, placeOfMemory } from './travel/watch.ts';
import type { Edit, EditTarget } from './types.ts';

/** Bytes one edit may change. */
const MOST_BYTES = 65_536;

function bytesOf(edit: Edit, place: string): Uint8Array {
  const bytes = fromHex(edit.value);
  if (bytes === undefined || bytes.length === 0 || bytes.length > MOST_BYTES)
    throw new InputError(place, `"${edit.value.slice(0, 40)}" is not bytes in hex`);
  return bytes;
}

function setMemory(machine: Machine, edit: Edit, region: RegionId, offset: RegionOffset): void {
  const place = `${regionName(region)}${signedOffset(offset)}`;
  const bytes = bytesOf(edit, place);
  const at = placeOfMemory(machine, region, offset, bytes.length);
  if (at === undefined)
    throw new InputError(place, `${bytes.length} bytes are not there at step ${edit.step}`);
  machine.memory.bytes.set(bytes, at);
}

function presentMap(machine: Machine, name: string): GuestMap {
  const map = machine.mapNamed(name);
  if (map === undefined) throw new InputError(`map "${name}"`, 'does not exist');
  return map;
}

function setEntry(
  machine: Machine,
  { value }: Edit,
  target: Extract<EditTarget, { kind: 'map' }>,
): void {
  const place = `map "${target.map}"`;
  const map = presentMap(machine, target.map);
  const { type, valueSize } = map.definition;
  if (isMapInMap(type)) throw new InputError(place, 'is filled before the run: it holds maps');
  const bytesOfValue = (): Uint8Array =>
    map instanceof ProgArray
      ? programValue(machine, map, value)
      : exactBytes(value, valueSize, place, 'value');
  putEntry(machine, map, target, value === '' ? undefined : bytesOfValue());
}

/**
 * Changes the machine as a person asked, between two steps. Throws InputError where it cannot be.
 */
export function applyEdit(machine: Machine, edit: Edit): void {
  const { target } = edit;
  switch (target.kind) {
    case 'register': {
      const name = `r${target.index}`;
      if (target.index === 10)
        throw new InputError(name, 'is the frame pointer and stays as it is');
      if (!isRegister(target.index)) throw new InputError(name, 'is no register');
      machine.registers[target.index] = BigInt.asUintN(64, parseInteger(edit.value, name));
      return;
    }
    case 'memory':
      setMemory(machine, edit, target.region, target.offset);
      return;
    case 'map':
      setEntry(machine, edit, target);
      return;
    case 'fill':
      fillMap(machine, presentMap(machine, target.map));
      return;
    case 'context': {
      if (machine.context === undefined)
        throw new InputError(target.field, 'this hook has no context');
      machine.context.set(target.field, BigInt.asUintN(64, parseInteger(edit.value, target.field)));
    }
  }
}

const NONE: readonly Edit[] = [];

/** `r1`, `stack-8`, `context.mark`, `hits[00000000]`. */
export function nameOfEdit({ target }: Edit): string {
  switch (target.kind) {
    case 'register':
      return `r${target.index}`;
    case 'memory':
      return `${regionName(target.region)}${signedOffset(target.offset)}`;
    case 'context':
      return `context.${target.field}`;
    case 'map':
      return `${target.map}[${target.key}]`;
    case 'fill':
      return `room of ${target.map}`;
  }
}

/** Edits of a packet by the step they stand behind, in the order they were made. */
export class Edits {
  private readonly byStep = new Map<number, Edit[]>();
  private readonly steps: readonly Step[];

  constructor(edits: readonly Edit[], packet: number) {
    for (const edit of edits)
      if (edit.packet === packet)
        this.byStep.set(edit.step, [...(this.byStep.get(edit.step) ?? []), edit]);
    this.steps = [...this.byStep.keys()].sort((a, b) => a - b);
  }

  /** The next step behind `step` that has any. */
  next(step: Step): Step {
    return this.steps.find((candidate) => candidate > step) ?? Number.POSITIVE_INFINITY;
  }

  /** Those made after so many steps. */
  at(step: Step): readonly Edit[] {
    return this.byStep.get(step) ?? NONE;
  }

  apply(machine: Machine): void {
    for (const edit of this.at(machine.steps)) applyEdit(machine, edit);
  }
}
