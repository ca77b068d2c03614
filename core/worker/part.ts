import { Bug } from '../errors.ts';
import type { CoreReply, CoreWish } from '../protocol/cores.ts';
import { finish } from '../session/session.ts';
import { CapturePart } from '../traffic/capture-part.ts';
import type { CoresThere } from '../traffic/cores.ts';
import type { MakeCore } from '../traffic/spread.ts';
import { spreadPays } from '../traffic/spread-pays.ts';
import { engineNamed } from './traffic-desk.ts';

/** The name of a worker that runs pieces of a capture for the page's own. */
const PART = 'part';
/** Each has a linear memory, of which a browser's process has room for few. */
const MOST = 8;

/**
 * The script of the worker once more, in the other role: so a page has no more to fetch and to
 * keep. A browser without workers of workers throws.
 */
const makePart: MakeCore = (listener) => {
  const worker = new Worker(self.location.href, { type: 'module', name: PART });
  worker.onmessage = ({ data }: MessageEvent<CoreReply>) => listener.heard(data);
  worker.onerror = (event) => {
    event.preventDefault();
    listener.broke(event.message || 'its script could not be loaded');
  };
  worker.onmessageerror = () => listener.broke('a message of it could not be read');
  return {
    post: (wish, moved) => worker.postMessage(wish, moved),
    end: () => worker.terminate(),
  };
};

export const coresThere = (): CoresThere => ({
  count: Math.min(MOST, navigator.hardwareConcurrency),
  make: makePart,
  pays: spreadPays,
});

/** Whether this worker is one of those. */
export const isPart = (): boolean => self.name === PART;

/** Carries out what it is asked, one wish behind the other; it is ended from outside. */
export function serveAsPart(linear: WebAssembly.Memory): void {
  let part: CapturePart | undefined;
  const carryOut = async (wish: CoreWish): Promise<void> => {
    if (wish.type === 'begin') {
      part = await CapturePart.begin(wish.inputs, engineNamed(wish.engine), linear);
      return;
    }
    if (part === undefined) throw new Bug('a piece came before its program');
    const columns = finish(part.run(wish.piece));
    const reply: CoreReply = { kind: 'judged', columns };
    const { row, steps, r0Low, r0High } = columns;
    const buffers = [row, steps, r0Low, ...(r0High ? [r0High] : [])].map(({ buffer }) => buffer);
    self.postMessage(reply, buffers);
  };
  let queue: Promise<void> = Promise.resolve();
  self.onmessage = ({ data }: MessageEvent<CoreWish>): void => {
    queue = queue
      .then(() => carryOut(data))
      .catch((error) => {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        self.postMessage({ kind: 'broke', message } satisfies CoreReply);
      });
  };
}
