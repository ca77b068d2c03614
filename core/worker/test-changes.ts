import { baseName } from '../bytes/base-name.ts';
import { unreachable } from '../errors.ts';
import { readTests, type TestFile } from '../expect/file.ts';
import { keepExpectations } from '../expect/keep.ts';
import { testInputs } from '../expect/set-up.ts';
import { writeTests } from '../expect/write.ts';
import type { LoadedObject } from '../object/types.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import type { TextFile, Wish } from '../protocol/messages.ts';
import { openObject } from '../session/open-object.ts';
import { runnableSession, type Session } from '../session/session.ts';
import type { Expectation, SessionInputs } from '../session/types.ts';
import { checkVerdictWord } from '../session/verdict-words.ts';
import type { Driver } from './controller.ts';
import { existingPacket } from './packet-changes.ts';

type ExpectationWishType = 'keep-expectations' | 'set-expectation' | 'drop-expectations';
/** Wishes that change what packets must come to: no run depends on it. */
export type ExpectationWish = Extract<Wish, { type: ExpectationWishType }>;

interface ExpectationChange {
  readonly expectations: Expectation[];
  readonly notice?: string;
}

/** What becomes of the expectations; undefined where the work for it was stopped. */
export async function expectationChange(
  session: Session,
  wish: ExpectationWish,
  drive: Driver,
): Promise<ExpectationChange | undefined> {
  switch (wish.type) {
    case 'keep-expectations':
      return kept(session, wish, drive);
    case 'set-expectation':
      return { expectations: withVerdict(session, wish) };
    case 'drop-expectations':
      return { expectations: [] };
    default:
      return unreachable(wish);
  }
}

async function kept(
  session: Session,
  wish: Extract<ExpectationWish, { type: 'keep-expectations' }>,
  drive: Driver,
): Promise<ExpectationChange | undefined> {
  let expectations: Expectation[] | undefined;
  await drive(
    (function* () {
      expectations = yield* keepExpectations(runnableSession(session), wish);
    })(),
  );
  if (expectations === undefined) return undefined;
  const others = session.inputs.packets.length - expectations.length;
  const left = others > 0 ? `; ${pluralOf(others, 'packet')} did not run` : '';
  return {
    expectations,
    notice: `What ${pluralOf(expectations.length, 'packet')} came to is expected now${left}`,
  };
}

/** Another verdict by hand: what came of the old one, r0 and a fault, is not asked any more. */
function withVerdict(
  { hook, inputs }: Session,
  { packet, verdict }: Extract<ExpectationWish, { type: 'set-expectation' }>,
): Expectation[] {
  existingPacket(inputs, packet);
  const word = verdict.trim();
  const { expectations = [] } = inputs;
  const others = expectations.filter((one) => one.packet !== packet);
  if (word === '') return others;
  checkVerdictWord(hook, word, `packet ${packet + 1}`);
  const before = expectations.find((one) => one.packet === packet);
  const { r0: _r0, fault: _fault, ...stays } = before ?? { packet };
  return [...others, { ...stays, verdict: word }].sort((a, b) => a.packet - b.packet);
}

/** A test file of the session, and a word on what it has no room for. */
export function savedTests(session: Session): { value: TextFile; notice?: string } {
  const { text, left } = writeTests(session);
  const name = `${baseName(session.object.name).replace(/\.o$/, '')}.test.json`;
  return {
    value: { kind: 'text-file', name, text },
    ...(left.length > 0 && { notice: `Not in the test file: ${left.join(', ')}` }),
  };
}

/** A test file as the inputs of a session on the object that is open. */
export async function readTestsFor(
  { inputs: before, object: open }: Session,
  text: string,
  name: string,
): Promise<{
  inputs: SessionInputs;
  object: LoadedObject;
  notice: string;
  notes: readonly string[];
}> {
  const file = readTests(name, text);
  const { externs, kernelTypes } = file;
  const { externs: _externs, ...others } = before;
  const base = { ...others, ...(externs && { externs }), ...(kernelTypes && { kernelTypes }) };
  const isSame = (before.externs ?? []).length === 0 && !externs && !kernelTypes;
  const object = isSame ? open : await openObject(base);
  const inputs = testInputs(file, base, object);
  return { inputs, object, notice: noticeOf(file, open), notes: file.notes };
}

function noticeOf({ name, object, packets, expectations }: TestFile, open: LoadedObject) {
  const isOther = object !== undefined && baseName(object) !== baseName(open.name);
  return [
    `Read ${pluralOf(packets.length, 'packet')} from ${name}, ` +
      `with ${pluralOf(expectations.length, 'expectation')}.`,
    ...(isOther ? [`They were made for ${object}, and run on ${open.name}.`] : []),
  ].join(' ');
}
