/** What the program of a machine may do by its pointers (program/pointers.ts), by its hook. */
import type { Instruction } from '../asm/decode.ts';
import { controlFlowOf } from '../machine/control-flow.ts';
import type { Machine } from '../machine/machine.ts';
import { isMapOfMaps } from '../maps/map-in-map.ts';
import { type CallUse, type PointerUses, pointerUses } from '../program/pointers.ts';
import { contextFields } from '../spec/contexts.ts';
import { helperById, prototypeOf } from '../spec/helpers.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import type { Argument } from '../spec/prototypes.ts';

/** Programs of more instructions are not looked at. */
export const MOST_SLOTS = 65_536;

const ANY_REGISTER = 0b11_1110;
const ANYTHING: CallUse = { writes: ANY_REGISTER, calls: true, gives: 'anything' };

export const pointerUsesOf = (machine: Machine, hook: HookName): PointerUses =>
  pointerUses({
    code: machine.code,
    flow: controlFlowOf(machine),
    use: (instruction) => callUse(instruction, hook),
    isOfMaps: (map) => isMapOfMaps(machine.maps[map]),
    argument: programType(hook).context ? 'context' : 'packet',
    field: (offset, size) => fieldGives(hook, offset, size),
    maps: machine.maps.length,
  });

/** What a field of the hook's context gives, by its row. */
function fieldGives(hook: HookName, offset: number, size: number): 'packet' | 'lent' | 'number' {
  const { context } = programType(hook);
  const fields = context ? contextFields(context) : [];
  const field = fields.find((one) => one.offset < offset + size && offset < one.offset + one.size);
  if (field?.yields === 'pointer') return 'lent';
  return field?.yields.startsWith('packet-') ? 'packet' : 'number';
}

function callUse({ row, slot }: Instruction, hook: HookName): CallUse {
  const isLinux = programType(hook).helpers === 'linux';
  if (!isLinux || row.kind !== 'call' || row.op !== 'call') return ANYTHING;
  const helper = helperById(slot.imm);
  const prototype = helper && prototypeOf(helper, hook);
  // A call of what is not there is a fault.
  if (prototype === undefined) return { writes: 0, calls: false, gives: 'number' };
  const { arguments: taken, returns } = prototype;
  const map = taken.findIndex(({ type }) => type === 'const_map_ptr');
  const writes = taken.reduce((bits, one, i) => bits | (isWritten(one) ? 1 << (i + 1) : 0), 0);
  return {
    ...(map >= 0 && { map: map + 1 }),
    writes,
    calls: taken.some(({ type }) => type === 'func'),
    gives: GIVES[returns.type] ?? 'anything',
  };
}

const GIVES: Partial<Record<string, CallUse['gives']>> = {
  map_value: 'value',
  integer: 'number',
  void: 'number',
};

/** Objects that a call changes, whatever it says of the memory they lie in. */
const CHANGED: ReadonlySet<string> = new Set<Argument['type']>([
  'spin_lock',
  'timer',
  'kptr_xchg_dest',
  'dynptr',
  'iter',
]);
const isWritten = ({ type, flags = [] }: Argument): boolean =>
  flags.includes('write') || flags.includes('uninit') || CHANGED.has(type);
