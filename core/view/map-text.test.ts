import { describe, expect, test } from 'vitest';
import { mapBytes } from './map-text.ts';

describe('a key or value that a person types', () => {
  test.each<[string, number, string, string]>([
    ['0', 4, '00000000', '00000000'],
    ['5', 4, '05000000', '00000005'],
    ['0x1234', 4, '34120000', '00001234'],
    ['0x1234', 2, '3412', '1234'],
    ['255', 1, 'ff', 'ff'],
    ['-1', 1, 'ff', 'ff'],
    ['-128', 1, '80', '80'],
    ['-2', 8, 'feffffffffffffff', 'fffffffffffffffe'],
    ['18446744073709551615', 8, 'ffffffffffffffff', 'ffffffffffffffff'],
    ['4294967295', 4, 'ffffffff', 'ffffffff'],
    ['-2147483648', 4, '00000080', '80000000'],
  ])('%s is a number of %d bytes in the byte order of the object', (text, size, little, big) => {
    expect(mapBytes(text, size, true, 'key')).toBe(little);
    expect(mapBytes(text, size, false, 'key')).toBe(big);
  });
  test.each([
    ['01020304', 4, '01020304'],
    ['0102 0304', 4, '01020304'],
    ['AB', 1, 'ab'],
    ['10', 1, '10'],
    ['1234', 2, '1234'],
    ['010203', 3, '010203'],
  ])('%s is as many bytes in hex, in either order', (text, size, bytes) => {
    for (const little of [true, false]) expect(mapBytes(text, size, little, 'key')).toBe(bytes);
  });
  test.each([
    ['256', 1, 'key: 256 does not fit in 1 bytes'],
    ['-129', 1, 'key: -129 does not fit in 1 bytes'],
    ['4294967296', 4, 'key: 4294967296 does not fit in 4 bytes'],
    ['18446744073709551616', 8, 'key: 18446744073709551616 does not fit in 8 bytes'],
    ['0102', 3, 'key: wants 3 bytes in hex (6 digits)'],
    ['5', 16, 'key: wants 16 bytes in hex (32 digits)'],
    ['xyz', 4, 'key: '],
  ])('%s does not fit: %d bytes', (text, size, message) =>
    expect(() => mapBytes(text, size, true, 'key')).toThrow(message),
  );
});
