import { toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { mapContents, type RunOutcome } from '../session/outcome.ts';
import { runnableSession, type Session, type Work } from '../session/session.ts';
import type { Expectation, ExpectedEntry } from '../session/types.ts';

/** What is asked of each packet beside its verdict. */
export interface Kept {
  /** The packet that goes on, where one does. */
  readonly packetOut: boolean;
  /** Entries of maps that its run changed. */
  readonly maps: boolean;
}

/** Entries of a map that are compared, and those that one packet is kept with. */
const MOST_COMPARED = 1024;
const MOST_CHANGED = 64;

/** What each packet that was run has come to, as what it must come to. */
export function* keepExpectations(session: Session, kept: Kept): Work<Expectation[]> {
  const changed = kept.maps ? yield* changedEntries(session) : [];
  return session.outcomes.flatMap((outcome, packet) =>
    outcome === undefined ? [] : [expectationOf(packet, outcome, kept, changed[packet] ?? [])],
  );
}

/** What stays on its way: of others nobody sees the packet again. */
const GOES_ON: ReadonlySet<string> = new Set(['pass', 'tx', 'redirect', 'truncate', 'other']);

function expectationOf(
  packet: number,
  { verdict, fault, packetOut }: RunOutcome,
  kept: Kept,
  maps: ExpectedEntry[],
): Expectation {
  return {
    packet,
    verdict: verdict.name,
    ...(fault && { fault: fault.kind }),
    ...(kept.packetOut && GOES_ON.has(verdict.action) && { packetOut: toHex(packetOut) }),
    ...(maps.length > 0 && { maps }),
  };
}

/** By packet; the packets are run anew, the session stands where it stood. */
const changedEntries = (session: Session): Work<ExpectedEntry[][]> =>
  session.unrecorded(session.replay(entriesAlong(session)));

function* entriesAlong(session: Session): Work<ExpectedEntry[][]> {
  const { machine, inputs } = runnableSession(session);
  const changed: ExpectedEntry[][] = [];
  for (let packet = 0; packet < session.ranPackets; packet++) {
    session.begin(packet);
    const before = machine.maps.map((_, index) => contentsOf(machine, index));
    yield* session.completeFrame(packet, inputs.packets[packet]!.bytes);
    changed.push(
      machine.maps
        .flatMap(({ definition }, index) =>
          differing(definition.name, before[index], contentsOf(machine, index)),
        )
        .slice(0, MOST_CHANGED),
    );
  }
  return changed;
}

const contentsOf = (machine: Machine, index: number): Map<string, string> =>
  new Map(
    mapContents(machine, index, MOST_COMPARED).entries.map(({ key, value }) => [
      toHex(key),
      toHex(value),
    ]),
  );

/** `before`: undefined of a map that the run itself has made. */
function differing(
  map: string,
  before: ReadonlyMap<string, string> = new Map(),
  now: ReadonlyMap<string, string>,
): ExpectedEntry[] {
  const keys = new Set([...before.keys(), ...now.keys()]);
  return [...keys]
    .filter((key) => before.get(key) !== now.get(key))
    .map((key) => ({ map, key, value: now.get(key) ?? null }));
}
