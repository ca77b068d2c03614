// Lists of programs on hooks in links.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HookList } from '../netdev/types.ts';
import { loadObject } from '../object/load.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import type { HandedOn, SessionInputs } from '../session/types.ts';
import { decodeLink, encodeLink } from './container.ts';
import { shareable } from './slim.ts';

const objectOf = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../testdata/hook-lists', name)));
const XDP_LIST = objectOf('xdp-list.o');
const TC_LIST = objectOf('tc-list.o');

const LIST: HookList = {
  hook: 'xdp',
  programs: [
    { id: 'p1', object: 0, program: 'tag', status: 'on' },
    { id: 'p2', object: 1, status: 'off', priority: 7, actions: [1, 2] },
  ],
};
const own: SessionInputs = { ...inputsFor('xdp-list.o', XDP_LIST), hook: 'xdp' };
const WITH_LIST: SessionInputs = {
  ...own,
  hookLists: [LIST, { hook: 'tc', direction: 'egress', programs: [] }],
  hookObjects: [own.object, { name: 'other.o', bytes: TC_LIST }],
};

const linked = async (inputs: SessionInputs): Promise<SessionInputs> =>
  (await decodeLink(await encodeLink({ inputs, hash: '' }))).inputs;

describe('a link', () => {
  test('carries lists and their objects, the session’s own without a copy', async () => {
    const { hookLists, hookObjects, object } = await linked(WITH_LIST);
    expect(hookLists).toEqual(WITH_LIST.hookLists);
    expect(hookObjects!.map(({ name }) => name)).toEqual(['xdp-list.o', 'other.o']);
    expect(hookObjects![0].bytes).toBe(object.bytes);
    expect(hookObjects![1].bytes).toEqual(TC_LIST);
  });

  test('carries what other programs left of a packet', async () => {
    const handed: HandedOn = {
      fields: [['mark', '7']],
      front: { start: 200, metadata: '01020304' },
      redirect: { ifindex: 3, flags: '18446744073709551615', target: 'devices[1]' },
      skb: {
        ...{ networkOffset: -4, linkLength: 14, macLength: 14, encapsulation: true },
        ...{ hashed: true, checksumLevel: 1, transportOffset: 16 },
        tunnel: { ipv6: false, key: '00ff', flags: 5, options: '01' },
      },
    };
    const packets = [{ name: 'one', bytes: new Uint8Array(60), handed }];
    expect((await linked({ ...own, packets })).packets).toEqual(packets);
  });

  test.each<[string, Partial<SessionInputs>, string]>([
    ['a program whose object is not in it', { hookObjects: [own.object] }, 'program p2 is not in'],
    ['two lists of one hook', { hookLists: [LIST, LIST] }, 'hookLists'],
    [
      'a list of a hook that has none',
      { hookLists: [{ ...LIST, hook: 'sk_msg' as never }] },
      'hook',
    ],
    [
      'an id that could be a path',
      { hookLists: [{ ...LIST, programs: [{ ...LIST.programs[0], id: '../x' }] }] },
      'hookLists',
    ],
    [
      'an action that is no bit',
      { hookLists: [{ ...LIST, programs: [{ ...LIST.programs[1], actions: [32] }] }] },
      'hookLists',
    ],
    [
      'metadata that is no hex',
      {
        packets: [
          {
            ...{ name: 'x', bytes: new Uint8Array(1) },
            handed: { front: { start: 0, metadata: 'no' } },
          },
        ],
      },
      'packets',
    ],
  ])('with %s is refused', async (_title, changed, reason) => {
    const link = encodeLink({ inputs: { ...WITH_LIST, ...changed }, hash: '' });
    await expect(link.then(decodeLink)).rejects.toThrow(reason);
  });
});

test('types that say when a program of XDP is asked stay, even where only the program does', () => {
  const btfOf = (inputs: SessionInputs): boolean => {
    const session = new Session(inputs, new WebAssembly.Memory({ initial: 1 }));
    finish(session.prepare());
    const { bytes } = shareable(session, 'program', '').shared.inputs.object;
    return loadObject('x.o', bytes).btf !== undefined;
  };
  expect(btfOf(WITH_LIST)).toBe(true);
  expect(btfOf(own)).toBe(false);
});
