// What xdp-list.c, beside its object, says by XDP_RUN_CONFIG.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import type { Btf } from './btf/btf.ts';
import { loadObject } from './load.ts';
import { xdpRunConfig } from './xdp-run-config.ts';

const path = join(import.meta.dirname, '../testdata/hook-lists/xdp-list.o');
const { btf } = loadObject('xdp-list.o', new Uint8Array(readFileSync(path)));

/** The types of the object with the one of that id and kind changed. */
function withType(kind: string, changed: (type: never) => unknown): Btf {
  const other = Object.create(btf!);
  other.byId = (id: number) => {
    const type = btf!.byId(id);
    return type?.kind === kind ? changed(type as never) : type;
  };
  return other;
}

describe('XDP_RUN_CONFIG', () => {
  test.each([
    ['tag', { priority: 10, actions: new Map([[2, true]]) }],
    [
      'late',
      {
        priority: 90,
        actions: new Map([
          [2, false],
          [1, true],
        ]),
      },
    ],
    ['by_tag', undefined],
  ])('of %s', (program, config) => {
    expect(xdpRunConfig(btf, program)).toEqual(config);
  });

  test('an object without types says nothing', () => {
    expect(xdpRunConfig(undefined, 'tag')).toBeUndefined();
  });

  test.each([
    [
      'a member that is no number',
      'array',
      (type: object) => ({ ...type, kind: 'float' }),
      'is no number',
    ],
    [
      'a variable of another object',
      'var',
      (type: object) => ({ ...type, linkage: 'extern' }),
      'another object',
    ],
    [
      'a definition that is no struct',
      'struct',
      (type: object) => ({ ...type, kind: 'union' }),
      'not a struct',
    ],
    [
      'a member that is no action',
      'struct',
      (type: { members: object[] }) => ({
        ...type,
        members: type.members.map((member) => ({ ...member, name: 'XDP_GO' })),
      }),
      '"XDP_GO", which is no priority',
    ],
  ])('%s is refused', (_title, kind, changed, reason) => {
    expect(() => xdpRunConfig(withType(kind, changed as never), 'tag')).toThrow(InputError);
    expect(() => xdpRunConfig(withType(kind, changed as never), 'tag')).toThrow(reason);
  });
});
