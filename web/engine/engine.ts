/**
 * The only place that talks to the worker. Wishes are answered one at a time, in order; what a
 * reply carries goes into the session store, so that panes only draw. A worker that is gone is
 * replaced by another, which opens the session as it was kept.
 */
import type { ErrorView, KeptSession, Reply, Request, Wish } from '../../core/protocol/messages.ts';
import { merged, setSession, useSession } from '../stores/session.ts';
import { notify } from '../stores/ui.ts';
import { Life } from './life.ts';

/** After this long the page says that it works, and offers Pause. */
const BLINK_MS = 100;
/** A wish, or the session, that so many workers broke on is not given to another. */
const MOST_DEATHS = 2;
/** So many workers gone within this time: something takes them away whatever they do. */
const MANY_DEATHS = 4;
const SHORT_MS = 30_000;
/** A worker with nothing to do that is silent for so long is lost: a busy machine takes less. */
const LOST_SECONDS = 3;
/** One at work breathes, too; only reading a huge file may keep it for seconds. */
const HUNG_SECONDS = 12;

/** Wishes that panes make by themselves: they say nothing of what a person wants. */
const ASKS: ReadonlySet<Wish['type']> = new Set<Wish['type']>([
  'run-packets',
  'show-packets',
  'list-packets',
  'packet-statistics',
  'traffic-work',
  'chain-work',
  'hook-work',
  'traffic-query',
  'traffic-rows',
  'traffic-place',
  'traffic-statistics',
  'traffic-result',
  'variables',
  'evaluate',
  'marks',
  'flow',
  'compiled',
  'explain',
  'count-breakpoints',
  'expected-entries',
  'read-memory',
]);

/** Beside those, wishes that leave the verdict what it is: while others run, it is of before. */
const LEAVE_VERDICT: ReadonlySet<Wish['type']> = new Set<Wish['type']>([
  ...ASKS,
  'go',
  'pause',
  'share',
  'save-snapshot',
  'pack-kept',
  'export-map',
  'export-trace',
  'map-fields',
  'seek-packet',
  'traffic-order',
  'traffic-seek',
  'traffic-maps',
  'traffic-errand',
  'traffic-close',
  'chain-change',
  'chain-order',
  'chain-speed',
  'chain-dump',
  'hook-change',
  'hook-order',
  'go-to-note',
  'set-note',
  'keep-expectations',
  'set-expectation',
  'drop-expectations',
  'save-tests',
  'toggle-breakpoint',
  'toggle-line',
  'toggle-watchpoint',
  'set-rule',
  'set-expressions',
]);

interface Waiting {
  wish: Wish;
  key?: string;
  /** The engine's own: opens the session in a new worker. */
  isReplay?: true;
  /** Workers that went while they carried it out. */
  deaths: number;
  answer: (reply: Reply) => void;
}

const queue: Waiting[] = [];
let active: (Waiting & { id: number }) | undefined;
let blink: ReturnType<typeof setTimeout> | undefined;
let life: Life | undefined;
let nextId = 1;
/** Of work behind everybody's back: whose it is. */
let turn = 0;
/** The person stopped the run of the other packets; anything else they do lets it go on. */
let othersStopped = false;
/** What is to be kept of the session as it was last shown: a new worker opens that. */
let kept: KeptSession | undefined;
/** Of the last workers that went, when; ms. */
let deaths: number[] = [];

/** What is to be kept of the session; the same object as long as it is the same. */
export const keptSession = (): KeptSession | undefined => kept;

const presentStep = (): number => useSession.getState().snapshot?.step ?? 0;

/**
 * Sends a wish and answers with the worker's last word on it. Of waiting wishes with the same `key`
 * only the newest is sent: a slider that is dragged asks for more steps than can be shown.
 */
export function send(wish: Wish, key?: string): Promise<Reply> {
  if (!ASKS.has(wish.type)) othersStopped = false;
  return new Promise((answer) => {
    if (key !== undefined) dropWaiting(key);
    queue.push({ wish, key, answer, deaths: 0 });
    next();
    hurry();
    stepAside();
  });
}

/** Work that nobody waits for: it shows how far it is by itself. */
const WORKS = ['traffic-work', 'chain-work', 'hook-work'] as const;
const BEHIND: ReadonlySet<Wish['type']> = new Set<Wish['type']>(['run-packets', ...WORKS]);

/** Packets that are run behind everybody's back, however long one takes, stop for a wish. */
function stepAside(): void {
  if (active && BEHIND.has(active.wish.type) && queue.length > 0)
    post({ type: 'pause', id: nextId++ });
}

/** Stops the run under way: passes by the queue, or it would wait for the run itself. */
export function pause(): void {
  othersStopped = true;
  post({ type: 'pause', id: nextId++ });
}

function dropWaiting(key: string): void {
  const index = queue.findIndex((waiting) => waiting.key === key);
  if (index < 0) return;
  const [dropped] = queue.splice(index, 1);
  dropped.answer({ id: 0, kind: 'done' });
}

function next(): void {
  if (active || queue.length === 0) return;
  active = { ...queue.shift()!, id: nextId++ };
  const isStale = !LEAVE_VERDICT.has(active.wish.type);
  if (!BEHIND.has(active.wish.type))
    blink = setTimeout(() => {
      setSession((state) => ({ busy: state.busy ?? { what: 'working', done: 0 }, isStale }));
    }, BLINK_MS);
  post({ ...active.wish, id: active.id });
  hurry();
}

/**
 * Entries of a map are typed faster than thousands of packets run: while the next one waits, the
 * one under way leaves the packets to it.
 */
function hurry(): void {
  const type = 'set-map-entry';
  if (active?.wish.type === type && queue[0]?.wish.type === type)
    post({ type: 'hurry', id: nextId++ });
}

const startedLife = (): Life =>
  new Life({
    heard: receive,
    silent,
    gone: () => replace('was ended by the browser', true),
    broke: (words) => replace(words, true),
  });

/** Starts the worker, whose script is long, before there is anything to ask it. */
export function wake(): void {
  life ??= startedLife();
}

function post(request: Request): void {
  life ??= startedLife();
  life.post(request);
}

/**
 * At work a person decides whether to wait, for a while; with nothing to do it can only be lost.
 * What it hung on is not asked again.
 */
function silent(seconds: number): void {
  setSession({ stuck: seconds });
  if (!active && seconds >= LOST_SECONDS) replace('did not answer', true);
  else if (active && seconds >= HUNG_SECONDS)
    replace(`did not answer for ${HUNG_SECONDS} seconds`, false);
}

function receive(reply: Reply): void {
  if (useSession.getState().stuck !== undefined) setSession({ stuck: undefined });
  if (reply.kind === 'pong' || reply.kind === 'alive') return;
  if (reply.kind === 'progress') {
    const { what, done, total } = reply;
    // Within a blink of its start a run shows nothing: a bar that flashes tells nobody anything.
    setSession((state) => (state.busy ? { busy: { what, done, total } } : {}));
    return;
  }
  if (!active || reply.id !== active.id) return;
  const { answer } = active;
  finish();
  if (reply.kind === 'done') keep(reply.kept);
  const { view, snapshot } = reply;
  setSession((state) => ({
    busy: undefined,
    isStale: false,
    ...(view && { crash: undefined, ...merged(state, view) }),
    ...(snapshot && { snapshot }),
  }));
  answer(reply);
  next();
  runOthers(reply);
}

/** Packets without a verdict are run while there is nothing else to do. */
function runOthers(reply: Reply): void {
  if (active || reply.kind !== 'done') return;
  const { packetsRun, traffic, chain, hookLists } = useSession.getState().view ?? {};
  const works: (typeof WORKS)[number][] = [
    ...(traffic?.hasWork ? (['traffic-work'] as const) : []),
    ...(chain?.run?.hasWork ? (['chain-work'] as const) : []),
    ...(hookLists?.some(({ run }) => run?.hasWork) ? (['hook-work'] as const) : []),
  ];
  // A capture that is run, traffic that flows and packets past a hook's programs take turns.
  turn += 1;
  const type = works[turn % works.length];
  if (packetsRun?.more && !othersStopped) void send({ type: 'run-packets' });
  else if (type) void send({ type });
}

/** What is as it was stays the same object: nobody writes it again. */
function keep(news: Partial<KeptSession> | undefined): void {
  if (news === undefined) return;
  const isOther =
    news.object ?? news.packets ?? news.objects ?? news.description !== kept?.description;
  if (isOther) kept = { ...kept, ...news } as KeptSession;
}

function finish(): void {
  clearTimeout(blink);
  active = undefined;
  setSession({ busy: undefined, isStale: false, stuck: undefined });
}

/** Gives up a stuck worker and what it was asked for; the session goes on in a new one. */
export function restart(): void {
  deaths = [];
  replace('was given up', false);
}

/**
 * Puts another worker in the place of one that is no good, which opens the session again and is
 * asked `again` for what was under way: unless just that, or the session, is what workers break on.
 */
function replace(why: string, again: boolean): void {
  life?.terminate();
  life = undefined;
  const given = active;
  finish();
  const now = performance.now();
  deaths = [...deaths.filter((time) => now - time < SHORT_MS), now];
  const count = (given?.deaths ?? 0) + 1;
  if (deaths.length >= MANY_DEATHS || (given?.isReplay && count >= MOST_DEATHS)) {
    stop(why, given);
    return;
  }
  setSession({ crash: undefined });
  if (given && again && count < MOST_DEATHS) queue.unshift({ ...given, deaths: count });
  else if (given) refuse(given, again ? `stopped the core twice: it ${why}` : why);
  if (kept && !queue[0]?.isReplay) queue.unshift(replayOf(kept));
  if (kept) tellRestart(why);
  next();
}

const replayOf = (session: KeptSession): Waiting => ({
  wish: { type: 'open-kept', kept: session, step: presentStep() },
  isReplay: true,
  deaths: 0,
  answer: (reply) => {
    if (reply.kind === 'error') setSession({ crash: reply.error.message });
  },
});

function refuse(waiting: Waiting, message: string): void {
  const error: ErrorView = { kind: 'input', place: 'The last thing asked', message };
  waiting.answer({ id: 0, kind: 'error', error });
}

function tellRestart(why: string): void {
  const capture = useSession.getState().view?.traffic?.name;
  notify({
    topic: 'core',
    text:
      `The core ${why}, and was started again: the session is as it was. ` +
      'Undo begins anew here.',
    ...(capture !== undefined && {
      lines: [`${capture} is not open any more: open the file again for its packets.`],
    }),
  });
}

/** No further worker is tried: all that waits is told, and the page says what can be done. */
function stop(words: string, given: Waiting | undefined): void {
  deaths = [];
  const waiting = [...(given ? [given] : []), ...queue.splice(0)];
  setSession({ crash: words });
  const error: ErrorView = { kind: 'bug', place: '', message: words };
  for (const one of waiting) if (!one.isReplay) one.answer({ id: 0, kind: 'error', error });
}
