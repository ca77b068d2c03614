// Test files (core/expect) on objects that lie on the disk.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readTests } from '../expect/file.ts';
import type { Tests } from '../expect/judge.ts';
import { testInputs } from '../expect/set-up.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';

const bytesOf = (path: string) => new Uint8Array(readFileSync(path));

/** Of an object; `file`: as JSON, without its version. */
export async function testsOf(object: Uint8Array, file: object, name = 'program.o') {
  const text = JSON.stringify({ 'ebpf-playground-test': 1, ...file });
  return openTests('tests.json', text, inputsFor(name, object));
}

/** Of a file with the object that it names, or another. */
export const testsIn = (path: string, object?: Uint8Array): Promise<Tests> => {
  const text = readFileSync(path, 'utf8');
  const named = join(dirname(path), readTests(path, text).object!);
  return openTests(path, text, inputsFor(basename(named), object ?? bytesOf(named)));
};

async function openTests(path: string, text: string, base: ReturnType<typeof inputsFor>) {
  const file = readTests(path, text);
  const object = await openObject(base);
  return { inputs: testInputs(file, base, object), object };
}
