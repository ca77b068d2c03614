import { Bug, InputError } from '../errors.ts';
import type { ErrorView, Reply, Request, Wish } from '../protocol/messages.ts';
import type { SessionInputs } from '../session/types.ts';
import { Controller, type Driver } from './controller.ts';

/**
 * How long the worker works before it lets messages in, and before a page is told that something
 * takes long; ms.
 */
const BREATH = 30;
const TELL_AFTER = 100;

/** One linear memory a worker: a browser's process has room for few (core/memory). */
const linear = new WebAssembly.Memory({ initial: 1 });
let current = 0;
let pausing = false;
let hurrying = false;
/** The inputs as the page knows them. */
let told: SessionInputs | undefined;
let queue: Promise<void> = Promise.resolve();

const reply = (message: Reply): void => self.postMessage(message);
const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const drive: Driver = async (work) => {
  const started = performance.now();
  let breathed = started;
  for (let next = work.next(); !next.done; next = work.next()) {
    const now = performance.now();
    if (now - breathed < BREATH) continue;
    if (now - started > TELL_AFTER) reply({ id: current, kind: 'progress', ...next.value });
    await nextTask();
    breathed = performance.now();
    if (pausing || hurrying) {
      work.return(undefined as never);
      return { stopped: true, hurried: hurrying };
    }
  }
  return { stopped: false };
};

const controller = new Controller(linear, drive);

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
  pausing = false;
  hurrying = false;
  try {
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

self.onmessage = ({ data }: MessageEvent<Request>): void => {
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
  queue = queue.then(() => carryOut(data));
};

// The page waits for this lock: it comes free when the worker is no more, which nothing else tells.
// Pages without a secure connection have no locks, and in frames a browser may refuse them.
navigator.locks
  ?.request(self.name, () => {
    reply({ id: 0, kind: 'alive' });
    return new Promise(() => undefined);
  })
  .catch(() => undefined);
