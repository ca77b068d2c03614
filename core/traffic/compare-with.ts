import { isEqualBytes } from '../bytes/equal.ts';
import type { Engine } from '../machine/engine.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { openObject } from '../session/open-object.ts';
import { keepForRebuilt } from '../session/rebuilt.ts';
import { runnableSession, Session } from '../session/session.ts';
import type { Batch } from './batch.ts';
import { Comparison, type Side } from './compare.ts';

/** The other side of a comparison, as far as it differs from what runs on the capture. */
export interface OtherSide {
  readonly file?: { readonly name: string; readonly bytes: Uint8Array };
  readonly engine?: Engine;
}

/** Memories of the two sides: the capture has the worker's own, and goes on beside them. */
export type Memories = readonly [left: WebAssembly.Memory, right: WebAssembly.Memory];

/** A session of its own, with room for the packets of a stream. */
function opened(session: Session, engine: Engine): Side['session'] {
  session.runBy(engine);
  session.load(MAX_PACKET);
  return runnableSession(session);
}

/**
 * The program that runs on a capture beside another one, with all that the set-up says that fits it
 * too: options, context, settings, and the entries of maps that it has as well. Throws an
 * InputError where that cannot be run.
 */
export async function compareWith(
  batch: Batch,
  { file, engine = batch.engine }: OtherSide,
  [ours, theirs]: Memories,
): Promise<Comparison> {
  const { inputs } = batch;
  const { object } = batch.machine.session;
  const left = opened(new Session(inputs, ours, object), batch.engine);
  const other = file ? { ...inputs, object: { ...inputs.object, ...file } } : inputs;
  const loaded = file ? await openObject(other) : object;
  const carried = file ? keepForRebuilt(left, loaded).inputs : {};
  const right = opened(new Session({ ...other, ...carried, step: 0 }, theirs, loaded), engine);
  const isSame =
    isEqualBytes(inputs.object.bytes, other.object.bytes) &&
    left.program?.name === right.program?.name;
  const [name, otherName] = namesOf(left, right);
  return new Comparison({ name, session: left }, { name: otherName, session: right }, isSame);
}

/** What tells the two from each other: a rebuilt object has the name of the one before. */
function namesOf(left: Side['session'], right: Side['session']): readonly [string, string] {
  const [one, other] = [left.object.name, right.object.name];
  if (one !== other) return [one, other];
  const [engine, otherEngine] = [left.machine.engine.name, right.machine.engine.name];
  return engine === otherEngine
    ? [one, `${other} (compared)`]
    : [`${one} (${engine})`, `${other} (${otherEngine})`];
}
