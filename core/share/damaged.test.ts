import { describe, expect, test } from 'vitest';
import { toBase64Url } from '../bytes/base64.ts';
import { deflate } from '../bytes/compression.ts';
import { InputError } from '../errors.ts';
import { decodeFile, decodeLink, isSnapshotFile, looksLikeLink } from './container.ts';
import { LINK_VERSION } from './upgrade.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bytes as they are behind the version of a link: a length, a description, what is behind it. */
function unpacked(description: object, behind: number, length?: number): Uint8Array {
  const text = ascii(JSON.stringify(description));
  const bytes = new Uint8Array(4 + text.length + behind);
  new DataView(bytes.buffer).setUint32(0, length ?? text.length);
  bytes.set(text, 4);
  bytes.fill(7, 4 + text.length);
  return bytes;
}
const linkOf = async (bytes: Uint8Array): Promise<string> =>
  `v${LINK_VERSION}.${toBase64Url(await deflate(bytes))}`;
async function said(read: Promise<unknown>): Promise<string> {
  try {
    await read;
    return 'opens';
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}
const none = { object: ['a.o', 0], packets: [] };

describe('what a link holds is checked against what it says', () => {
  test.each<[what: string, bytes: Uint8Array, answer: string]>([
    ['an empty object', unpacked(none, 0), 'opens'],
    ['nothing', new Uint8Array(), 'link: is damaged: there is no session in it'],
    ['three bytes', new Uint8Array(3), 'link: is damaged: there is no session in it'],
    ['no description', new Uint8Array(4), 'link: is damaged: its description is not JSON'],
    [
      'a description that is cut',
      unpacked({}, 0, 3),
      'link: is damaged: its description has 3 bytes, 2 are there',
    ],
    ['an object', unpacked({ ...none, object: ['a.o', 5] }, 5), 'opens'],
    [
      'an object that is cut',
      unpacked({ ...none, object: ['a.o', 5] }, 4),
      'link: is damaged: the object has 5 bytes, 4 are left',
    ],
    [
      'a packet behind it',
      unpacked({ object: ['a.o', 2], packets: [['p', 3]], packet: 0 }, 5),
      'opens',
    ],
    [
      'the second packet cut',
      unpacked(
        {
          object: ['a.o', 2],
          packets: [
            ['p', 1],
            ['q', 3],
          ],
        },
        5,
      ),
      'link: is damaged: packet 1 has 3 bytes, 2 are left',
    ],
    [
      'a packet that is not there',
      unpacked({ ...none, packets: [['p', 0]], packet: 1 }, 0),
      'link: is damaged: it asks for packet 1 of 1',
    ],
    [
      'the last packet',
      unpacked(
        {
          ...none,
          packets: [
            ['p', 0],
            ['q', 0],
          ],
          packet: 1,
        },
        0,
      ),
      'opens',
    ],
    ['the first of none', unpacked({ ...none, packet: 0 }, 0), 'opens'],
  ])('%s', async (_, bytes, answer) => {
    expect(await said(decodeLink(await linkOf(bytes)))).toBe(answer);
    const file = Uint8Array.of(
      ...ascii(`ebpf-playground session v${LINK_VERSION}\n`),
      ...(await deflate(bytes)),
    );
    expect(isSnapshotFile(file)).toBe(true);
    expect(await said(decodeFile('kept', file))).toBe(answer.replace('link:', 'kept:'));
  });
});

describe('what is no link', () => {
  const wrong =
    `link: is not a playground link, or was changed on its way: it starts with ` +
    `"v${LINK_VERSION}." and has only letters, digits, - and _`;
  const version = (number: number): string =>
    `link: has version ${number}, this page reads versions 1 to ${LINK_VERSION}: ` +
    'reload the page to get its newest build';
  test.each([
    ['hello', wrong],
    ['v2', wrong],
    ['v2.', wrong],
    ['v2.a b', wrong],
    ['v1234567.AAAA', wrong],
    [`v${LINK_VERSION + 1}.AAAA`, version(LINK_VERSION + 1)],
    ['v0.AAAA', version(0)],
    [`v${LINK_VERSION}.A`, 'link: is cut short'],
    [`v${LINK_VERSION}.AAAA`, 'link: is damaged or cut short: it does not unpack'],
    [`https://x.example/#v${LINK_VERSION}.A `, 'link: is cut short'],
  ])('%s', async (text, answer) => expect(await said(decodeLink(text))).toBe(answer));
  test('more than 4 MB', async () => {
    const long = (length: number) => `v9.${'A'.repeat(length - 3)}`;
    const most = 4 * 1024 * 1024;
    expect(await said(decodeLink(long(most)))).toBe(version(9));
    expect(await said(decodeLink(long(most + 1)))).toBe(
      `link: has ${most + 1} characters, more than any link made here`,
    );
  });
  test.each([
    ['v2.abc', true],
    [' https://x.example/y#v12.ab-_9\n', true],
    ['v2.', false],
    ['v2.a.b', false],
    ['see #v2.abc', false],
    ['w2.abc', false],
  ])('%j looks like one: %s', (text, looks) => expect(looksLikeLink(text)).toBe(looks));
});

test('a session file says its version in its first line', async () => {
  const other =
    'kept: is a session of another version of the playground: ' +
    `this one reads versions 1 to ${LINK_VERSION}`;
  for (const start of [`v${LINK_VERSION + 1}\n`, 'v0\n', 'v1234567\n', 'v1', 'vx\n'])
    expect([
      start,
      await said(decodeFile('kept', ascii(`ebpf-playground session ${start}`))),
    ]).toEqual([start, other]);
  expect(isSnapshotFile(ascii('ebpf-playground session v9'))).toBe(true);
  expect(isSnapshotFile(ascii('ebpf-playground session '))).toBe(false);
});
