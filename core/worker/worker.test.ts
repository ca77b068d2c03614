import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Reply, Request, Wish } from '../protocol/messages.ts';
import { pcapOf } from '../testing/pcap.ts';

/** What a worker's global scope is to its script. */
const scope = {
  name: 'of a test',
  onmessage: undefined as unknown as (event: { data: Request }) => void,
  postMessage: (message: Reply) => {
    said.push(message);
    for (const done of waiting.splice(0)) done();
  },
};
let said: Reply[] = [];
let born: Reply[] = [];
let id = 0;
const waiting: (() => void)[] = [];

const locks = { request: vi.fn((_name: string, held: () => Promise<unknown>) => held()) };

beforeAll(async () => {
  vi.stubGlobal('self', scope);
  vi.stubGlobal('navigator', { locks });
  await import('./worker.ts');
  born = said;
}, 60_000);
afterAll(() => vi.unstubAllGlobals());
beforeEach(() => {
  said = [];
});

const told = (data: object): number => {
  id += 1;
  scope.onmessage({ data: { ...data, id } as Request });
  return id;
};
async function replyTo(request: number): Promise<Reply> {
  for (;;) {
    const found = said.find((one) => one.id === request && one.kind !== 'progress');
    if (found) return found;
    await new Promise<void>((done) => waiting.push(done));
  }
}
const wish = (wanted: Wish): Promise<Reply> => replyTo(told(wanted));

const FRAME =
  '525400123456525400654321080045000028000100004006' +
  '66c50a0000020a0000019c4001bb000000010000000050022000000000' +
  '00';
const PAIRS = FRAME.match(/../g)!.join(' ');
const ENDLESS = 'r0 = 0\nagain:\nr0 += 1\nif r0 != -1 goto again\nexit';
const assembly = (text: string): Wish => ({ type: 'open-text', text });
const settings = (maxSteps: number): Wish => ({ type: 'set-settings', settings: { maxSteps } });

test('it says that it lives once it holds the lock of its name, and never lets go', async () => {
  expect(locks.request.mock.calls.map(([name]) => name)).toEqual(['of a test']);
  expect(born).toEqual([{ id: 0, kind: 'alive' }]);
  const held = locks.request.mock.results[0].value as Promise<unknown>;
  const first = await Promise.race([held, new Promise((done) => setTimeout(done, 50, 'waiting'))]);
  expect(first).toBe('waiting');
});

test('a wish is answered once, with what the page has to keep of news', async () => {
  const first = await wish(assembly('r0 = 2\nexit'));
  expect(first).toMatchObject({ kind: 'done', view: expect.anything() });
  expect(first).toHaveProperty('kept.object');
  const packet = await wish({ type: 'open-text', text: FRAME, as: 'packet' });
  expect(packet).toHaveProperty('kept');
  // The object is the one the page has already.
  expect(packet).not.toHaveProperty('kept.object');
  const step = await wish({ type: 'go', go: { how: 'into' } });
  expect(step).toMatchObject({ kind: 'done', snapshot: { step: 1 } });
  expect(step).not.toHaveProperty('kept');
  expect(said.map((reply) => reply.id)).toEqual([...new Set(said.map((reply) => reply.id))]);
});

test('what is wrong with an input comes back with its place; the worker goes on', async () => {
  const refused = await wish({ type: 'open-text', text: 'no such thing', as: 'packet' });
  expect(refused).toMatchObject({ kind: 'error', error: { kind: 'input' } });
  expect(await wish({ type: 'go', go: { how: 'into' } })).toMatchObject({ kind: 'done' });
});

test('what is our own mistake is told as one, with where it happened', async () => {
  const broken = await wish({ type: 'open-file', name: 'none', bytes: undefined } as never);
  expect(broken).toMatchObject({ kind: 'error', error: { kind: 'bug', place: '' } });
  expect((broken as Extract<Reply, { kind: 'error' }>).error.message).toContain('Error');
});

test('wishes are carried out in their order', async () => {
  const ids = ['r0 = 1\nexit', 'r0 = 3\nexit'].map((text) => told(assembly(text)));
  const step = told({ type: 'go', go: { how: 'end' } });
  await replyTo(step);
  const finished = said.filter(({ kind }) => kind === 'done').map((reply) => reply.id);
  expect(finished).toEqual([...ids, step]);
});

test('at work it tells how far it is, answers a ping, and stops where it is told', async () => {
  await wish(assembly('r0 = 2\nexit'));
  await wish(settings(500_000_000));
  const long = told(assembly(ENDLESS));
  await vi.waitUntil(() => said.some((reply) => reply.kind === 'progress'), { timeout: 20_000 });
  expect(said.filter((reply) => reply.id === long && reply.kind === 'done')).toEqual([]);
  const ping = told({ type: 'ping' });
  expect((await replyTo(ping)).kind).toBe('pong');
  const pause = told({ type: 'pause' });
  expect((await replyTo(pause)).kind).toBe('done');
  const reply = await replyTo(long);
  expect(reply).toMatchObject({
    kind: 'done',
    notice: expect.stringMatching(/^Stopped before packet 1/),
  });
  const progress = said.filter((one) => one.kind === 'progress');
  expect(progress[0]).toMatchObject({ id: long, what: expect.any(String) });
}, 30_000);

test('it tells how far it is only of what takes a tenth of a second', async () => {
  await wish(assembly('r0 = 2\nexit'));
  await wish({ type: 'open-text', text: FRAME, as: 'packet' });
  await wish(settings(500_000_000));
  // A clock that goes on by so much each time it is read; from now on, since the worker keeps when
  // it last told.
  const ranAt = async (each: number) => {
    const start = performance.now();
    let reads = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      reads += 1;
      return start + reads * each;
    });
    said = [];
    await wish(assembly('r1 = 400000\nagain:\nr1 -= 1\nif r1 != 0 goto again\nr0 = 2\nexit'));
    clock.mockRestore();
    return { reads, tells: said.some(({ kind }) => kind === 'progress') };
  };
  const { reads, tells } = await ranAt(0);
  expect([reads > 20, tells]).toEqual([true, false]);
  expect([await ranAt(70 / reads), await ranAt(500 / reads)]).toMatchObject([
    { tells: false },
    { tells: true },
  ]);
});

test('stopped on the way to a packet behind others, it says what is missing', async () => {
  await wish(assembly('r0 = 2\nexit'));
  await wish({ type: 'open-text', text: `0000 ${PAIRS}\n\n0000 ${PAIRS}`, as: 'packet' });
  await wish({ type: 'select-packet', index: 1 });
  await wish(settings(500_000_000));
  const long = told(assembly(ENDLESS));
  await vi.waitUntil(() => said.some((reply) => reply.kind === 'progress'), { timeout: 20_000 });
  told({ type: 'pause' });
  expect(await replyTo(long)).toMatchObject({
    notice: expect.stringMatching(/^Stopped on the way to packet 2: what packets before it/),
  });
}, 30_000);

test('it goes on with a capture while the page draws, until something is asked', async () => {
  const frame = Uint8Array.from(Buffer.from(FRAME, 'hex'));
  const bytes = pcapOf(Array.from({ length: 20_000 }, () => ({ bytes: frame })));
  // So long that not all of them can be run in the time.
  await wish(assembly('r1 = 300000\nagain:\nr1 -= 1\nif r1 != 0 goto again\nr0 = 0\nexit'));
  await wish({ type: 'open-blob', name: 'many.pcap', blob: new Blob([bytes as BlobPart]) });
  const judged = async (): Promise<number> => {
    const reply = await wish({ type: 'traffic-statistics' });
    if (reply.kind !== 'done' || reply.value?.kind !== 'traffic-statistics')
      throw new Error('no statistics');
    return reply.value.judged;
  };
  const opened = await judged();
  const first = await wish({ type: 'traffic-work' });
  const told = first.kind === 'done' ? first.view?.traffic?.traffic?.judged : undefined;
  expect(told).toBeGreaterThanOrEqual(opened);
  expect(told).toBeLessThan(20_000);
  // Time in which nothing is asked.
  await new Promise((done) => setTimeout(done, 900));
  const then = await judged();
  expect(then).toBeGreaterThan(told ?? 0);
  expect(await judged()).toBe(then);
});
