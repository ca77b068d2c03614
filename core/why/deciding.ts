import { verdictOf } from '../hooks/verdict.ts';
import { jumpTarget } from '../program/control-flow.ts';
import type { DecisiveBranch, MapLookup } from '../protocol/messages.ts';
import { endingOf } from '../session/outcome.ts';
import type { Session, Work } from '../session/session.ts';
import type { Step } from '../spec/units.ts';
import type { SlicedBranch } from './slice.ts';

/** Steps that all trials may take together, and branches that are tried. */
const MOST_STEPS = 4_000_000;
const MOST_TRIED = 24;

/** Whether the other side of a place gives another verdict; untold: the run does not show it. */
type Turns = 'yes' | 'no' | 'untold';

/**
 * Finds the place of a run that decided its verdict: the nearest to the end whose other side gives
 * another one. The other side of a branch is taken although its condition says otherwise (predicate
 * switching, Zhang et al. 2006), so it needs no packet that would take it; where the program cannot
 * go on from there, since it dereferences the NULL it had just tested for, what was tried of other
 * packets and entries tells. The other side of a tail call is a program in its slot.
 */
export class DecidingSearch {
  private readonly session: Session;
  private steps = MOST_STEPS;

  constructor(session: Session) {
    this.session = session;
  }

  /** The step; of places that tell nothing the nearest, where none decides. Changes the machine. */
  find(
    branches: readonly { readonly branch: SlicedBranch; readonly view: DecisiveBranch }[],
    lookups: readonly MapLookup[],
  ): Work<Step | undefined> {
    return this.session.unrecorded(this.search(branches, lookups));
  }

  private *search(
    branches: readonly { readonly branch: SlicedBranch; readonly view: DecisiveBranch }[],
    lookups: readonly MapLookup[],
  ): Work<Step | undefined> {
    const places = [
      ...branches
        .filter(({ view }) => !view.passes)
        .map(({ branch, view }) => ({
          step: branch.step,
          turns: () => this.turnsBranch(branch, view, lookups),
        })),
      ...lookups
        .filter(({ missed }) => missed)
        .map((lookup) => ({ step: lookup.step, turns: () => turnsTailCall(lookup) })),
    ].sort((a, b) => b.step - a.step);
    // With no other place to choose there is nothing to try.
    if (places.length <= 1) return places[0]?.step;
    let untold: Step | undefined;
    for (const { step, turns } of places.slice(0, MOST_TRIED)) {
      const found = turns();
      if (found === 'yes') return step;
      if (found === 'untold') untold ??= step;
      yield { what: 'looking for what decided it', done: MOST_STEPS - this.steps };
    }
    return untold ?? places[0].step;
  }

  private turnsBranch(
    branch: SlicedBranch,
    { others, change }: DecisiveBranch,
    lookups: readonly MapLookup[],
  ): Turns {
    const forced = this.force(branch);
    if (forced !== 'untold') return forced;
    const isOther = change !== undefined && change.verdict !== this.session.outcome!.verdict.text;
    const byEntry = lookups.some(
      ({ map, key, change: entry }) =>
        entry && others.some((cause) => cause.map === map && cause.key === key),
    );
    return isOther || byEntry ? 'yes' : 'untold';
  }

  /** Goes the other way of a branch, whatever it compared. */
  private force({ step, pc, taken }: SlicedBranch): Turns {
    const { session } = this;
    const machine = session.machine!;
    if (this.steps <= step) return 'untold';
    machine.restore(session.history.before(0));
    session.advance(step + 1);
    const target = jumpTarget(machine.code.instructions[pc], pc);
    if (machine.status !== 'running' || target === undefined) return 'untold';
    machine.pc = taken ? pc + 1 : target;
    session.advance(Math.min(this.steps, session.inputs.settings.maxSteps));
    this.steps -= machine.steps;
    if (session.machine!.status !== 'finished') return 'untold';
    const { text } = verdictOf(session.hook, endingOf(machine, undefined), session.options);
    return text === session.outcome!.verdict.text ? 'no' : 'yes';
  }
}

/** Past the limit the chain ends wherever it was, so that decided it. */
function turnsTailCall({ missed, change }: MapLookup): Turns {
  if (missed === 'limit' || change) return 'yes';
  return missed === 'empty' ? 'no' : 'untold';
}
