// The gallery's examples as sessions.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Example, folderOf, inputsOfExample } from '../protocol/example.ts';
import type { Session } from '../session/session.ts';
import { openSession } from './run.ts';

const folder = join(process.cwd(), 'public/examples');
export const EXAMPLES = JSON.parse(
  readFileSync(join(folder, 'index.json'), 'utf8'),
) as readonly Example[];

/** An example, every packet run, at the start of the chosen one. */
export function openExample(name: string, packet = 0): Session {
  const example = EXAMPLES.find((candidate) => candidate.name === name)!;
  const object = new Uint8Array(readFileSync(join(folder, folderOf(example), example.object)));
  return openSession({ ...inputsOfExample(example, object, []), packet });
}
