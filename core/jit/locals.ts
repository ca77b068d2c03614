import { I32, I64 } from './wasm-writer.ts';

/**
 * Locals of the function of a unit. Parameters: the steps that are left where control stands, the
 * step to stop at, and Machine.readable.
 */
export const STEPS_LEFT = 0;
export const END = 1;
export const READABLE = 2;
/** A linear address. */
export const WHERE = 3;
/** Linear address of the lowest byte of the running function's stack. */
export const STACK = 4;
const FIRST_REGISTER = 5;
const REGISTER_COUNT = 11;
/** A value on its way. */
export const VALUE = FIRST_REGISTER + REGISTER_COUNT;

export const registerLocal = (register: number): number => FIRST_REGISTER + register;

export const PARAMETERS = [I32, I32, I32];
const LOCALS = [I32, I32, ...Array.from({ length: REGISTER_COUNT + 1 }, () => I64)];

/** Locals of a unit: those that every one has, and what is added. */
export class LocalSpace {
  /** Types of all behind the parameters. */
  readonly types: number[] = [...LOCALS];

  /** One more; answers its number. */
  add(type: number): number {
    return PARAMETERS.length + this.types.push(type) - 1;
  }
}
