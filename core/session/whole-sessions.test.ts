import { join } from 'node:path';
import { expect, test } from 'vitest';
import { flowOf } from '../coverage/flow.ts';
import { marksOf } from '../coverage/marks.ts';
import { traceFile } from '../coverage/trace-file.ts';
import type { Snapshot } from '../protocol/messages.ts';
import { regionName } from '../spec/regions.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { variablesOf } from '../view/variables-view.ts';
import { explainResult } from '../why/why.ts';
import { fingerprint } from './outcome.ts';
import { finish, type Session } from './session.ts';

const GOLDEN = join(import.meta.dirname, '../testdata/sessions');
/** Steps at which a run is looked at, in parts of it. */
const STOPS = [0, 0.2, 0.45, 0.7, 0.9, 1];
/** Packets of an example. */
const MOST_PACKETS = 4;
/** Of the blocks in graphs. */
const SIZES = { row: 18, head: 24, character: 7.3, side: 20 };

/** As text: numbers of any size, maps and bytes too; fields that are undefined are not there. */
const textOf = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, part) =>
      typeof part === 'bigint'
        ? `${part}n`
        : part instanceof Uint8Array
          ? Buffer.from(part).toString('hex')
          : part instanceof Map
            ? [...part]
            : part,
    1,
  );

/** The words of a place in a run; what says the same as data is tested where it is made. */
const inWords = ({ stop: _, ...words }: Snapshot) =>
  Object.assign(words, {
    frames: words.frames.map((frame) => ({ ...frame, region: regionName(frame.region) })),
    regions: words.regions.map(({ id: _, ...region }) => region),
  });

/** What every packet comes to, with the fingerprint that a link of it would carry. */
const outcomesOf = (name: string, { outcomes }: Session) =>
  outcomes.map((outcome, k) => ({ ...outcome, hash: finish(openExample(name, k).hash()) }));

/** All that is shown of a session while it is stepped through, by what it is shown in. */
function* shown(name: string, packet: number): Generator<[what: string, text: string]> {
  const outcomes = textOf(outcomesOf(name, openExample(name, packet)));
  const session = openExample(name, packet);
  yield ['outcomes', outcomes];
  yield ['trace', textOf(finish(traceFile(session, 'text')))];
  yield ['flow', textOf(finish(flowOf(session, true, SIZES)))];
  yield ['marks', textOf(finish(marksOf(session)))];
  finish(session.go({ how: 'end' }));
  const last = session.machine?.steps ?? 0;
  yield ['why', textOf(finish(explainResult(session, undefined)))];
  for (const part of STOPS) {
    finish(session.go({ how: 'to-step', step: Math.floor(last * part) }));
    yield [`step ${session.machine?.steps}`, textOf(inWords(snapshotOf(session)))];
    const { frames = [] } = snapshotOf(session);
    for (const frame of frames.keys())
      yield [
        `variables of frame ${frame} at step ${session.machine?.steps}`,
        textOf(variablesOf(session, frame, new Map())),
      ];
  }
}

/**
 * What programs do is compared with the kernel and what is said of it is tested part by part; this
 * keeps the whole of it, of every example of the gallery, as fingerprints.
 */
test.each(EXAMPLES.map(({ name, packets }) => [name, packets.length] as const))(
  '%s, as it is shown',
  async (name, packets) => {
    const lines: string[] = [];
    for (let packet = 0; packet < Math.min(packets, MOST_PACKETS); packet++)
      for (const [what, text] of shown(name, packet))
        lines.push(`packet ${packet + 1}, ${what}: ${text.length} ${fingerprint(text)}`);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
  },
);

test.each([['xdp-firewall', 1] as const])('%s in full', async (name, packet) => {
  const texts = [...shown(name, packet)].map(([what, text]) => `${what}: ${text}`);
  const golden = join(GOLDEN, `${name}.full.txt`);
  await expect(`${texts.join('\n')}\n`).toMatchFileSnapshot(golden);
});
