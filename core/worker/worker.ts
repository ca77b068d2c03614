import { Bug, InputError } from '../errors.ts';
import type { ErrorView, Reply, Request, Wish } from '../protocol/messages.ts';
import { changedInputs } from '../session/inputs.ts';
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
    if (pausing) {
      work.return(undefined as never);
      return { stopped: true };
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

/**
 * What the page has to know to begin anew: an object of megabytes goes there once, not with every
 * view.
 */
function news(): { inputs?: Partial<SessionInputs> } {
  const { made } = controller;
  if (made === undefined) return {};
  const inputs = changedInputs(told, made);
  told = made;
  return { inputs };
}

async function carryOut({ id, ...wish }: Wish & { id: number }): Promise<void> {
  current = id;
  pausing = false;
  try {
    const result = await controller.carryOut(wish);
    reply({ id, kind: 'done', ...result, ...(result.view && news()) });
  } catch (error) {
    reply({ id, kind: 'error', error: errorView(error) });
  }
}

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  if (data.type === 'pause') {
    pausing = true;
    reply({ id: data.id, kind: 'done' });
    return;
  }
  if (data.type === 'ping') {
    reply({ id: data.id, kind: 'pong' });
    return;
  }
  queue = queue.then(() => carryOut(data));
};
