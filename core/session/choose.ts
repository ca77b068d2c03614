import { InputError } from '../errors.ts';
import type { Options } from '../hooks/options.ts';
import type { Program } from '../object/types.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { hookOfSection } from '../spec/sections.ts';

/**
 * The program to begin with: one whose section names a hook before one of another section, that
 * before a function in .text; one that links before one that does not.
 */
export function firstProgram(programs: readonly Program[]): Program | undefined {
  const links = programs.filter((program) => 'bytes' in program.linked);
  const apart = links.filter((program) => program.section !== '.text');
  return (
    apart.find(({ section }) => hookOfSection(section).recognised) ??
    apart[0] ??
    links[0] ??
    programs[0]
  );
}

/**
 * Every option of a hook with its value: the user's, what the section name says, or the initial
 * one.
 */
export function optionValues(
  hook: HookName,
  chosen: readonly [string, string][],
  section: string,
): Options {
  const values = new Map(programType(hook).options.map((row) => [row.name, row.initial]));
  const recognised = hookOfSection(section);
  if (recognised.hook === hook)
    for (const [name, value] of Object.entries(recognised.options)) values.set(name, value);
  for (const [name, value] of chosen) {
    const row = programType(hook).options.find((option) => option.name === name);
    if (row === undefined)
      throw new InputError(`option ${name}`, `does not exist for ${hook} programs`);
    if (row.choices && !row.choices.includes(value))
      throw new InputError(`option ${name}`, `"${value}" is not one of ${row.choices.join(', ')}`);
    values.set(name, value);
  }
  return values;
}
