import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LINK_VERSION, upgraded } from './upgrade.ts';

const kept = readdirSync(join(import.meta.dirname, '../testdata/links'));

test('of every version before this one there are kept links, and each has its upgrade', () => {
  const before = Array.from({ length: LINK_VERSION - 1 }, (_, i) => i + 1);
  for (const version of before)
    expect(kept.filter((name) => name.startsWith(`v${version}-`)).length).toBeGreaterThan(0);
});

test.each([
  ['packet', { kind: 'packet' }],
  ['memory', { kind: 'memory' }],
  ['flow_keys', { kind: 'flow-keys' }],
  ['stack', { kind: 'stack', depth: 0 }],
  ['stack12', { kind: 'stack', depth: 12 }],
  ['.rodata', { kind: 'global', map: '.rodata' }],
  ['map a[b][0a]', { kind: 'value', map: 'a[b]', at: '0a' }],
  ['map hits[3] on cpu 2', { kind: 'value', map: 'hits', at: '3', cpu: 2 }],
  ['storage own', { kind: 'storage', map: 'own' }],
  ['storage own on cpu 0', { kind: 'storage', map: 'own', cpu: 0 }],
  ['key of map hits[0a00]', { kind: 'key', map: 'hits', at: '0a00' }],
  ['index of map hits', { kind: 'index', map: 'hits' }],
  ['record of map events at 64', { kind: 'record', map: 'events', position: 64 }],
])('version 1 called a region "%s"', (name, region) => {
  const target = { kind: 'memory', region: name, offset: -8 };
  const now = { kind: 'memory', region, offset: -8 };
  expect(upgraded({ watchpoints: [target], edits: [{ step: 1, target }], step: 3 }, 1)).toEqual({
    watchpoints: [now],
    edits: [{ step: 1, target: now }],
    step: 3,
  });
});

test('other targets stay, and what has none', () => {
  const manifest = { watchpoints: [{ kind: 'register', index: 3 }], options: [['a', 'b']] };
  expect(upgraded(manifest, 1)).toEqual(manifest);
  expect(upgraded({ step: 2 }, 1)).toEqual({ step: 2 });
});

test('anything is taken, and never thrown at', () => {
  fc.assert(fc.property(fc.jsonValue(), (json) => void upgraded(json, 1)));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (watchpoints, edits) => {
      upgraded({ watchpoints, edits: [edits] }, 1);
      upgraded({ watchpoints: [watchpoints], edits }, 1);
    }),
  );
});
