/** Regions that are known in a unit, and what is known of its accesses. */
import { READ, WRITE } from '../memory/memory.ts';
import type { Pc } from '../spec/units.ts';
import type { FieldSource } from './batch.ts';
import type { MostRounds } from './counted-loops.ts';
import type { UnitSource } from './instructions.ts';
import { type KnownRegion, STACK_LENGTH } from './known-regions.ts';
import { type LocalSpace, STACK } from './locals.ts';
import type { PacketUnit } from './packet-unit.ts';
import type { UnitShape } from './shape.ts';
import {
  CONTEXT,
  type Facts,
  knownFacts,
  PACKET_REGION,
  type PointerSum,
  STACK_REGION,
  valueRegion,
} from './value-flow.ts';
import { type Known, numberBetween, pointerInto, type RegionKey } from './values.ts';
import { I32, I64 } from './wasm-writer.ts';

const STACK_TOP = 512;
const FRAME = 10;
const WORD = 2 ** 32 - 1;

/** Locals of what a lookup has found. */
export interface FoundValue {
  readonly start: number;
  readonly base: number;
  readonly length: number;
  readonly size: number;
}

export class UnitRegions {
  readonly facts: ReadonlyMap<Pc, Facts>;
  readonly sums: ReadonlyMap<Pc, PointerSum>;
  private readonly rounds: ReadonlyMap<Pc, MostRounds>;
  /** By the slot of the lookup, where something is known of an access to its value. */
  readonly found = new Map<Pc, FoundValue>();
  /** Local of the address of the stack's lowest byte, where one is needed. */
  readonly stackStart: number | undefined;
  private readonly regions = new Map<RegionKey, KnownRegion>();

  constructor(
    shape: UnitShape,
    source: UnitSource,
    packet: PacketUnit | undefined,
    locals: LocalSpace,
    knowsStack: boolean,
  ) {
    const given = (pc: Pc): Known => this.given(pc, source);
    const { facts, sums, rounds } = knownFacts(shape, {
      at: source.instructionAt,
      constantAt: source.constantAt,
      entry: entryValues(source, knowsStack),
      given,
      contextAt: (offset, size) => {
        const value = source.batch?.contextValue(offset, size);
        return value && { value: contextKnown(value) };
      },
      isOwn: (pc) => source.lookups.has(pc) && !source.isDoubted(pc),
      borrows: source.borrows,
      isDoubted: source.isDoubted,
    });
    this.facts = facts;
    this.sums = sums;
    this.rounds = rounds;
    const wanted = new Set([...this.facts.values()].map(({ region }) => region));
    if (packet) this.regions.set(PACKET_REGION, packet.region);
    if (wanted.has(STACK_REGION)) {
      this.stackStart = locals.add(I64, 'stack_start');
      this.regions.set(STACK_REGION, {
        start: { local: this.stackStart },
        base: { local: STACK },
        length: STACK_LENGTH,
        rights: READ | WRITE,
      });
    }
    for (const [pc, { valueSize }] of source.lookups) {
      const key = valueRegion(pc, valueSize);
      if (!wanted.has(key)) continue;
      const start = locals.add(I64, 'value_start');
      const base = locals.add(I32, 'value_base');
      const length = locals.add(I64, 'value_length');
      this.found.set(pc, { start, base, length, size: valueSize });
      this.regions.set(key, {
        start: { local: start },
        base: { local: base },
        length: { local: length },
        rights: READ | WRITE,
      });
    }
  }

  /** The region that something is known of at a slot. */
  at(pc: Pc): { readonly facts: Facts; readonly region: KnownRegion } | undefined {
    const facts = this.facts.get(pc);
    const region = facts && this.regions.get(facts.region);
    return region && { facts, region };
  }

  /** How often control comes to the head of a loop at most, perhaps by the length of a region. */
  roundsAt(
    head: Pc,
  ): { readonly length: KnownRegion['length']; readonly more: number } | undefined {
    const rounds = this.rounds.get(head);
    if (rounds === undefined) return undefined;
    if (rounds.region === undefined) return { length: { always: 0 }, more: rounds.more };
    const region = this.regions.get(rounds.region);
    return region && { length: region.length, more: rounds.more };
  }

  private given(pc: Pc, source: UnitSource): Known {
    const lookup = source.lookups.get(pc);
    if (lookup) return lookup.isOpen ? pointerInto(valueRegion(pc, lookup.valueSize)) : undefined;
    const known = source.regionAt(pc);
    if (known === undefined) return undefined;
    const key = `at ${known.region.start.always}`;
    this.regions.set(key, known.region);
    return pointerInto(key, known.offset);
  }
}

function entryValues({ batch }: UnitSource, knowsStack: boolean): Known[] {
  const zero = numberBetween(0, 0);
  const values: Known[] = Array.from({ length: FRAME }, () => (batch ? zero : undefined));
  values.push(knowsStack ? pointerInto(STACK_REGION, STACK_TOP) : undefined);
  if (batch?.memory) {
    const { r2, offsets } = batch.memory;
    const [low, high] = offsets;
    values[1] = { kind: 'pointer', region: PACKET_REGION, low, high };
    values[2] =
      r2 === 'length'
        ? { kind: 'length', region: PACKET_REGION, low: 0, high: 0 }
        : numberBetween(r2, r2);
  } else if (batch) values[1] = pointerInto(CONTEXT);
  return values;
}

function contextKnown(value: FieldSource): Known {
  switch (value.kind) {
    case 'constant': {
      const number = Number(BigInt.asUintN(64, value.value));
      return numberBetween(number, number);
    }
    case 'column':
      return numberBetween(0, WORD);
    case 'start':
      return pointerInto(PACKET_REGION);
    default:
      return { kind: value.kind, region: PACKET_REGION, low: 0, high: 0 };
  }
}
