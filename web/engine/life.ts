/** One worker, and whether it is there: what starts it, hears its end, and asks how it is. */
import type { Reply, Request } from '../../core/protocol/messages.ts';

/**
 * How often a worker is asked whether it is there, and after how long without a word it counts as
 * stuck: together two seconds.
 */
const PING_MS = 250;
const STUCK_MS = 1500;
/** A page that was itself away for so long knows nothing of its worker. */
const AWAY_MS = 1000;

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
  /** It has said something: until then its script is on the way, however slowly. */
  private alive = false;
  /** Since when it owes a sign of life, and when the page last looked; ms. */
  private asked: number | undefined;
  private looked = performance.now();
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
    this.timer = setInterval(() => this.look(), PING_MS);
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
    this.asked = undefined;
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
    const now = performance.now();
    const away = now - this.looked;
    this.looked = now;
    if (!this.alive || document.visibilityState === 'hidden') return;
    if (away > AWAY_MS) this.asked = undefined;
    if (this.asked === undefined) {
      this.asked = now;
      this.post({ type: 'ping', id: 0 });
    } else if (now - this.asked > STUCK_MS)
      this.listener.silent(Math.round((now - this.asked) / 1000));
  }
}
