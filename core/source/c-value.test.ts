import { describe, expect, test } from 'vitest';
import { Btf } from '../object/btf/btf.ts';
import type { BtfType } from '../object/btf/types.ts';
import { session } from '../testing/run.ts';
import { writeBtf } from '../tools/btf-write.ts';
import { type CValue, elementOf, memberOf, pointee } from './c-value.ts';

const { machine } = session('r0 = *(u32 *)(r1 + 0); exit', {
  hook: 'xdp',
  packet: '0102030405060708090a',
});
machine!.engine.run(machine!, 1, null);
/** Of the packet's third byte. */
const ADDRESS = machine!.registers[0] + 2n;
const INT: BtfType = {
  ...{ kind: 'int', id: 1, name: 'u8', size: 1, bits: 8 },
  ...{ bitOffset: 0, signed: false, char: false, bool: false },
};
const ARRAY = 2;
const types = new Btf(
  writeBtf([INT, { kind: 'array', id: ARRAY, name: '', type: 1, indexType: 1, count: 4 }]),
  'little',
);
const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6);
const held = (address?: bigint): CValue => ({
  types,
  type: ARRAY,
  bytes: BYTES.subarray(0, 4),
  ...(address !== undefined && { address }),
});
const bytesAt = (index: bigint, address?: bigint) => {
  const element = elementOf(machine!, held(address), index);
  return element && [...element.bytes];
};

describe('an element of an array', () => {
  test('of bytes that are held lies in them, and nothing is behind them', () => {
    expect([0n, 3n].map((index) => bytesAt(index))).toEqual([[1], [4]]);
    expect([-1n, 4n, 5n].map((index) => bytesAt(index))).toEqual([undefined, undefined, undefined]);
    expect([...pointee(machine!, held())!.bytes]).toEqual([1]);
  });

  test('of memory is read behind its end and in front of it, as C does', () => {
    const read = [0n, 3n, 4n, 7n, -2n, 8n, -3n].map((index) => bytesAt(index, ADDRESS));
    expect(read).toEqual([[1], [4], [7], [10], [1], undefined, undefined]);
  });
});

describe('a member of structures without names', () => {
  /** A structure in so many others without names; `deep` is in the innermost. */
  const nested = (depth: number): CValue => {
    const structs = Array.from(
      { length: depth + 1 },
      (_, i): BtfType => ({
        kind: 'struct',
        id: i + 2,
        name: i === 0 ? 'outer' : '',
        size: 1,
        members: [
          i === depth
            ? { name: 'deep', type: 1, bitOffset: 0, bitSize: 0 }
            : { name: '', type: i + 3, bitOffset: 0, bitSize: 0 },
        ],
      }),
    );
    const btf = new Btf(writeBtf([INT, ...structs]), 'little');
    return { types: btf, type: 2, bytes: Uint8Array.of(7) };
  };

  test('is found in 8 of them, one in the other; what is deeper is not there', () => {
    for (const depth of [0, 1, 8]) expect([...memberOf(nested(depth), 'deep')!.bytes]).toEqual([7]);
    expect(memberOf(nested(9), 'deep')).toBeUndefined();
    expect(memberOf(nested(1), 'shallow')).toBeUndefined();
  });
});
