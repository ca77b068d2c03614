/** What a file is that is none of the kinds read here, in words, and what to do with it. */
export interface FileKind {
  readonly what: string;
  readonly next: string;
}

const UNPACK = 'unpack it first';
const BUILD = 'build it with clang -O2 -g -target bpf -c';
const CONVERT = 'convert it with "editcap -F pcap" or "tshark -w"';

interface Row extends FileKind {
  /** Bytes, or text of as many bytes, at `at` (0 where it is not said). */
  readonly magic: readonly number[] | string;
  readonly at?: number;
}

/** Files by their first bytes, as file(1) and Wireshark's wiretap know them. */
const MAGIC: readonly Row[] = [
  { magic: [0x1f, 0x8b, 8], what: 'gzip-compressed', next: UNPACK },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], what: 'zstd-compressed', next: UNPACK },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], what: 'xz-compressed', next: UNPACK },
  { magic: 'BZh', what: 'bzip2-compressed', next: UNPACK },
  { magic: [0x04, 0x22, 0x4d, 0x18], what: 'lz4-compressed', next: UNPACK },
  { magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], what: 'a 7z archive', next: UNPACK },
  { magic: 'PK\x03\x04', what: 'a zip archive', next: UNPACK },
  { magic: 'PK\x05\x06', what: 'an empty zip archive', next: 'open the object itself' },
  { magic: 'Rar!', what: 'a rar archive', next: UNPACK },
  { magic: 'ustar', at: 257, what: 'a tar archive', next: UNPACK },
  {
    magic: '!<arch>\n',
    what: 'an archive (.a, .rlib or .deb)',
    next: 'take the object out of it with "ar x"',
  },
  { magic: '!<thin>\n', what: 'a thin archive', next: 'open the object it names' },
  { magic: [0, 0x61, 0x73, 0x6d], what: 'a WebAssembly module', next: BUILD },
  { magic: 'MZ', what: 'a Windows executable (PE)', next: BUILD },
  { magic: [0xcf, 0xfa, 0xed, 0xfe], what: 'a Mach-O file of macOS', next: BUILD },
  { magic: [0xfe, 0xed, 0xfa, 0xcf], what: 'a Mach-O file of macOS', next: BUILD },
  { magic: [0xca, 0xfe, 0xba, 0xbe], what: 'a Java class or a universal Mach-O file', next: BUILD },
  { magic: 'BC\xc0\xde', what: 'LLVM bitcode (built with -emit-llvm or -flto)', next: BUILD },
  { magic: [0xde, 0xc0, 0x17, 0x0b], what: 'LLVM bitcode in a wrapper', next: BUILD },
  { magic: '%PDF', what: 'a PDF document', next: 'open the object or the capture itself' },
  { magic: '\x89PNG', what: 'a PNG picture', next: 'paste the bytes as text' },
  { magic: '\xff\xd8\xff', what: 'a JPEG picture', next: 'paste the bytes as text' },
  { magic: 'GIF8', what: 'a GIF picture', next: 'paste the bytes as text' },
  {
    magic: 'SQLite format 3',
    what: 'an SQLite database',
    next: 'open the object or the capture itself',
  },
  { magic: '\xed\xab\xee\xdb', what: 'an RPM package', next: UNPACK },
  { magic: 'snoop\0\0\0', what: 'a snoop capture', next: 'open it as a capture' },
  { magic: [0x0a, 0x0d, 0x0d, 0x0a], what: 'a pcapng capture', next: 'open it as a capture' },
  { magic: [0xd4, 0xc3, 0xb2, 0xa1], what: 'a pcap capture', next: 'open it as a capture' },
  { magic: [0xa1, 0xb2, 0xc3, 0xd4], what: 'a pcap capture', next: 'open it as a capture' },
  {
    magic: [0x4d, 0x3c, 0xb2, 0xa1],
    what: 'a pcap capture (nanoseconds)',
    next: 'open it as a capture',
  },
  {
    magic: [0xa1, 0xb2, 0x3c, 0x4d],
    what: 'a pcap capture (nanoseconds)',
    next: 'open it as a capture',
  },
  {
    magic: [0x34, 0xcd, 0xb2, 0xa1],
    what: 'a modified pcap capture (Kuznetzov)',
    next: 'open it as a capture',
  },
  {
    magic: [0xa1, 0xb2, 0xcd, 0x34],
    what: 'a modified pcap capture (Kuznetzov)',
    next: 'open it as a capture',
  },
  { magic: 'GMBU', what: 'a Network Monitor capture', next: CONVERT },
  { magic: 'RTSS', what: 'a Network Monitor 1 capture', next: CONVERT },
  { magic: 'TRSNIFF data', what: 'a Sniffer capture', next: CONVERT },
  { magic: 'XCP\0', what: 'a NetXRay capture', next: CONVERT },
  { magic: 'iptrace ', what: 'an AIX iptrace capture', next: CONVERT },
  {
    magic: 'btsnoop\0',
    what: 'a Bluetooth capture (btsnoop)',
    next: 'open a capture of Ethernet or IP',
  },
  { magic: [0x1c, 0x00, 0x01, 0xac], what: 'an IXIA pcap capture', next: 'open it as a capture' },
  { magic: [0xac, 0x01, 0x00, 0x1c], what: 'an IXIA pcap capture', next: 'open it as a capture' },
  { magic: [0x54, 0x8b, 0x0a, 0x00], what: 'a Visual Networks capture', next: CONVERT },
];

const hasMagic = (bytes: Uint8Array, { magic, at = 0 }: Row): boolean => {
  const wanted =
    typeof magic === 'string' ? Array.from(magic, (char) => char.charCodeAt(0)) : magic;
  return bytes.length >= at + wanted.length && wanted.every((byte, i) => bytes[at + i] === byte);
};

/**
 * What bytes are by their first ones; undefined where those do not tell. Of text, see text-kind.ts.
 */
export function fileKind(bytes: Uint8Array): FileKind | undefined {
  return MAGIC.find((row) => hasMagic(bytes, row));
}

/** The text of a file, where it is text in UTF-8. */
export function asText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell a binary file
    return /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
