import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { type OpenSocket, socketAt } from '../machine/sockets.ts';
import { isBuilt, whyNotBuilt } from '../maps/create.ts';
import type { GuestMap } from '../maps/map.ts';
import { address, nameAddress, REGION_START, regionOf } from '../memory/memory.ts';
import { functionAt } from '../program/code.ts';
import { MAP_FLAGS, mapType, mapTypeName } from '../spec/map-types.ts';
import type { ArgumentType, Prototype } from '../spec/prototypes.ts';

/**
 * An argument as an unsigned and as a signed 32-bit number: what C's u32 and s32 parameters take of
 * a register.
 */
export const u32 = (value: bigint): number => Number(BigInt.asUintN(32, value));
export const i32 = (value: bigint): number => Number(BigInt.asIntN(32, value));

/**
 * Throws GuestFault where an argument is not what the helper's prototype wants. What memory a
 * pointer names is checked where it is read or written, since its size is in another argument.
 */
type Check = (machine: Machine, helper: string, register: Register) => void;
export type Register = 1 | 2 | 3 | 4 | 5;

const CHECKS: Readonly<Partial<Record<ArgumentType, Check>>> = {
  ctx: checkContext,
  const_map_ptr: checkMap,
  func: checkFunction,
  sock_common: checkSocket,
  socket: checkSocket,
  btf_id_sock_common: checkSocket,
};

/**
 * The helper behind the checks of its prototype (kernel/bpf/verifier.c, check_func_arg), in the
 * order of the registers. A pointer by its type in BTF may be NULL when the program runs, whatever
 * the prototype says, but for one that is given back: the helper asks.
 */
export function checked(helper: string, prototype: Prototype, run: HelperFunction): HelperFunction {
  const checks = prototype.arguments.flatMap(({ type, flags }, i) => {
    const check = CHECKS[type];
    const register = (i + 1) as Register;
    const maybeNull = flags?.includes('maybe_null') || (type === 'btf_id_sock_common' && !flags);
    return check ? [{ check, register, maybeNull }] : [];
  });
  if (checks.length === 0) return run;
  return (machine) => {
    for (const { check, register, maybeNull } of checks)
      if (!maybeNull || machine.argument(register) !== 0n) check(machine, helper, register);
    return run(machine);
  };
}

function unwanted(
  machine: Machine,
  helper: string,
  wanted: string,
  register: Register,
): GuestFault {
  const value = machine.argument(register);
  const name = nameAddress(machine.memory, value) ?? `0x${value.toString(16)}`;
  return new GuestFault(
    'bad-argument',
    `${helper} wants ${wanted} in r${register}, which is ${name}`,
  );
}

function checkContext(machine: Machine, helper: string, register: Register): void {
  const pointer = machine.argument(register);
  const region = regionOf(machine.memory, Number(pointer >> 32n));
  if (region === 0 || machine.memory.info[region].kind !== 'context' || pointer !== address(region))
    throw unwanted(machine, helper, 'the context', register);
}

/**
 * Helpers that a program may not use on a map it may only read (kernel/bpf/verifier.c,
 * record_func_map).
 */
const WRITERS = new Set([
  'bpf_map_update_elem',
  'bpf_map_delete_elem',
  'bpf_map_push_elem',
  'bpf_map_pop_elem',
]);

/** A map, of a type that is built and that the helper takes. */
function checkMap(machine: Machine, helper: string, register: Register): void {
  const map = machine.mapOf(machine.argument(register));
  if (map === undefined) throw unwanted(machine, helper, 'a map', register);
  const { type, name, flags } = map.definition;
  if (!isBuilt(map.definition))
    throw new GuestFault(
      'helper-not-built',
      `${helper} on map "${name}": map type ${mapTypeName(type)} is known but not built ` +
        `here, ${whyNotBuilt(map.definition)}`,
    );
  if (!mapType(type)!.helpers.includes(helper.replace(/^bpf_/, '')))
    throw new GuestFault(
      'bad-argument',
      `${helper} may not be used on ${mapTypeName(type)} map "${name}": the kernel refuses the ` +
        `program`,
    );
  if (flags & MAP_FLAGS.BPF_F_RDONLY_PROG && WRITERS.has(helper))
    throw new GuestFault(
      'bad-argument',
      `${helper} may not be used on map "${name}" with BPF_F_RDONLY_PROG: ` +
        `the kernel refuses the program`,
    );
}

function checkFunction(machine: Machine, helper: string, register: Register): void {
  if (functionEntry(machine, machine.argument(register)) === undefined)
    throw unwanted(machine, helper, 'a function', register);
}

/** A socket; of what a prototype has as something else, the helper asks for it. */
export function checkSocket(machine: Machine, helper: string, register: Register): void {
  if (socketAt(machine, machine.argument(register)) === undefined)
    throw unwanted(machine, helper, 'a socket', register);
}

/** The map in a register; only for one that the prototype has as a map. */
export const mapArgument = (machine: Machine, register: Register = 1): GuestMap =>
  machine.mapOf(machine.argument(register))!;

/** The socket a register points at; only for one that the prototype has as a socket. */
export const socketArgument = (machine: Machine, register: Register): OpenSocket =>
  socketAt(machine, machine.argument(register))!;

/** First slot of the function a register names; only for one that the prototype has as such. */
export const functionArgument = (machine: Machine, register: Register): number =>
  functionEntry(machine, machine.argument(register))!;

/** First slot of the function a pointer names; undefined where it names none. */
function functionEntry(machine: Machine, pointer: bigint): number | undefined {
  const region = regionOf(machine.memory, Number(pointer >> 32n));
  const entry = (Number(pointer & 0xffff_ffffn) - REGION_START) / 8;
  const isFunction =
    region !== 0 &&
    machine.memory.info[region].kind === 'function' &&
    pointer === address(region, entry * 8) &&
    functionAt(machine.code, entry) !== undefined;
  return isFunction ? entry : undefined;
}
