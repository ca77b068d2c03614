import { Bug, InputError } from '../errors.ts';
import type { ErrorView, Reply, Request, Wish } from '../protocol/messages.ts';
import type { SessionInputs } from '../session/types.ts';
import { Controller, type Driver } from './controller.ts';
import { coresThere, isPart, serveAsPart } from './part.ts';

/**
 * How long the worker works before it lets messages in, and before a page is told that something
 * takes long; ms.
 */
const BREATH = 30;
const TELL_AFTER = 100;
const TIMER_EACH = 100;
/** How long it goes on with a capture that nobody asks for, ms. */
const AHEAD = 1000;

/** One linear memory a worker: a browser's process has room for few (core/memory). */
const linear = new WebAssembly.Memory({ initial: 1 });
let current = 0;
let pausing = false;
let hurrying = false;
/** The inputs as the page knows them. */
let told: SessionInputs | undefined;
let queue: Promise<void> = Promise.resolve();
/** Wishes that came and were not begun. */
let waiting = 0;
/** Between two wishes. */
let isAhead = false;
/** What went wrong there: the next wish is told. */
let failed: { readonly error: unknown } | undefined;

const reply = (message: Reply): void => self.postMessage(message);
const channel = new MessageChannel();
let timed = 0;
/**
 * Lets messages in: by one to itself, since browsers make timers inside timers wait for
 * milliseconds; now and then by a timer all the same, so that no other kind of task starves.
 */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const now = performance.now();
    if (now - timed > TIMER_EACH) {
      timed = now;
      setTimeout(resolve, 0);
      return;
    }
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(undefined);
  });

const drive: Driver = async (work) => {
  const started = performance.now();
  let breathed = started;
  for (let next = work.next(); !next.done; next = work.next()) {
    const now = performance.now();
    if (now - breathed < BREATH) continue;
    if (now - started > TELL_AFTER && !isAhead)
      reply({ id: current, kind: 'progress', ...next.value });
    await nextTask();
    breathed = performance.now();
    if (pausing || hurrying || (isAhead && waiting > 0)) {
      work.return(undefined as never);
      return { stopped: true, hurried: hurrying };
    }
  }
  return { stopped: false };
};

const controller = new Controller(linear, drive, coresThere());

function errorView(error: unknown): ErrorView {
  if (error instanceof InputError)
    return { kind: 'input', place: error.place, message: error.reason };
  const message =
    error instanceof Bug
      ? error.message
      : `${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  return { kind: 'bug', place: '', message };
}

/** What the page has to keep: an object of megabytes goes there once, not with every view. */
function news(): Pick<Extract<Reply, { kind: 'done' }>, 'kept'> {
  const { made } = controller;
  if (made === undefined) return {};
  const kept = controller.keptNews(told);
  told = made;
  return { kept };
}

async function carryOut({ id, ...wish }: Wish & { id: number }): Promise<void> {
  current = id;
  waiting -= 1;
  pausing = false;
  hurrying = false;
  try {
    throwFailed();
    const result = await controller.carryOut(wish);
    reply({ id, kind: 'done', ...result, ...(result.view && news()) });
  } catch (error) {
    const { view, snapshot } = await controller.finish();
    reply({
      id,
      kind: 'error',
      error: errorView(error),
      ...(view && { view }),
      ...(snapshot && { snapshot }),
    });
  }
}

function throwFailed(): void {
  if (failed === undefined) return;
  const { error } = failed;
  failed = undefined;
  throw error;
}

/**
 * Goes on with a capture until something is asked, for as long as a page may take to draw what it
 * was told: otherwise it would wait for that.
 */
async function goAhead(): Promise<void> {
  const end = performance.now() + AHEAD;
  isAhead = true;
  try {
    while (waiting === 0 && performance.now() < end && (await controller.workAhead()))
      await nextTask();
  } catch (error) {
    failed = { error };
  }
  isAhead = false;
}

function receive({ data }: MessageEvent<Request>): void {
  if (data.type === 'pause') {
    pausing = true;
    reply({ id: data.id, kind: 'done' });
    return;
  }
  if (data.type === 'hurry') {
    hurrying = true;
    return;
  }
  if (data.type === 'ping') {
    reply({ id: data.id, kind: 'pong' });
    return;
  }
  waiting += 1;
  queue = queue.then(() => carryOut(data));
  if (data.type === 'traffic-work' || data.type === 'open-blob') queue = queue.then(goAhead);
}

function serve(): void {
  self.onmessage = receive;
  // The page waits for this lock: it comes free when the worker is no more, which nothing else
  // tells. Pages without a secure connection have no locks, and in frames a browser may refuse
  // them.
  navigator.locks
    ?.request(self.name, () => {
      reply({ id: 0, kind: 'alive' });
      return new Promise(() => undefined);
    })
    .catch(() => undefined);
}

if (isPart()) serveAsPart(linear);
else serve();
