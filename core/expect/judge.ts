import { InputError } from '../errors.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import { unmetText } from '../session/expectation-words.ts';
import { type Unmet, unmetByMaps, unmetByOutcome } from '../session/expected.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { runnableSession, Session, type Work } from '../session/session.ts';
import type { Expectation, SessionInputs } from '../session/types.ts';
import { explainResult } from '../why/why.ts';

/** What is to be judged: `testInputs` of a file, and the object that they name. */
export interface Tests {
  readonly inputs: SessionInputs;
  readonly object: LoadedObject;
}

/** What came of a packet. */
export interface TestResult {
  /** Its number, from 0 on. */
  readonly packet: number;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Undefined: nothing is asked of it, it runs for what it leaves in maps. */
  readonly expectation: Expectation | undefined;
  readonly outcome: RunOutcome;
  /** Nothing of it: it passes. */
  readonly unmet: readonly Unmet[];
  /** Of one that fails, why it came to what it came to: of the first ones of a file. */
  readonly reason?: string;
}

/**
 * Runs the packets of a test file and says of each what of its expectation was not met. An
 * InputError where the program cannot be run.
 */
export function* judge(tests: Tests, engine: Engine): Work<TestResult[]> {
  const { inputs, object } = tests;
  const session = new Session(inputs, memory(), object);
  session.runBy(engine);
  session.load();
  if (session.problem !== undefined) throw new InputError(object.name, session.problem);
  const results = yield* session.unrecorded(resultsOf(session));
  return yield* withReasons(results, tests);
}

const memory = () => new WebAssembly.Memory({ initial: 1 });

function* resultsOf(session: Session): Work<TestResult[]> {
  const results: TestResult[] = [];
  for (const [packet, { name, bytes }] of session.inputs.packets.entries()) {
    session.begin(packet);
    const outcome = yield* session.completeFrame(packet, bytes);
    const expectation = session.inputs.expectations?.find((one) => one.packet === packet);
    const unmet = expectation
      ? [
          ...unmetByOutcome(session.hook, expectation, outcome),
          ...unmetByMaps(session, expectation),
        ]
      : [];
    results.push({ packet, name, bytes, expectation, outcome, unmet });
  }
  return results;
}

/**
 * Packets of a file whose reason is looked for: it tries many runs for each, and where more fail
 * than a person reads they mostly fail for the same.
 */
const MOST_REASONS = 20;

/** Why is asked of the interpreter, whose steps can be looked at. */
function* withReasons(results: readonly TestResult[], tests: Tests): Work<TestResult[]> {
  if (results.every(({ unmet }) => unmet.length === 0)) return [...results];
  const { inputs, object } = tests;
  const session = new Session(inputs, memory(), object);
  session.runBy(INTERPRETER);
  yield* session.prepareSelected();
  const told: TestResult[] = [];
  let asked = 0;
  for (const result of results) {
    if (result.unmet.length === 0 || ++asked > MOST_REASONS) told.push(result);
    else {
      yield* session.select(result.packet);
      told.push({ ...result, reason: yield* reasonOf(session, result) });
    }
  }
  return told;
}

/** A program that faulted decided nothing: what stopped it is the reason. */
function* reasonOf(session: Session, { outcome }: TestResult): Work<string> {
  const { verdict, fault, ran } = outcome;
  if (fault !== undefined || !ran) return verdict.reason ?? verdict.text;
  return (yield* explainResult(runnableSession(session), undefined)).text;
}

/** `packet 2: SYN to port 80`. */
export function testTitle({ packet, name }: TestResult): string {
  const number = `packet ${packet + 1}`;
  return name === number ? number : `${number}: ${name}`;
}

/** A line for all that was not met, and why. */
export const failureText = ({ unmet, reason }: TestResult): string[] => [
  ...unmet.map(unmetText),
  ...(reason === undefined ? [] : [reason]),
];
