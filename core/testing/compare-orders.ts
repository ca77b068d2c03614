// Whether runs depend on one another: the same packets from the first to the last and back, where
// nothing that one leaves may be seen by another.
import { assemble } from '../asm/assemble.ts';
import { JIT } from '../jit/jit.ts';
import type { Machine } from '../machine/machine.ts';
import { REGION_TAG } from '../memory/memory.ts';
import { loadRaw } from '../object/raw.ts';
import { inputsFor } from '../session/inputs.ts';
import { mapContents, type RunOutcome } from '../session/outcome.ts';
import { finish, runnableSession, Session } from '../session/session.ts';
import { dependencesOf } from '../traffic/dependence.ts';
import { accessSession, asText } from './compare-engines.ts';
import type { Random } from './random.ts';

const LONGEST = 1600;
const linear = new WebAssembly.Memory({ initial: 1 });

/** An address says which region it is of, and those have other numbers in each run. */
const isAddress = (r0: bigint): boolean => r0 >> 32n >= BigInt(REGION_TAG) && r0 >> 48n === 0n;

const told = ({ verdict, r0 = 0n, steps, fault, packetOut }: RunOutcome): string =>
  asText(isAddress(r0) ? [steps] : [verdict.name, r0, steps, fault?.kind, fault?.pc, packetOut]);

const mapsOf = (machine: Machine): string =>
  asText(machine.maps.map((_, map) => mapContents(machine, map).entries));

/**
 * Packets that come to something else in the other order, and whether maps are others behind them;
 * undefined where the runs may depend on one another.
 */
export function orderDifferences(
  session: Session,
  packets: readonly Uint8Array[],
): string[] | undefined {
  session.load(LONGEST);
  if (session.machine === undefined) return undefined;
  const runnable = runnableSession(session);
  if (dependencesOf(runnable).length > 0) return undefined;
  const before = mapsOf(session.machine);
  const run = (places: readonly number[]): Map<number, string> => {
    session.backToStart();
    // The first one of a session has nothing in front of it.
    return new Map(places.map((at, k) => [at, told(finish(session.runFrame(k, packets[at])))]));
  };
  const places = [...packets.keys()];
  const there = run(places);
  const back = run(places.toReversed());
  const differing = places.filter((at) => there.get(at) !== back.get(at));
  const words = differing.map((at) => `packet ${at}: ${there.get(at)} and ${back.get(at)}`);
  return mapsOf(session.machine) === before ? words : [...words, 'the maps are others'];
}

/** The code of a program with a few of its instructions others: fields, opcodes, places. */
export function damagedCode(code: Uint8Array, random: Random): Uint8Array {
  const bytes = code.slice();
  const any = (): number => 8 * random.below(code.length / 8);
  for (let times = random.between(1, 2); times > 0; times--) {
    const slot = any();
    const bit = 1 << random.below(8);
    random.pick([
      () => bytes.set([random.below(11) | (random.below(11) << 4)], slot + 1),
      () => bytes.set([bytes[slot + 2] ^ bit], slot + 2),
      () => bytes.set([bytes[slot + 4] ^ bit], slot + 4),
      () => bytes.set(code.subarray(any()).subarray(0, 8), slot),
      () => bytes.set([code[any()]], slot),
    ])();
  }
  return bytes;
}

/** A session on other code than a program's, with the same maps. */
export function sessionOnCode({ object, hook, inputs }: Session, bytes: Uint8Array): Session {
  const maps = object.maps.filter(({ initialSlots }) => initialSlots === undefined);
  const own = { ...loadRaw(object.name, bytes), maps };
  const settings = { ...inputs.settings, maxSteps: 3000 };
  const { options } = inputs;
  const session = new Session(
    { ...inputsFor(object.name, bytes), hook, options, settings },
    linear,
    own,
  );
  session.runBy(JIT);
  return session;
}

const CLEARED = Array.from({ length: 64 }, (_, i) => `*(u64 *)(r10 - ${8 * i + 8}) = 0`).join('\n');

/**
 * A session on a program that is all about pointers, with all of its stack written first where that
 * is wanted: else most may read what is not.
 */
export function clearedSession(seed: number, isCleared: boolean): Session {
  const { inputs, object } = accessSession(seed, JIT, []);
  const clearing = isCleared ? assemble(CLEARED) : new Uint8Array();
  const bytes = new Uint8Array([...clearing, ...inputs.object.bytes]);
  const own = { ...loadRaw(object.name, bytes), maps: object.maps };
  const session = new Session({ ...inputs, object: { ...inputs.object, bytes } }, linear, own);
  session.runBy(JIT);
  return session;
}
