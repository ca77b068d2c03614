import { I32, I64 } from './wasm-writer.ts';

/**
 * Locals of the function of a unit. Parameters: the steps that are done where control stands, the
 * step to stop at, and Machine.readable.
 */
export const STEPS = 0;
export const END = 1;
export const READABLE = 2;
/** Where the table of regions is and how many rows it has room for; a row of it. */
export const TABLE = 3;
export const ROWS = 4;
export const ROW = 5;
/** An offset in a region, or a linear address. */
export const WHERE = 6;
/** Linear address of the lowest byte of the running function's stack. */
export const STACK = 7;
const FIRST_REGISTER = 8;
const REGISTER_COUNT = 11;
/** A value on its way. */
export const VALUE = FIRST_REGISTER + REGISTER_COUNT;

export const registerLocal = (register: number): number => FIRST_REGISTER + register;

export const PARAMETERS = [I32, I32, I32];
export const LOCALS = [
  ...[TABLE, ROWS, ROW, WHERE, STACK].map(() => I32),
  ...Array.from({ length: REGISTER_COUNT + 1 }, () => I64),
];
