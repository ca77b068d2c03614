import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { openExample } from '../../testing/examples.ts';
import { session } from '../../testing/run.ts';
import { finish } from '../session.ts';
import type { Go, WatchTarget } from '../types.ts';
import { placeOfMemory, watchOf } from './watch.ts';

const LOOP = `r1 = 0; r2 = 7; *(u64 *)(r10 - 8) = 0
again: r1 += 1; if r1 != 30000 goto skip; r2 = 9; *(u8 *)(r10 - 8) = 5
skip: if r1 < 60000 goto again; r0 = r2; exit`;

function goTo(...moves: Go[]) {
  const opened = session(LOOP);
  for (const move of moves) finish(opened.go(move));
  return opened;
}

const END: Go = { how: 'end' };
const R2: Go = { how: 'back-to-change', target: { kind: 'register', index: 2 } };

test(
  'going back to the last change of a register stands behind the instruction that wrote it, ' +
    'also far away',
  () => {
    const opened = goTo(END, R2);
    expect(opened.machine!.registers[2]).toBe(9n);
    expect(opened.machine!.recorder!.pc).toBe(5);
    expect(opened.stopped).toMatch(/changed r2$/);
  },
);

test('the change before it is found from there, and the start where there is none', () => {
  expect(goTo(END, R2, R2).machine!.steps).toBe(2);
  const none = goTo(END, R2, R2, R2);
  expect(none.machine!.steps).toBe(0);
  expect(none.stopped).toBe('nothing before step 2 changed r2');
});

test('bytes of the stack are watched by the name of their region', () => {
  const target = {
    kind: 'memory',
    region: { kind: 'stack', depth: 0 },
    offset: -8,
    length: 8,
  } as const;
  const opened = goTo(END, { how: 'back-to-change', target });
  expect(opened.machine!.recorder!.pc).toBe(6);
});

test('running on to the next change stops behind the instruction that makes it', () => {
  const opened = goTo(
    { how: 'to-step', step: 10 },
    { how: 'run-to-change', target: { kind: 'register', index: 2 } },
  );
  expect(opened.machine!.registers[2]).toBe(9n);
  expect(opened.stopped).toMatch(/^step \d+ changed r2$/);
});

const watching = (watchpoints: WatchTarget[], source = LOOP) => {
  const opened = session(source);
  opened.setStops({ watchpoints });
  return opened;
};
const RUN: Go = { how: 'run' };
const BACK: Go = { how: 'back-run' };
const STACK: WatchTarget = {
  kind: 'memory',
  region: { kind: 'stack', depth: 0 },
  offset: -8,
  length: 8,
};

test('watchpoints stop a run behind each change, a run back on its other side', () => {
  const opened = watching([{ kind: 'register', index: 2 }, STACK]);
  const stops = (go: Go, count: number) =>
    Array.from({ length: count }, () => {
      finish(opened.go(go));
      return opened.stopped.replace(/\d+ changed/, 'changed');
    });
  const changes = [
    'step changed r2',
    'step changed r2',
    'step changed stack-8',
    'end of the program',
  ];
  // r2 becomes 7; the store of 0 changes nothing.
  expect(stops(RUN, 4)).toEqual(changes);
  expect(stops(BACK, 4)).toEqual([
    ...changes.slice(0, 3).reverse(),
    'before the first instruction',
  ]);
});

test('a watchpoint and a breakpoint stop whichever comes first, in either direction', () => {
  const opened = watching(
    [{ kind: 'register', index: 2 }],
    'r2 = 1; r3 = 1; r2 = 2; r3 = 2; r0 = 0; exit',
  );
  opened.setStops({ breakpoints: [2] });
  const seen: [number, string][] = [];
  for (const go of [RUN, RUN, RUN, RUN, BACK, BACK, BACK, BACK]) {
    finish(opened.go(go));
    seen.push([opened.machine!.steps, opened.stopped.split(' ')[0]]);
  }
  expect(seen.map(([step]) => step)).toEqual([1, 2, 3, 6, 3, 2, 1, 0]);
});

test('a map entry is watched from before it is there; a map that is not there never stops', () => {
  const opened = openExample('xdp-firewall');
  const [map] = opened.machine!.maps;
  const { name } = map.definition;
  const changes: string[] = [];
  finish(opened.go(END));
  const keys = [...map.entries()].map(({ key }) => toHex(key));
  opened.setStops({
    watchpoints: [
      ...keys.map((key) => ({ kind: 'map', map: name, key }) as const),
      { kind: 'map', map: 'none', key: '00' },
    ],
  });
  finish(opened.go({ how: 'reset' }));
  for (finish(opened.go(RUN)); opened.machine!.status === 'running'; finish(opened.go(RUN))) {
    changes.push(opened.stopped);
    expect(opened.machine!.steps).toBeGreaterThan(0);
  }
  expect(changes.every((words) => words.includes(`changed map ${name}[`))).toBe(true);
  expect(() => watchOf(opened.machine!, { kind: 'map', map: 'none', key: '00' })).toThrow(
    /has no key/,
  );
});

test('bytes of a region have a place from its first to its last', () => {
  const { machine } = session('r0 = 0; exit', { hook: 'xdp', packet: '00'.repeat(20) });
  const places = (offset: number, length: number) => {
    const at = placeOfMemory(machine!, { kind: 'packet' }, offset as never, length);
    return at === undefined ? undefined : at - machine!.packet.data;
  };
  expect(places(0, 1)).toBe(0);
  expect(places(0, 20)).toBe(0);
  expect(places(19, 1)).toBe(19);
  expect(places(19, 2)).toBeUndefined();
  expect(places(20, 1)).toBeUndefined();
});
