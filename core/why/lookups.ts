import { toHex } from '../bytes/hex.ts';
import { MAX_TAIL_CALLS } from '../machine/machine.ts';
import { type GuestMap, wordBytes } from '../maps/map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { locate, type Memory, READ } from '../memory/memory.ts';
import type { MapLookup } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import { helperById } from '../spec/helpers.ts';
import type { GuestAddress, Pc } from '../spec/units.ts';
import { keyText, valueText } from '../view/map-view.ts';
import { lineOf } from './branch-view.ts';
import { paddingNote } from './key-padding.ts';
import type { SliceResult } from './slice.ts';

/** Calls that are gone back to. */
const MOST_SHOWN = 12;

/**
 * What helpers with a key were asked and what they found: goes to each call again, so it changes
 * the machine.
 */
export function lookupsOf(session: Session, calls: SliceResult['mapCalls']): MapLookup[] {
  const machine = session.machine!;
  machine.restore(session.history.before(0));
  const found: MapLookup[] = [];
  for (const { step, pc, map, unwritten } of calls.slice(-MOST_SHOWN)) {
    session.advance(step);
    const lookup = lookupAt(session, machine.maps[map], pc);
    const padding = paddingNote(session.object, machine.maps[map].definition, unwritten);
    if (lookup) found.push({ ...lookup, ...(padding && { padding }) });
  }
  return found;
}

/** Of the call that runs next. */
function lookupAt(session: Session, map: GuestMap, pc: Pc): MapLookup | undefined {
  const machine = session.machine!;
  const { memory, steps } = machine;
  const { definition } = map;
  const row = machine.code.instructions[pc];
  const helper =
    row?.row?.kind === 'call' && row.row.op === 'call' ? helperById(row.slot.imm) : undefined;
  if (helper?.name === 'tail_call') return missedTailCall(session, map, pc);
  if (
    helper === undefined ||
    !/^map_(lookup|update|delete)/.test(helper.name) ||
    definition.keySize === 0
  )
    return undefined;
  const key = bytesAt(memory, machine.registers[2], definition.keySize);
  if (key === undefined) return undefined;
  session.advance(steps + 1);
  const address = machine.registers[0];
  const value = helper.name.startsWith('map_lookup')
    ? bytesAt(memory, address, definition.valueSize)
    : undefined;
  const { btf, endian } = session.object;
  return {
    step: steps,
    pc,
    ...lineOf(machine.code, pc),
    map: definition.name,
    helper: helper.name,
    key: toHex(key),
    keyText: keyText(btf, definition, key, endian),
    ...(helper.name.startsWith('map_lookup') && { found: address !== 0n }),
    ...(value && {
      value:
        valueText(session.object, machine, definition, key, value) || toHex(value.subarray(0, 32)),
    }),
  };
}

/** Of a tail call that runs next; undefined where it leaves for another program. */
function missedTailCall(session: Session, map: GuestMap, pc: Pc): MapLookup | undefined {
  const { code, memory, registers, steps, tailCalls } = session.machine!;
  if (!(map instanceof ProgArray)) return undefined;
  const index = Number(BigInt.asUintN(32, registers[3]));
  const { name, maxEntries } = map.definition;
  const isEmpty = map.program(index) === undefined;
  if (!isEmpty && tailCalls < MAX_TAIL_CALLS) return undefined;
  return {
    step: steps,
    pc,
    ...lineOf(code, pc),
    map: name,
    helper: 'tail_call',
    key: toHex(wordBytes(index, memory.littleEndian)),
    keyText: String(index),
    found: !isEmpty,
    missed: index >= maxEntries ? 'past-end' : isEmpty ? 'empty' : 'limit',
  };
}

function bytesAt(memory: Memory, address: GuestAddress, size: number): Uint8Array | undefined {
  const at = locate(memory, Number(address >> 32n), Number(address & 0xffff_ffffn), size, READ);
  return at < 0 ? undefined : memory.bytes.slice(at, at + size);
}
