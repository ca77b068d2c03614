// Workers that run pieces of a capture, in the test's own thread: what goes to them and comes back
// is copied as messages are.
import { ENGINES } from '../jit/engines.ts';
import type { CoreReply, CoreWish } from '../protocol/cores.ts';
import { finish } from '../session/session.ts';
import { CapturePart } from '../traffic/capture-part.ts';
import type { CoresThere } from '../traffic/cores.ts';
import type { CoreListener, CorePort } from '../traffic/spread.ts';
import type { Random } from './random.ts';

class TestCore implements CorePort {
  private readonly linear = new WebAssembly.Memory({ initial: 1 });
  private readonly listener: CoreListener;
  private readonly random: Random;
  private part: CapturePart | undefined;
  private queue: Promise<void> = Promise.resolve();
  private isOver = false;

  constructor(listener: CoreListener, random: Random) {
    this.listener = listener;
    this.random = random;
  }

  post(wish: CoreWish, moved: ArrayBuffer[]): void {
    const there = structuredClone(wish, { transfer: moved });
    this.queue = this.queue
      .then(() => this.carryOut(there))
      .catch((error) => this.listener.broke(String(error)));
  }

  end(): void {
    this.isOver = true;
  }

  private async carryOut(wish: CoreWish): Promise<void> {
    // One is as quick as another at times.
    for (let turns = this.random.below(4); turns > 0; turns--)
      await new Promise((next) => setTimeout(next, 0));
    if (this.isOver) return;
    if (wish.type === 'begin') {
      const engine = ENGINES.find(({ name }) => name === wish.engine)!;
      this.part = await CapturePart.begin(wish.inputs, engine, this.linear);
      return;
    }
    const columns = finish(this.part!.run(wish.piece));
    const reply: CoreReply = structuredClone({ kind: 'judged', columns });
    if (!this.isOver) this.listener.heard(reply);
  }
}

/** So many of them, which are used whatever time that takes. */
export const testCores = (count: number, random: Random): CoresThere => ({
  count,
  make: (listener) => new TestCore(listener, random),
  pays: () => true,
});
