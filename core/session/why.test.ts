import { expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import type { Explanation, WatchTarget } from '../protocol/messages.ts';
import { openExample } from '../testing/examples.ts';
import { openSession } from '../testing/run.ts';
import { finish, type Session } from './session.ts';
import { explain } from './why.ts';

function why(session: Session, target?: WatchTarget): Explanation {
  let found: Explanation | undefined;
  finish(
    (function* () {
      found = yield* explain(session, target);
    })(),
  );
  return found!;
}

test('the seed filter drops because of the destination address, at its line, and says what would pass', () => {
  const session = openExample('seed-filter');
  const found = why(session);
  expect(found.text).toMatch(
    /^filter-ubpf: r0 = 0x1 -> drop: ip\.dst \(bytes 30 to 33\) is 1\.1\.1\.1, compared at \w+\.c:\d+\.$/,
  );
  expect(found.decided).toEqual([[30, 34]]);
  expect(found.branches).toHaveLength(1);
  const { change } = found.branches[0];
  expect(change).toMatchObject({ offset: 30, verdict: expect.stringMatching(/pass/) });
  const packet = session.frame.slice();
  packet.set(fromHex(change!.bytes)!, change!.offset);
  const changed = openSession({ ...session.inputs, packets: [{ name: 'changed', bytes: packet }], packet: 0 });
  expect(changed.outcome!.verdict.name).toBe('pass');
  expect(session.machine!.steps).toBe(0);
});

test('an XDP program with a map: the source address that was looked up decided it', () => {
  const found = why(openExample('xdp-firewall'));
  expect(found.text).toMatch(/ip\.src|eth\.type/);
  expect(found.decided.some(([from, to]) => from <= 26 && to >= 30)).toBe(true);
});

test('a register is explained at the step where the session stands', () => {
  const session = openExample('seed-filter');
  finish(session.go({ how: 'to-step', step: 1 }));
  expect(why(session, { kind: 'register', index: 1 }).decided).toEqual([[30, 34]]);
  expect(why(session, { kind: 'register', index: 10 }).decided).toEqual([]);
});

test('bytes that are proposed stand in the order the packet has them: an ethertype as Ethernet writes it', () => {
  const changes = why(openExample('router')).branches.map(({ change }) => change);
  expect(changes).toContainEqual({ offset: 12, bytes: '86dd', verdict: expect.stringMatching(/XDP_PASS/) });
});
