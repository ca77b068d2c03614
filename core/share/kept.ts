import { joined } from '../bytes/joined.ts';
import { InputError } from '../errors.ts';
import type { KeptSession } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { describedSession, MAX_UNPACKED, otherObjects, type Shared } from './container.ts';
import { portableTypes } from './kernel-types.ts';
import { manifestText, parseManifest } from './manifest.ts';
import { isReadable, LINK_VERSION } from './upgrade.ts';

/**
 * A session as a page keeps it: the same as in a link, in parts, so that the large ones need not be
 * sent and written again with each change. The step is not in it: it changes with every key.
 */
const PLACE = 'the kept session';

/**
 * What of it is another than when it was told last, of a session made of `told` then.
 */
export function keptNews(session: Session, told: SessionInputs | undefined): Partial<KeptSession> {
  const { inputs } = session;
  const { kernelTypes } = portableTypes(session);
  return {
    version: LINK_VERSION,
    description: manifestText({ ...inputs, kernelTypes, step: 0 }, ''),
    ...(told?.object !== inputs.object && { object: inputs.object.bytes }),
    ...((told?.object !== inputs.object ||
      told?.chainObjects !== inputs.chainObjects ||
      told?.hookObjects !== inputs.hookObjects) && {
      objects: joined(otherObjects(inputs)),
    }),
    ...(told?.packets !== inputs.packets && {
      packets: joined(inputs.packets.map(({ bytes }) => bytes)),
    }),
  };
}

/** What a kept session was made of. It comes from a disk: nothing in it is trusted. */
export function decodeKept(kept: KeptSession, step: number): Shared {
  const { version, description, object, packets, objects = new Uint8Array() } = kept;
  if (!Number.isInteger(version) || !isReadable(version))
    throw new InputError(
      PLACE,
      `has version ${version}, this page reads versions 1 to ${LINK_VERSION}`,
    );
  if (
    typeof description !== 'string' ||
    ![object, packets, objects].every((part) => part instanceof Uint8Array)
  )
    throw new InputError(PLACE, 'is damaged: a part of it is missing');
  const size = description.length + object.length + packets.length + objects.length;
  if (size > MAX_UNPACKED)
    throw new InputError(PLACE, `has ${size} bytes, at most ${MAX_UNPACKED} are read`);
  const shared = describedSession(
    parseManifest(description, version, PLACE),
    joined([object, packets, objects]),
    PLACE,
  );
  const isStep = Number.isSafeInteger(step) && step >= 0;
  return { ...shared, inputs: { ...shared.inputs, step: isStep ? step : 0 } };
}
