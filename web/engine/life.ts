/** One worker, and whether it is there: what starts it, hears its end, and asks how it is. */
import type { Reply, Request } from '../../core/protocol/messages.ts';

/**
 * How often a worker is asked whether it is there, and after how many looks without a word it
 * counts as stuck: together two seconds. Looks, not time: a page that was itself away knows
 * nothing.
 */
const LOOK_MS = 250;
const STUCK_LOOKS = 6;
/** A script is on the way so long, however slow the line; looks. */
const STARTING_LOOKS = 60;

export interface Listener {
  /** A reply; the worker is there. */
  heard(reply: Reply): void;
  /** It has not said a word for so many seconds. */
  silent(seconds: number): void;
  /** It is gone: ended by the browser, or by itself. */
  gone(): void;
  /** It broke, in its words. */
  broke(words: string): void;
}

/** A name that no worker of another page has. */
const newName = (): string =>
  `core-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

export class Life {
  private readonly worker: Worker;
  private readonly name = newName();
  private readonly listener: Listener;
  private readonly end = new AbortController();
  /** It has said something: until then its script is on the way. */
  private alive = false;
  /** Looks since it owes a sign of life; undefined: it has given the last one. */
  private owed: number | undefined;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(listener: Listener) {
    this.listener = listener;
    this.worker = new Worker(new URL('../../core/worker/worker.ts', import.meta.url), {
      type: 'module',
      name: this.name,
    });
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      listener.broke(event.message || 'the worker could not be started');
    };
    this.worker.onmessageerror = () =>
      listener.broke('a message from the worker could not be read');
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  post(request: Request): void {
    this.worker.postMessage(request);
  }

  /** Ends it; nothing is heard of it any more. */
  terminate(): void {
    this.end.abort();
    clearInterval(this.timer);
    this.worker.onmessage = null;
    this.worker.onerror = null;
    this.worker.terminate();
  }

  private receive(reply: Reply): void {
    this.alive = true;
    this.owed = undefined;
    if (reply.kind === 'alive') this.waitForEnd();
    else this.listener.heard(reply);
  }

  /**
   * The end of a worker is no event. But it holds a lock with its name from its beginning on, and
   * the browser gives that to the page the moment the worker is no more.
   */
  private waitForEnd(): void {
    navigator.locks
      ?.request(this.name, { signal: this.end.signal }, () => {
        if (!this.end.signal.aborted) this.listener.gone();
      })
      // It was ended by the page, or the page itself goes.
      .catch(() => undefined);
  }

  private look(): void {
    if (document.visibilityState === 'hidden') return;
    if (this.owed === undefined) {
      this.owed = 0;
      this.post({ type: 'ping', id: 0 });
      return;
    }
    this.owed += 1;
    if (this.owed >= (this.alive ? STUCK_LOOKS : STARTING_LOOKS))
      this.listener.silent(Math.round((this.owed * LOOK_MS) / 1000));
  }
}
