import { I32, I64 } from './wasm-writer.ts';

/**
 * Locals of the function of a unit. Parameters: the steps that are left where control stands, the
 * step to stop at, and Machine.readable.
 */
export const STEPS_LEFT = 0;
export const END = 1;
export const READABLE = 2;
/**
 * Parameters more where it is one of many packets (packet-loop.ts): the packet, by bytes of a column;
 * its region and its context's; its length,
 * and the linear address of its first byte.
 */
export const AT = 3;
export const REGION = 4;
export const CONTEXT_REGION = 5;
export const LENGTH_OF_PACKET = 6;
export const BASE_OF_PACKET = 7;
/** A linear address. */
export const WHERE = 8;
/** Linear address of the lowest byte of the running function's stack. */
export const STACK = 9;
const FIRST_REGISTER = 10;
const REGISTER_COUNT = 11;
/** A value on its way. */
export const VALUE = FIRST_REGISTER + REGISTER_COUNT;

export const registerLocal = (register: number): number => FIRST_REGISTER + register;

export const PARAMETERS = [I32, I32, I32];
export const PACKET_PARAMETERS = [...PARAMETERS, I32, I32, I32, I32, I32];
/** Behind PARAMETERS. */
const LOCALS = [
  ...Array.from({ length: FIRST_REGISTER - PARAMETERS.length }, () => I32),
  ...Array.from({ length: REGISTER_COUNT + 1 }, () => I64),
];

/** Locals of a unit: those that every one has, and what is added. */
export class LocalSpace {
  private readonly all: number[] = [...LOCALS];

  /** One more; answers its number. */
  add(type: number): number {
    return PARAMETERS.length + this.all.push(type) - 1;
  }

  /** Types of all that are none of its parameters. */
  behind(parameters: readonly number[]): readonly number[] {
    return this.all.slice(parameters.length - PARAMETERS.length);
  }
}
