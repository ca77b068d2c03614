import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { fromBase64, toBase64Url } from './base64.ts';
import { deflate, inflate, isPacked, isZstd, unpack } from './compression.ts';
import { asText, fileKind } from './file-kind.ts';
import { parseInteger } from './integer.ts';
import { Pool } from './pool.ts';
import { identify, textKind } from './text-kind.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe('files by their first bytes, as file(1) has them', () => {
  test.each<[what: string, start: number[] | string]>([
    ['gzip-compressed', [0x1f, 0x8b, 8]],
    ['zstd-compressed', [0x28, 0xb5, 0x2f, 0xfd]],
    ['xz-compressed', '\xfd7zXZ\0'],
    ['bzip2-compressed', 'BZh'],
    ['lz4-compressed', [0x04, 0x22, 0x4d, 0x18]],
    ['a 7z archive', "7z\xbc\xaf'\x1c"],
    ['a zip archive', 'PK\x03\x04'],
    ['an empty zip archive', 'PK\x05\x06'],
    ['a rar archive', 'Rar!'],
    ['a tar archive', `${'\0'.repeat(257)}ustar`],
    ['an archive (.a, .rlib or .deb)', '!<arch>\n'],
    ['a thin archive', '!<thin>\n'],
    ['a WebAssembly module', '\0asm'],
    ['a Windows executable (PE)', 'MZ'],
    ['a Mach-O file of macOS', [0xcf, 0xfa, 0xed, 0xfe]],
    ['a Mach-O file of macOS', [0xfe, 0xed, 0xfa, 0xcf]],
    ['a Java class or a universal Mach-O file', [0xca, 0xfe, 0xba, 0xbe]],
    ['LLVM bitcode (built with -emit-llvm or -flto)', 'BC\xc0\xde'],
    ['LLVM bitcode in a wrapper', [0xde, 0xc0, 0x17, 0x0b]],
    ['a PDF document', '%PDF'],
    ['a PNG picture', '\x89PNG'],
    ['a JPEG picture', '\xff\xd8\xff'],
    ['a GIF picture', 'GIF8'],
    ['an SQLite database', 'SQLite format 3'],
    ['an RPM package', [0xed, 0xab, 0xee, 0xdb]],
    ['a snoop capture', 'snoop\0\0\0'],
    ['a pcapng capture', [0x0a, 0x0d, 0x0d, 0x0a]],
    ['a pcap capture', [0xd4, 0xc3, 0xb2, 0xa1]],
    ['a pcap capture', [0xa1, 0xb2, 0xc3, 0xd4]],
    ['a pcap capture (nanoseconds)', [0x4d, 0x3c, 0xb2, 0xa1]],
    ['a pcap capture (nanoseconds)', [0xa1, 0xb2, 0x3c, 0x4d]],
    ['a modified pcap capture (Kuznetzov)', [0x34, 0xcd, 0xb2, 0xa1]],
    ['a modified pcap capture (Kuznetzov)', [0xa1, 0xb2, 0xcd, 0x34]],
    ['a Network Monitor capture', 'GMBU'],
    ['a Network Monitor 1 capture', 'RTSS'],
    ['a Sniffer capture', 'TRSNIFF data'],
    ['a NetXRay capture', 'XCP\0'],
    ['an AIX iptrace capture', 'iptrace '],
    ['a Bluetooth capture (btsnoop)', 'btsnoop\0'],
    ['an IXIA pcap capture', [0x1c, 0x00, 0x01, 0xac]],
    ['an IXIA pcap capture', [0xac, 0x01, 0x00, 0x1c]],
    ['a Visual Networks capture', [0x54, 0x8b, 0x0a, 0x00]],
  ])('%s', (what, start) => {
    const bytes = typeof start === 'string' ? ascii(start) : Uint8Array.from(start);
    expect(fileKind(bytes)?.what).toBe(what);
    // A byte less or another last one is none of it.
    expect(fileKind(bytes.slice(0, -1))?.what).not.toBe(what);
    expect(fileKind(bytes.with(-1, bytes.at(-1)! ^ 0x40))?.what).not.toBe(what);
  });
});

test('text is UTF-8 without control characters', () => {
  expect(asText(ascii('a\tb\r\n'))).toBe('a\tb\r\n');
  for (const control of [0, 1, 8, 0x0e, 0x1b, 0x1f])
    expect(asText(Uint8Array.of(65, control))).toBeUndefined();
  for (const control of [9, 10, 11, 12, 13, 0x20])
    expect(asText(Uint8Array.of(65, control))?.length).toBe(2);
  expect(asText(Uint8Array.of(0xff))).toBeUndefined();
});

describe('texts that are no packet', () => {
  test.each([
    ['#include <linux/bpf.h>\nint main(void) { return 0; }', 'is C source'],
    ['SEC("xdp")\nint f(struct xdp_md *c) { return 0; }', 'is C source'],
    ['package main\n', 'is Go source'],
    ['use core::fmt;\n', 'is Rust source'],
    ['pub fn main() {}', 'is Rust source'],
    ['<?xml version="1.0"?>', 'is XML, perhaps of tshark -T pdml'],
    ['<!DOCTYPE html>', 'is a web page'],
    ['Frame 1: 60 bytes on wire (480 bits)', 'is what tshark -V or Wireshark says about packets'],
    ['12:00:00.123456 IP 10.0.0.1 > 10.0.0.2: UDP', 'is tcpdump summary lines'],
    ['IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S]', 'is tcpdump summary lines'],
    ['    1 0.000000 10.0.0.1 → 10.0.0.2 TCP 74', 'is tshark summary lines'],
    ['{"a": 1}', 'is JSON without the bytes of a packet'],
    ['###[ Ethernet ]###', "is what scapy's show() prints"],
    ['<Ether  type=IPv4 |<IP |>>', 'is the repr of a scapy packet'],
    ['diff --git a/x b/x', 'is a difference between files'],
    ['import os', 'is a script'],
    ['def f():', 'is a script'],
    ['./a/packet.bin', 'is the name of a file'],
    ['capture.pcapng', 'is the name of a file'],
    ['-300 1.5', 'is numbers that are no bytes'],
    ['this is not a packet at all', 'is words, not bytes'],
  ])('%j %s', (text, what) => expect(identify(text)?.startsWith(what)).toBe(true));
  test.each(['', 'xyz', 'a b', '00 11 22 33 gg', 'no bytes 00 11 22 33 44 55 66'])(
    '%j is nothing that is known',
    (text) => expect([textKind(text), identify(text)]).toEqual([undefined, undefined]),
  );
});

describe('packed', () => {
  const packed = async (size: number) => deflate(new Uint8Array(size));
  test('as much as the limit, and not a byte more', async () => {
    expect((await inflate(await packed(1024 * 1024), 'deflate-raw', 1024 * 1024, 'x')).length).toBe(
      1024 * 1024,
    );
    await expect(
      inflate(await packed(1024 * 1024 + 1), 'deflate-raw', 1024 * 1024, 'x'),
    ).rejects.toThrow(new InputError('x', 'unpacks to more than 1 MB, the most that is read'));
  });
  test('what is damaged says so', async () => {
    const damaged = new InputError('x', 'is damaged or cut short: it does not unpack');
    await expect(inflate(Uint8Array.of(7, 7), 'deflate-raw', 9, 'x')).rejects.toThrow(damaged);
    await expect(unpack(Uint8Array.of(0x1f, 0x8b, 8), 9, 'x')).rejects.toThrow(damaged);
    await expect(unpack(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1), 9, 'x')).rejects.toThrow(damaged);
  });
  test('zstd begins with four bytes of its own (RFC 8878)', () => {
    const zstd = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
    expect([isZstd(zstd), isPacked(zstd), isZstd(zstd.slice(0, 3))]).toEqual([true, true, false]);
    expect(isPacked(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfe))).toBe(false);
  });
  test('anything else is as it was', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(await unpack(bytes, 1, 'x')).toBe(bytes);
  });
});

test('base64 of a URL has other digits and no padding (RFC 4648 section 5)', () => {
  expect(toBase64Url(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe('-_-_');
  expect(toBase64Url(Uint8Array.of(0))).toBe('AA');
  expect(fromBase64('-_ -_\n')).toEqual(Uint8Array.of(0xfb, 0xff, 0xbf));
  expect(fromBase64('AA==')).toEqual(Uint8Array.of(0));
  expect([fromBase64('A'), fromBase64('A=A'), fromBase64('?')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a number is shown as far as forty characters', () =>
  expect(() => parseInteger('x'.repeat(50), 'here')).toThrow(
    `here: "${'x'.repeat(40)}" is not a number (decimal or 0x)`,
  ));

test('the first of ascending numbers that is not below another, one by one or in strides', () => {
  const pool = new Pool();
  for (const value of [1, 9, 3, 9, 5, 9, 7, 9]) pool.push(value);
  expect([0, 1, 2, 3, 7, 8].map((value) => pool.lowerBound(value, 2))).toEqual([0, 0, 2, 2, 6, 8]);
  const whole = new Pool();
  for (let i = 0; i < 100; i++) whole.push(2 * i);
  expect([0, 1, 198, 199].map((value) => whole.lowerBound(value))).toEqual([0, 1, 99, 100]);
  expect([whole.length, whole.bytes, new Pool().bytes]).toEqual([100, 4 * 65_536, 0]);
});
