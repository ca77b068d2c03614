import { expect, test } from 'vitest';
import type { Explanation } from '../protocol/messages.ts';
import { finish, type Session } from '../session/session.ts';
import type { Edit } from '../session/types.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { openSession } from '../testing/run.ts';
import { explainResult } from './why.ts';

const lookupsOf = (opened: Session): Explanation['lookups'] =>
  finish(explainResult(opened, undefined)).lookups;

test('an entry that blocks is taken out, one that is missing is put in', () => {
  const [blocked] = lookupsOf(openExample('xdp-firewall', 0));
  expect(blocked).toMatchObject({ map: 'blocked', found: true, change: { value: '' } });
  expect(blocked.change!.verdict).toMatch(/XDP_PASS/);
  const [missing] = lookupsOf(openExample('xdp-firewall', 1));
  expect(missing).toMatchObject({ map: 'blocked', found: false });
  expect(missing.change!.verdict).toMatch(/XDP_DROP/);
});

test('every change of a map that is offered comes to what it says: all examples, packets', () => {
  let offered = 0;
  for (const { name, packets } of EXAMPLES) {
    for (const packet of packets.keys()) {
      const before = openExample(name, packet);
      if (before.machine === undefined || before.bypass !== undefined) continue;
      const here = before.machine.steps;
      for (const { map, key, change } of lookupsOf(before)) {
        if (change === undefined) continue;
        const edit: Edit = {
          packet,
          step: 0,
          target: { kind: 'map', map, key },
          value: change.value,
        };
        const after = openSession({ ...before.inputs, edits: [edit] });
        expect([name, packet, map, after.outcome!.verdict.text]).toEqual([
          name,
          packet,
          map,
          change.verdict,
        ]);
        offered += 1;
      }
      expect(before.machine.steps).toBe(here);
    }
  }
  console.log(`${offered} changes of maps offered`);
  expect(offered).toBeGreaterThan(20);
});
