import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, placedAt } from '../errors.ts';
import { readTests, testTextOf } from '../expect/file.ts';
import { judge, type TestResult, type Tests } from '../expect/judge.ts';
import { testInputs } from '../expect/set-up.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { finish } from '../session/session.ts';
import type { Arguments } from './arguments.ts';
import { cannotOpen } from './capture-files.ts';
import { junitText } from './junit.ts';
import { kernelTypesOf, readFile } from './set-up.ts';
import { tapLines } from './tap.ts';

type Write = (line: string) => void;

/** The results of one test file. */
export interface FileResults {
  /** As it was named in the call. */
  readonly file: string;
  readonly results: readonly TestResult[];
}

/** A test file with the object it is for, ready to be judged. */
interface Opened {
  readonly file: string;
  readonly tests: Tests;
}

async function opened(file: string, args: Arguments, note: Write): Promise<Opened> {
  const read = readTests(file, testTextOf(readFile(file), file));
  for (const line of read.notes) note(line);
  const path = args.object ?? (read.object && join(dirname(file), read.object));
  if (path === undefined)
    throw new InputError(file, 'names no object: give --object, or "object" in the file');
  const { externs, kernelTypes } = read;
  const base = {
    ...inputsFor(basename(path), readFile(path)),
    ...(externs && { externs }),
    ...(kernelTypes && { kernelTypes }),
    ...(await kernelTypesOf(args)),
  };
  const object = await openObject(base);
  return { file, tests: { inputs: testInputs(read, base, object), object } };
}

/**
 * `test`: every packet of the files with what it must come to, as TAP; answers 1 where one fails.
 * All files are read first, so that a mistake in one of them does not end a report in its middle.
 */
export async function testCommand(
  args: Arguments,
  write: Write,
  note: Write = () => {},
): Promise<number> {
  if (args.operands.length === 0)
    throw new InputError('usage', 'test takes one or more test files, none was given');
  const files: Opened[] = [];
  for (const file of args.operands) files.push(await opened(file, args, note));
  const all: FileResults[] = [];
  for (const { file, tests } of files)
    all.push({ file, results: placedAt(file, () => finish(judge(tests, args.engine))) });
  if (args.junit !== undefined) writeJunit(args.junit, junitText(all));
  for (const line of tapLines(all)) write(line);
  const failed = all.some(({ results }) => results.some(({ unmet }) => unmet.length > 0));
  return failed ? 1 : 0;
}

function writeJunit(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw cannotOpen(path, error);
  }
}
