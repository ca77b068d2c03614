import { I32, I64 } from './wasm-writer.ts';

/**
 * Locals of the function of a unit. The first are its parameters, but where it judges many packets:
 * the steps that are left where control stands, the step to stop at, and Machine.readable.
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
/** Types of all that every unit has, and what they are called. */
const LOCALS = [
  ...Array.from({ length: FIRST_REGISTER }, () => I32),
  ...Array.from({ length: REGISTER_COUNT + 1 }, () => I64),
];
const NAMES = [
  'steps_left',
  'end',
  'readable',
  'where',
  'stack',
  ...Array.from({ length: REGISTER_COUNT }, (_, register) => `r${register}`),
  'value',
];

/** Locals of a unit: those that every one has, and what is added. */
export class LocalSpace {
  private readonly all: number[] = [...LOCALS];
  private readonly called: string[] = [...NAMES];

  /** One more, of a name that others may have; answers its number. */
  add(type: number, name: string): number {
    this.called.push(name);
    return this.all.push(type) - 1;
  }

  /** What all of them are called, parameters too. */
  get names(): readonly string[] {
    return this.called;
  }

  /** Types of all that are none of its parameters. */
  behind(parameters: readonly number[]): readonly number[] {
    return this.all.slice(parameters.length);
  }
}
