/**
 * The only place that starts the worker. Wishes are answered one at a time, in order; what a reply
 * carries goes into the session store, so that panes only draw.
 */
import type { Reply, Request, SessionInputs, Wish } from '../../core/protocol/messages.ts';
import { merged, setSession, useSession } from '../stores/session.ts';

/** After this long the page says that it works, and offers Pause. */
const BLINK_MS = 100;
/**
 * How often the worker is asked whether it is there, and after how long without a word it counts as
 * stuck.
 */
const PING_MS = 500;
const STUCK_MS = 2000;

interface Waiting {
  wish: Wish;
  key: string | undefined;
  answer: (reply: Reply) => void;
}

const queue: Waiting[] = [];
let active: (Waiting & { id: number }) | undefined;
let blink: ReturnType<typeof setTimeout> | undefined;
let worker: Worker | undefined;
let nextId = 1;
/** The person stopped the run of the other packets; anything else they do lets it go on. */
let othersStopped = false;
/** Since when the worker owes a sign of life; ms. Undefined: it has answered. */
let asked: number | undefined;
/** It has said something: until then its script is on the way, however slowly. */
let alive = false;
/** What the session was made of when it was last shown: a new worker opens it again. */
let made: Partial<SessionInputs> | undefined;

/**
 * Sends a wish and answers with the worker's last word on it. Of waiting wishes with the same `key`
 * only the newest is sent: a slider that is dragged asks for more steps than can be shown.
 */
export function send(wish: Wish, key?: string): Promise<Reply> {
  if (wish.type !== 'run-packets') othersStopped = false;
  return new Promise((answer) => {
    if (key !== undefined) dropWaiting(key);
    queue.push({ wish, key, answer });
    next();
  });
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
  // The list itself says how far the other packets are: nobody waits for them.
  if (active.wish.type !== 'run-packets')
    blink = setTimeout(() => {
      setSession((state) => ({ busy: state.busy ?? { what: 'working', done: 0 } }));
    }, BLINK_MS);
  post({ ...active.wish, id: active.id });
}

setInterval(listen, PING_MS);

/** Asks the worker for a sign of life, and says so where none came for too long. */
function listen(): void {
  if (!alive || document.visibilityState === 'hidden') return;
  const now = performance.now();
  if (asked === undefined) {
    asked = now;
    post({ type: 'ping', id: nextId++ });
  } else if (now - asked > STUCK_MS) setSession({ stuck: Math.round((now - asked) / 1000) });
}

/**
 * Gives up the worker and what it was asked for; a new one opens the session as it was last shown,
 * and goes to its step.
 */
export function restart(): void {
  worker?.terminate();
  worker = undefined;
  asked = undefined;
  const given = active;
  const step = useSession.getState().snapshot?.step ?? 0;
  finish();
  setSession({ crash: undefined });
  given?.answer({
    id: given.id,
    kind: 'error',
    error: { kind: 'input', place: '', message: 'was given up' },
  });
  if (made)
    queue.unshift({
      wish: { type: 'open-inputs', inputs: { ...(made as SessionInputs), step } },
      key: undefined,
      answer: () => {},
    });
  next();
}

function post(request: Request): void {
  worker ??= start();
  worker.postMessage(request);
}

function start(): Worker {
  alive = false;
  const started = new Worker(new URL('../../core/worker/worker.ts', import.meta.url), {
    type: 'module',
    name: 'core',
  });
  started.onmessage = (event: MessageEvent<Reply>) => receive(event.data);
  started.onerror = (event) => {
    event.preventDefault();
    crash(event.message || 'the worker could not be started');
  };
  started.onmessageerror = () => crash('a message from the worker could not be read');
  return started;
}

function receive(reply: Reply): void {
  alive = true;
  asked = undefined;
  if (useSession.getState().stuck !== undefined) setSession({ stuck: undefined });
  if (reply.kind === 'pong') return;
  if (reply.kind === 'progress') {
    const { what, done, total } = reply;
    // Within a blink of its start a run shows nothing: a bar that flashes tells nobody anything.
    setSession((state) => (state.busy ? { busy: { what, done, total } } : {}));
    return;
  }
  if (!active || reply.id !== active.id) return;
  const { answer } = active;
  finish();
  if (reply.kind === 'done') {
    const { view, snapshot, inputs } = reply;
    if (inputs) made = { ...made, ...inputs };
    setSession((state) => ({
      busy: undefined,
      ...(view && merged(state, view)),
      ...(snapshot && { snapshot }),
    }));
  }
  answer(reply);
  next();
  runOthers(reply);
}

/** Packets without a verdict are run while there is nothing else to do. */
function runOthers(reply: Reply): void {
  const more = useSession.getState().view?.packetsRun.more ?? false;
  if (more && !othersStopped && !active && reply.kind === 'done')
    void send({ type: 'run-packets' });
}

function finish(): void {
  clearTimeout(blink);
  active = undefined;
  setSession({ busy: undefined, stuck: undefined });
}

/** Our own mistake: everything that waits is told, and the page says so. */
function crash(message: string): void {
  worker?.terminate();
  worker = undefined;
  asked = undefined;
  const waiting = active ? [active, ...queue.splice(0)] : queue.splice(0);
  finish();
  setSession({ crash: message });
  for (const one of waiting)
    one.answer({ id: 0, kind: 'error', error: { kind: 'bug', place: '', message } });
}
