import { expect, test } from 'vitest';
import { finish } from '../session/session.ts';
import { run } from '../testing/run.ts';
import { runWithMaps, withMaps } from '../testing/with-maps.ts';

const answerOf = (size: number, text: string): [answer: bigint | undefined, copied: bigint] => {
  const bytes = Buffer.concat([Buffer.from(text), Buffer.alloc(8)]).readBigUInt64LE();
  const source =
    `r2 = ${bytes} ll; *(u64 *)(r10 - 8) = r2; r2 = -1; *(u64 *)(r10 - 16) = r2; ` +
    `r1 = r10; r1 += -16; r2 = ${size}; r3 = r10; r3 += -8; call bpf_probe_read_kernel_str; `;
  const packet = '00'.repeat(64);
  const answered = (end: string) => run(`${source} ${end}`, { hook: 'tc', packet }).r0;
  return [answered('exit'), answered('r0 = *(u64 *)(r10 - 16); exit')!];
};

/** mm/maccess.c, strncpy_from_kernel_nofault: the length with the zero, which always is written. */
test.each([
  [0, 'abc', 0n, 0xffff_ffff_ffff_ffffn],
  [0, '', 0n, 0xffff_ffff_ffff_ffffn],
  [1, 'abc', 1n, 0xffff_ffff_ffff_ff00n],
  [3, 'abc', 3n, 0xffff_ffff_ff00_6261n],
  [4, 'abc', 4n, 0xffff_ffff_0063_6261n],
  [8, 'abc', 4n, 0xffff_ffff_0063_6261n],
  [8, '', 1n, 0xffff_ffff_ffff_ff00n],
])('bpf_probe_read_kernel_str of %i bytes of "%s"', (size, text, answer, copied) => {
  expect(answerOf(size, text)).toEqual([answer, copied]);
});

/** kernel/bpf/helpers.c, bpf_bprintf_prepare: each conversion takes the next value. */
test.each<[string, readonly number[], string]>([
  ['%d-%d', [7, 9], '7-9'],
  ['%px-%d', [7, 9], '0000000000000007-9'],
  ['%c%c', [65, 66], 'AB'],
  ['%20p', [0xabc], '                 abc'],
  ['%-5px', [0xabc], 'abc  '],
])('bpf_snprintf "%s"', (format, values, text) => {
  const bytes = Buffer.concat([Buffer.from(format), Buffer.alloc(8 - format.length)]);
  const source =
    values.map((value, i) => `*(u64 *)(r10 - ${32 - 8 * i}) = ${value}; `).join('') +
    'r1 = r10; r1 += -64; r2 = 32; ld_pseudo r3, 0x2, 0; r4 = r10; r4 += -32; ' +
    `r5 = ${8 * values.length}; call bpf_snprintf`;
  const map = {
    name: '.rodata',
    origin: 'global',
    readOnly: true,
    initialValue: bytes,
    maxEntries: 1,
  };
  const answer = (end: string) => runWithMaps(`${source}; ${end}; exit`, [map as never]).r0!;
  expect(answer('r6 = r0; r0 = r6')).toBe(BigInt(text.length + 1));
  const words = [0, 8, 16].map((at) => answer(`r0 = *(u64 *)(r10 - ${64 - at})`));
  const written = Buffer.alloc(24);
  for (const [i, word] of words.entries()) written.writeBigUInt64LE(word, 8 * i);
  expect(written.toString('latin1').split('\0')[0]).toBe(text);
});

test('the value behind a pointer is the next one, however the pointer is written', () => {
  const format = { name: '.rodata', origin: 'global', readOnly: true, maxEntries: 1 };
  const source =
    '*(u64 *)(r10 - 32) = 7; *(u64 *)(r10 - 24) = 9; *(u64 *)(r10 - 64) = 0; ' +
    'r1 = r10; r1 += -64; r2 = 32; ld_pseudo r3, 0x2, 0; r4 = r10; r4 += -32; r5 = 16; ' +
    'call bpf_snprintf; r1 = r10; r1 += -64; r1 += r0; r0 = *(u8 *)(r1 - 2); exit';
  const initialValue = Buffer.from('%p-%d\0\0\0');
  expect(runWithMaps(source, [{ ...format, initialValue } as never]).r0).toBe(57n);
});

// lib/vsprintf.c: bstr_printf counts what there would be, and takes text that is ready as it is.
test.each([
  ['%5d', 5],
  ['%1023d', 1023],
  ['%1024d', 1024],
  ['%1025d', 1025],
  ['%2000d', 2000],
  ['%-1500d', 1500],
  ['%pI4', '7.0.0.0'.length],
  ['%9pI4', '7.0.0.0'.length],
  ['%1024pI4', '7.0.0.0'.length],
  ['%2000pI4', '7.0.0.0'.length],
])('the length of a line is that of all characters, its end with it: %s', (format, length) => {
  const map = {
    name: '.rodata',
    origin: 'global',
    readOnly: true,
    maxEntries: 1,
    valueSize: 16,
    initialValue: Buffer.from(format.padEnd(16, '\0')),
  };
  const source =
    '*(u64 *)(r10 - 8) = 7; r1 = r10; r1 += -8; ' +
    `${format.endsWith('d') ? '*(u64 *)(r10 - 32) = 7' : '*(u64 *)(r10 - 32) = r1'}; ` +
    'r1 = r10; r1 += -64; r2 = 8; ld_pseudo r3, 0x2, 0; r4 = r10; r4 += -32; r5 = 8; ' +
    'call bpf_snprintf; exit';
  expect(runWithMaps(source, [map as never]).r0).toBe(BigInt(length + 1));
});

test('a text may end with the last byte of what may be read', () => {
  const map = {
    name: '.rodata',
    origin: 'global',
    readOnly: true,
    maxEntries: 1,
    initialValue: Buffer.from('%s\0\0\0\0\0\0'),
  };
  const text = Buffer.from('abcdefg\0').readBigUInt64LE();
  const source = (at: number) =>
    `r1 = ${text} ll; *(u64 *)(r10 - 8) = r1; r1 = r10; r1 += ${at}; *(u64 *)(r10 - 16) = r1; ` +
    'r1 = r10; r1 += -64; r2 = 32; ld_pseudo r3, 0x2, 0; r4 = r10; r4 += -16; r5 = 8; ' +
    'call bpf_snprintf; exit';
  expect(runWithMaps(source(-8), [map as never]).r0).toBe(8n);
  expect(runWithMaps(source(-1), [map as never]).r0).toBe(1n);
});

// kernel/trace/bpf_trace.c, bpf_probe_read_kernel_str_common: where it fails all is zero.
test('a text that cannot be read leaves zeros', () => {
  const source = (from: string) =>
    `r2 = -1; *(u64 *)(r10 - 16) = r2; r1 = r10; r1 += -16; r2 = 7; ${from}; ` +
    'call bpf_probe_read_kernel_str; r6 = r0';
  const answered = (from: string, end: string) =>
    run(`${source(from)}; ${end}; exit`, { hook: 'tc', packet: '00' }).r0;
  // ERANGE for what is no address of the kernel at all.
  for (const from of ['r3 = 0', 'r3 = 8']) {
    expect(BigInt.asIntN(64, answered(from, 'r0 = r6')!)).toBe(-34n);
    // The byte behind them stays.
    expect(answered(from, 'r0 = *(u64 *)(r10 - 16)')).toBe(0xff00_0000_0000_0000n);
  }
});

// kernel/trace/bpf_trace.c: a line of the trace has 1,024 bytes, the last of them is NUL.
test.each([
  [1022, 1022],
  [1023, 1023],
  [1024, 1023],
  [1500, 1023],
])('a printed line of %i characters is cut to %i', (width, kept) => {
  const format = { name: '.rodata', origin: 'global', readOnly: true, maxEntries: 1 };
  const initialValue = Buffer.from(`%${width}d`.padEnd(8, '\0'));
  const size = `%${width}d`.length + 1;
  const source = `ld_pseudo r1, 0x2, 0; r2 = ${size}; r3 = 7; call bpf_trace_printk; exit`;
  const session = withMaps(source, [{ ...format, initialValue } as never]);
  finish(session.go({ how: 'end' }));
  expect(session.machine!.printk.map(({ text }) => text.length)).toEqual([kept]);
});

test('a pointer that would be a name is its number, as wide as is asked for', () => {
  const said = (format: string): string => {
    const map = { name: '.rodata', origin: 'global', readOnly: true, maxEntries: 1 };
    const initialValue = Buffer.from(format.padEnd(8, '\0'));
    const source =
      '*(u64 *)(r10 - 32) = 0x1234; r1 = r10; r1 += -64; r2 = 24; ld_pseudo r3, 0x2, 0; ' +
      'r4 = r10; r4 += -32; r5 = 8; call bpf_snprintf';
    const word = (at: number) =>
      runWithMaps(`${source}; r0 = *(u64 *)(r10 - ${64 - at}); exit`, [
        { ...map, initialValue } as never,
      ]).r0!;
    const bytes = Buffer.alloc(24);
    bytes.writeBigUInt64LE(word(0), 0);
    bytes.writeBigUInt64LE(word(8), 8);
    return bytes.toString('latin1').split('\0')[0];
  };
  expect(said('%ps')).toBe('0x1234');
  expect(said('%pS')).toBe('0x1234');
  expect(said('%9ps')).toBe('   0x1234');
  expect(said('%-9ps')).toBe('0x1234   ');
});

// mm/maccess.c: of no bytes only the address is looked at.
test('bpf_probe_read_kernel of no bytes is for any address of the kernel', () => {
  const read = (size: number, from: string) =>
    BigInt.asIntN(
      64,
      run(`r1 = r10; r1 += -8; r2 = ${size}; ${from}; call bpf_probe_read_kernel; exit`, {
        hook: 'tc',
        packet: '00',
      }).r0!,
    );
  const [ERANGE, EFAULT] = [-34n, -14n];
  expect([read(0, 'r3 = 8'), read(4, 'r3 = 8')]).toEqual([ERANGE, ERANGE]);
  const kernel = 'r3 = 0xffff888000001000 ll';
  expect([read(0, kernel), read(4, kernel)]).toEqual([0n, EFAULT]);
  expect(read(0, 'r3 = r10; r3 += -8')).toBe(0n);
});
