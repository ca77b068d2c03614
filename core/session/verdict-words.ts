import { InputError } from '../errors.ts';
import type { Verdict } from '../hooks/verdict.ts';
import { ACTIONS, type HookName, programType } from '../spec/program-types.ts';

/**
 * Verdicts that have no row of their own (hooks/verdict.ts): lengths, codes that a hook does not
 * know, values of uBPF.
 */
const OTHERS = [
  /^keep \d+ bytes?$/i,
  /^message of \d+ bytes?$/i,
  /^needs more data$/i,
  /^error(?: -\d+)?$/i,
  /^unknown (?:action|code) -?\d+$/i,
  /^out of range(?: \d+)?$/i,
  /^0x[0-9a-f]+$/i,
];

const namesOf = (hook: HookName): string[] => {
  const { verdicts } = programType(hook);
  return verdicts.map(({ name }) => name);
};

/** An InputError where a word is no verdict of the hook: it could never be met. */
export function checkVerdictWord(hook: HookName, word: string, place: string): void {
  const words = [...namesOf(hook), ...ACTIONS];
  const isWord = words.some((known) => known.toLowerCase() === word.toLowerCase());
  if (isWord || OTHERS.some((pattern) => pattern.test(word))) return;
  throw new InputError(
    place,
    `"${word.slice(0, 60)}" is no verdict of ${hook}; there are ${words.join(', ')}`,
  );
}

/** Whether a verdict is what a word says: by its name, or by what it does with the packet. */
export const isVerdictCalled = ({ name, action }: Verdict, word: string): boolean =>
  [name, action].some((known) => known.toLowerCase() === word.toLowerCase());
