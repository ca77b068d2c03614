import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import type { ValueView } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { fingerprint } from '../session/outcome.ts';
import { finish, type Session } from '../session/session.ts';
import { DNS_PACKET, debugObject } from '../testing/debug-objects.ts';
import { openSession } from '../testing/run.ts';
import { assignment } from '../view/assign.ts';
import { evaluate, variablesOf } from '../view/variables-view.ts';
import { storeSizes, storesSince } from './stack-size.ts';

const TESTDATA = join(import.meta.dirname, '../testdata');
const OBJECTS = readdirSync(join(TESTDATA, 'debug')).filter((name) => name.endsWith('.o'));
const PACKET = Uint8Array.from({ length: 80 }, (_, i) => (i * 37 + 11) & 0xff);
/** Places of a run at which all is asked for. */
const STOPS = 5;

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? '';
function attempt(read: () => unknown): string {
  try {
    return textOf(read());
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

const flat = (values: readonly ValueView[]): ValueView[] =>
  values.flatMap((value) => [value, ...flat(value.children ?? [])]);

/** Everything that is said of variables where the session stands. */
function said(session: Session): string[] {
  const { code, pc } = session.machine!;
  const views = [0, 1, 99].map((frame) => variablesOf(session, frame, new Map()));
  const rows = flat(views[2].scopes.flatMap(({ variables }) => variables)).slice(0, 60);
  const names = [...new Set(rows.map(({ name }) => name))].slice(0, 12);
  const asked = names.flatMap((name) =>
    [name, `*${name}`, `&${name}`, `${name}[1]`, `${name} + 1 > 2`, `${name}.x`].map((text) =>
      attempt(() => evaluate(session, 99, text)),
    ),
  );
  const changed = rows
    .filter(({ editable }) => editable)
    .slice(0, 8)
    .flatMap(({ expression }) =>
      ['1', '-1', '0xffffffffff', 'x'].map((value) =>
        attempt(() => assignment(session, 99, expression, value)),
      ),
    );
  const stores = [-8, -16, -24, -64].map((offset) => [
    attempt(() => storeSizes(code, pc, offset)),
    attempt(() => storesSince(code, 0, pc, offset, 8)),
  ]);
  return [textOf(views), ...asked, ...changed, textOf(stores)];
}

/**
 * What variables hold is printed by the programs themselves in printed.test.ts; this keeps all that
 * is shown of them, of what is asked for and of what they can be set to, in every object with debug
 * information.
 */
test('variables of objects, at places of their runs', async () => {
  const lines = OBJECTS.flatMap((name) => {
    const session = openSession({
      ...inputsFor(name, debugObject(name)),
      packets: [{ name: 'packet', bytes: name.startsWith('printed') ? PACKET : DNS_PACKET }],
    });
    if (session.machine === undefined) return [`${name}: ${session.problem}`];
    finish(session.go({ how: 'end' }));
    const { steps } = session.machine;
    const prints = Array.from({ length: STOPS }, (_, i) => {
      finish(session.go({ how: 'to-step', step: Math.floor((steps * i) / STOPS) }));
      return fingerprint(said(session).join('\n')).slice(0, 6);
    });
    return [`${name}, ${steps} steps: ${prints.join(' ')}`];
  });
  const golden = join(TESTDATA, 'sessions/variables.txt');
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});
