import { present } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import type { Nanoseconds } from '../spec/units.ts';
import { Session } from './session.ts';

/**
 * The session of a packet as the next one of another session, whose machine it goes on with: where
 * that is to stay as it is, the caller saves and restores it. `isFirst`: none ran in front of it;
 * `next`: when the one behind it comes, which lets timers be due, else as the session has it.
 */
export function nextPacketSession(
  session: Session & { readonly machine: Machine },
  bytes: Uint8Array,
  isFirst: boolean,
  next?: Nanoseconds,
): Session {
  const { machine, inputs, object } = session;
  if (!isFirst) machine.passTime();
  if (next !== undefined) machine.surroundings.next = next;
  const image = machine.save();
  const { time, random } = image.surroundings;
  const alone = new Session(
    {
      ...inputs,
      maps: [],
      // They are made in the packets that they were said of.
      edits: [],
      packets: [{ name: 'packet', bytes }],
      settings: { ...inputs.settings, time: time.toString(), seed: random },
    },
    machine.memory.linear,
    object,
  );
  alone.startFrom({ build: present(session.build, 'the machine of a session'), image, maps: [] });
  return alone;
}
