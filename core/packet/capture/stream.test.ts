import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unpack, unpackChunks } from '../../bytes/compression.ts';
import { InputError } from '../../errors.ts';
import type { Packet } from '../types.ts';
import { isCapture, readCapture } from './capture.ts';
import { CaptureIndex } from './capture-index.ts';
import { CaptureStream } from './stream.ts';

const FOLDER = join(import.meta.dirname, '../../testdata');
const CAPTURES = ['captures', 'packets'].flatMap((folder) =>
  readdirSync(join(FOLDER, folder))
    .filter((name) => /pcap|snoop/.test(name))
    .map((name) => [name, new Uint8Array(readFileSync(join(FOLDER, folder, name)))] as const),
);
const PLAIN = CAPTURES.filter(([, bytes]) => isCapture(bytes));

/** Chunks of these sizes, over and over. */
async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

interface Said {
  readonly packets: Packet[];
  readonly notes: string[];
}
const said = (read: () => Said): Said | string => {
  try {
    const { packets, notes } = read();
    return { packets, notes };
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
};

async function streamed(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Said | string> {
  const stream = new CaptureStream(name, chunks);
  const packets: Packet[] = [];
  try {
    for await (const batch of stream.batches()) packets.push(...batch);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return { packets, notes: stream.notes };
}

const whole = (name: string, bytes: Uint8Array) =>
  said(() => readCapture(name, bytes, Number.POSITIVE_INFINITY));

describe('a stream says what is said of the whole file', () => {
  test.each(PLAIN)('%s, in chunks of any size', async (name, bytes) => {
    for (const sizes of [[1], [7], [4096], [bytes.length], [1, 100, 3]])
      expect(await streamed(name, cut(bytes, sizes))).toEqual(whole(name, bytes));
  });

  test('cut off or damaged anywhere', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    const small = PLAIN.filter(([, bytes]) => bytes.length < 5000);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...small),
        fc.nat(),
        damage,
        sizes,
        async ([name, bytes], length, changes, of) => {
          const bad = bytes.slice(0, length % (bytes.length + 1));
          for (const [place, byte] of changes) if (bad.length > 0) bad[place % bad.length] = byte;
          expect(await streamed(name, cut(bad, of))).toEqual(whole(name, bad));
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('a packet that says gigabytes is passed over, not waited for', async () => {
    const [, bytes] = PLAIN.find(([name]) => name === 'designed.pcap')!;
    const bad = bytes.slice();
    new DataView(bad.buffer).setUint32(24 + 8, 0xffff_fff0, true);
    expect(await streamed('x', cut(bad, [512]))).toBe(
      `x: has no packets. Packet 1 says 4294967280 bytes, ` +
        `the file ends after ${bytes.length - 40}: left out.`,
    );
    expect(whole('x', bad)).toEqual(await streamed('x', cut(bad, [512])));
  });
});

describe('packed captures', () => {
  const packed = CAPTURES.filter(([name]) => /gz$|zst$/.test(name));
  test.each(packed)('%s', async (name, bytes) => {
    const plain = await unpack(bytes, 1 << 20, name);
    for (const sizes of [[1], [100], [bytes.length]])
      expect(await streamed(name, unpackChunks(cut(bytes, sizes), name))).toEqual(
        whole(name, plain),
      );
  });

  test.each(packed)(
    '%s, cut short: what came in front of it stays, or why there is none',
    async (name, bytes) => {
      const half = bytes.slice(0, bytes.length - 12);
      const result = await streamed(name, unpackChunks(cut(half, [50]), name));
      const text = typeof result === 'string' ? result : result.notes.join(' ');
      expect(text).toContain('is damaged or cut short: it does not unpack');
    },
  );
});

test('a batch is bounded, however large a chunk is', async () => {
  const record = Uint8Array.from(
    new Uint8Array(Uint32Array.of(1, 0, 14, 14, 0, 0, 0, 0).buffer).subarray(0, 30),
  );
  const head = new Uint8Array(Uint32Array.of(0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1).buffer);
  const bytes = new Uint8Array(head.length + 10_000 * record.length);
  bytes.set(head);
  for (let i = 0; i < 10_000; i++) bytes.set(record, head.length + i * record.length);
  const sizes: number[] = [];
  for await (const batch of new CaptureStream('x', cut(bytes, [bytes.length])).batches())
    sizes.push(batch.length);
  expect(sizes).toEqual([4096, 4096, 1808]);
});

describe('an index of a capture', () => {
  const readAt = (bytes: Uint8Array) => async (offset: number, size: number) =>
    bytes.slice(offset, offset + size);

  test.each(PLAIN)('%s: every packet is read again alone, in any order', async (name, bytes) => {
    const index = new CaptureIndex(name);
    for await (const _ of new CaptureStream(name, cut(bytes, [300])).places(index));
    const { packets } = readCapture(name, bytes, Number.POSITIVE_INFINITY);
    expect(index.length).toBe(packets.length);
    for (const place of [...packets.keys()].reverse())
      expect(await index.packet(place, readAt(bytes))).toEqual(packets[place]);
    await expect(index.packet(packets.length, readAt(bytes))).rejects.toThrow('none is number');
    const cutOff = bytes.subarray(0, bytes.length >> 1);
    await expect(index.packet(packets.length - 1, readAt(cutOff))).rejects.toThrow(
      'was changed since it was opened',
    );
  });

  test('it says of a file that is cut off or damaged what is said of the whole', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    const small = PLAIN.filter(([, bytes]) => bytes.length < 5000);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...small),
        fc.nat(),
        damage,
        async ([name, bytes], length, changes) => {
          const bad = bytes.slice(0, length % (bytes.length + 1));
          for (const [place, byte] of changes) if (bad.length > 0) bad[place % bad.length] = byte;
          const index = new CaptureIndex(name);
          const stream = new CaptureStream(name, cut(bad, [100]));
          const found = await (async () => {
            for await (const _ of stream.places(index));
            const places = Array.from({ length: index.length }, (_, place) => place);
            const packets = places.map((place) => index.packet(place, readAt(bad)));
            return { packets: await Promise.all(packets), notes: stream.notes };
          })().catch((error: Error) => error.message);
          expect(found).toEqual(whole(name, bad));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('of more packets than one block holds; times that do not fit are none', async () => {
    const index = new CaptureIndex('x');
    const captured = {
      linkType: 1,
      bytes: new Uint8Array(14),
      originalLength: 14,
      checkSequence: 0,
    };
    const count = 70_000;
    for (let i = 0; i < count; i++)
      index.add({ ...captured, number: i + 1, offset: 30 * i, timestamp: BigInt(i) });
    index.add({ ...captured, number: count + 1, offset: 0, timestamp: 2n ** 64n });
    const asked: number[] = [];
    const read = async (offset: number, size: number) => {
      asked.push(offset);
      return new Uint8Array(size);
    };
    expect(await index.packet(69_999, read)).toMatchObject({
      name: 'x #70000',
      timestamp: 69_999n,
    });
    expect(asked).toEqual([69_999 * 30]);
    expect(await index.packet(count, read)).not.toHaveProperty('timestamp');
  });
});
