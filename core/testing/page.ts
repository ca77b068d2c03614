// A page without a browser: wishes carried out to their end, replies put together.
import type { SessionInputs, SessionParts, SessionView, Wish } from '../protocol/messages.ts';
import { sideBySide } from '../protocol/view.ts';
import type { Session } from '../session/session.ts';
import { sessionParts } from '../view/view.ts';
import { Controller } from '../worker/controller.ts';

/** One memory for all tests of a process. */
const linear = new WebAssembly.Memory({ initial: 1 });

type Result = Awaited<ReturnType<Controller['carryOut']>>;
/** A reply with the whole set-up as the page shows it then, where any of it came. */
export type Shown = Omit<Result, 'view'> & { view?: SessionView };

export class TestPage {
  /** Names of the parts that the last reply brought. */
  brought: string[] = [];
  private parts: Partial<SessionParts> = {};
  private readonly controller = new Controller(linear, async (work) => {
    for (let next = work.next(); !next.done; next = work.next());
    return { stopped: false };
  });

  /** What the session is made of. */
  get made(): SessionInputs | undefined {
    return this.controller.made;
  }

  /** The set-up as the page shows it. */
  get shown(): SessionView | undefined {
    return this.parts.setUp && sideBySide(this.parts as SessionParts);
  }

  wish = async (wanted: Wish): Promise<Shown> => {
    const { view, ...others } = await this.controller.carryOut(wanted);
    this.brought = Object.keys(view ?? {});
    if (view === undefined) return others;
    this.parts = { ...this.parts, ...view };
    return { ...others, view: sideBySide(this.parts as SessionParts) };
  };
}

/** What a page shows of a session that it opens. */
export const viewOf = (session: Session): SessionView =>
  sideBySide(
    sessionParts({
      session,
      run: 1,
      packetNotes: [],
      packetAlternatives: [],
      traffic: undefined,
      chain: undefined,
      hookLists: [],
      changes: {},
      rows: { from: 0, count: Number.POSITIVE_INFINITY },
    }),
  );
