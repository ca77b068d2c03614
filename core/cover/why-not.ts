import type { Machine } from '../machine/machine.ts';
import { dissect } from '../packet/dissect.ts';
import type { Session } from '../session/session.ts';
import { BranchViews } from '../why/branch-view.ts';
import { CauseNames } from '../why/cause-names.ts';
import { ALWAYS_THERE } from '../why/map-counterfactual.ts';
import { compares, type SlicedBranch, SliceRoom } from '../why/slice.ts';
import { MAP_CALL_STRIDE, type Trace } from '../why/trace.ts';

/** Things that a branch hangs on that are named. */
const MOST_WORDS = 4;

/** Why the other way of a branch may not be found: what it hangs on. */
export function whyNot(
  session: Session & { readonly machine: Machine },
  trace: Trace,
  branch: SlicedBranch,
): string {
  const { causes } = branch;
  if (!compares(causes)) return 'what it compares is the same for every packet and every map';
  if (isAlwaysThere(session.machine, trace, branch))
    return causes.packet.size === 0
      ? 'an array has every index below its size: the look-up always finds one'
      : 'an array has every index below its size: no packet that was tried asks for another';
  const names = new CauseNames(session, trace);
  const layers = dissect(session.frame, session.hook === 'ubpf' ? 'raw' : 'ethernet').layers;
  const view = new BranchViews(session, trace, new SliceRoom(trace), names, layers).of(
    branch,
    false,
  );
  const words = new Set([...(view.answers ?? []), ...(view.facts ?? []), ...(view.foundBy ?? [])]);
  const told = [...words].map(withoutAddress).slice(0, MOST_WORDS).join(', ');
  return `no packet or entry that was tried takes it; it hangs on this: ${told || view.compared}`;
}

/** An address says nothing to a reader. */
const withoutAddress = (words: string): string => words.replace(/ gave \d{10,}$/, ' gave memory');

/** The answer of a look-up in an array is compared with NULL. */
function isAlwaysThere(machine: Machine, trace: Trace, { causes, right, left }: SlicedBranch) {
  if (right !== 0n || left === 0n || causes.mapCalls.size === 0) return false;
  return [...causes.mapCalls].every((call) =>
    ALWAYS_THERE.has(machine.maps[trace.mapCalls.at(call * MAP_CALL_STRIDE + 1)].definition.type),
  );
}
