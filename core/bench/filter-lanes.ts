// What runs a filter beside native code: a thread of Node, a page of Chromium.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Browser } from 'playwright';
import type { Column, Lane } from './against-native.ts';
import type { FilterEngine } from './filter-rounds.ts';
import type { Filter } from './filters.ts';

const tools = join(process.cwd(), 'node_modules/.cache/tools');

/** Compiled code, and what is done around it. */
const compiledColumns = (where: string): Column[] => [
  { label: `jit, ${where}` },
  { label: 'around it', isPart: true },
];

export function threadLane({ name, object }: Filter, engine: FilterEngine): Lane {
  const objectBytes = new Uint8Array(readFileSync(object));
  const thread = new Worker(join(tools, 'realm.mjs'), {
    workerData: { objectBytes, filter: name, engine },
  });
  thread.on('error', (error) => {
    throw error;
  });
  const ask = <Answer>(question: string): Promise<Answer> =>
    new Promise((resolve) => {
      thread.once('message', resolve);
      thread.postMessage(question);
    });
  return {
    columns: engine === 'jit' ? compiledColumns('Node') : [{ label: `${engine}, Node` }],
    round: () => ask('round'),
    sum: () => ask('sum'),
    close: () => thread.terminate(),
  };
}

export async function pageLane(browser: Browser, { name, object }: Filter): Promise<Lane> {
  const page = await browser.newPage();
  const content = readFileSync(join(tools, 'browser.mjs'), 'utf8');
  await page.addScriptTag({ content, type: 'module' });
  await page.waitForFunction('typeof filterRounds === "function"');
  const bytes = JSON.stringify([...readFileSync(object)]);
  const of = `filterRounds('jit', ${JSON.stringify(name)}, Uint8Array.from(${bytes}))`;
  await page.evaluate(`globalThis.rounds = ${of}; 0`);
  return {
    columns: compiledColumns('Chromium'),
    round: () => page.evaluate('rounds.round()'),
    sum: () => page.evaluate('rounds.sum()'),
    close: () => page.close(),
  };
}
