import { either, sequence } from './pattern.ts';

/** A line of LLVM's syntax of eBPF, with a label or a number in front perhaps. */
const ASSEMBLY = sequence(
  'm',
  /^\s*(?:\w+:\s*)?/,
  either(
    /[rw]\d+\s*[-+*/&|^%<>s]{0,3}=/,
    /\*\(u\d+ \*\)/,
    /if\s+[rw]\d+\s/,
    /goto\s+[-+\w]+\s*(?:[;#/]|$)/,
    /call\s+(?:-?\d+|\w+)\s*(?:[;#/]|$)/,
    /exit\s*(?:[;#/]|$)/,
    /lock\s+\*/,
    /may_goto\s/,
  ),
);
const LLVM = sequence(
  'm',
  /^\s*/,
  /(?:target triple|target datalayout|define\s[^\n]*@|source_filename\s*=|; ModuleID)/,
);
const C_SOURCE = sequence(
  'm',
  either(
    /^\s*#\s*include\b/,
    /^\s*SEC\("/,
    /\b(?:int|void|static|struct)\s+\w+\s*\([^)\n]*\)\s*\{/,
    /^\s*#define\s/,
  ),
);
const TCPDUMP_LINE = sequence(
  'm',
  /^\s*(?:\d{4}-\d\d-\d\d )?\d{1,2}:\d{2}:\d{2}[.,]\d{3,9}.{0,120} /,
  /(?:IP6?|ARP|ethertype|[0-9a-f:.]{7,} >|LLDP|STP|In|Out)\b/,
);
/** Characters by name. */
const OD_NAME = either(
  /nul|soh|stx|etx|eot|enq|ack|bel|bs|ht|nl|vt|ff|cr|so|si|dle|dc\d|nak|syn|etb/,
  /can|em|sub|esc|fs|gs|rs|us|sp|del|./,
);
/** The first may be of any two or three letters. */
const OD_LINE = sequence(
  'm',
  /^0\d{6}\s+(?:nul|soh|stx|etx|sp|del|[a-z]{2,3}|.)/,
  new RegExp(`(?:\\s+${OD_NAME.source}){3}`),
);
const FILE_NAME = either(
  /^\s*(?:\.{0,2}\/)?[\w.-]+(?:\/[\w.-]+)+\s*$/,
  /^\s*[\w-]+\.(?:pcap|pcapng|cap|txt|bin|hex|o)\s*$/,
);

/**
 * Whether text is meant as assembly of eBPF, right or wrong; what is something else is called that.
 */
export function looksLikeAssembly(text: string): boolean {
  return textKind(text)?.what === IS_ASSEMBLY;
}

const IS_ASSEMBLY = 'is assembly of eBPF';

/** What a text is that is no input of the kind wanted: how to tell, and what to do. */
export interface TextKind {
  readonly is: (text: string) => boolean;
  readonly what: string;
  /** A program, or a message with code in it: what looks like bytes in it is hardly a packet. */
  readonly isProgram?: true;
  readonly advice: string;
}

/** The first that matches says it. */
const KINDS: readonly TextKind[] = [
  {
    is: (text) =>
      /^\s*(?:https?:\/\/\S+)?#[\w.-]*[A-Za-z0-9_-]{20,}\s*$/.test(text) ||
      /^\s*https?:\/\/\S+\s*$/.test(text),
    what: 'is a link',
    advice: 'open it in the address bar, or give it in place of an object',
  },
  {
    is: (text) => LLVM.test(text),
    what: 'is LLVM assembly',
    isProgram: true,
    advice: 'compile it with clang -target bpf -c and open the object',
  },
  {
    is: (text) =>
      /^\s*\.(?:text|section|globl|file|type|size)\b/m.test(text) &&
      /\b(?:r\d+|w\d+|exit|call|%[re]\w\w)\b/.test(text),
    what: 'is assembly that a compiler wrote',
    isProgram: true,
    advice: 'assemble it with clang -target bpf -c and open the object',
  },
  {
    is: (text) => C_SOURCE.test(text),
    what: 'is C source',
    isProgram: true,
    advice: 'compile it with clang -O2 -g -target bpf -c and open the object',
  },
  {
    is: (text) => /^\s*package \w+\s*$/m.test(text),
    what: 'is Go source',
    isProgram: true,
    advice: 'open the .o that bpf2go made',
  },
  {
    is: (text) => /^\s*(?:use\s+\w+::|fn\s+\w+\s*\(|#!\[no_std\]|pub fn )/m.test(text),
    what: 'is Rust source',
    isProgram: true,
    advice: 'compile it and open the object',
  },
  {
    is: (text) => /^\s*<\?xml|^\s*<pdml|^\s*<psml/m.test(text),
    what: 'is XML, perhaps of tshark -T pdml',
    advice: 'print the packet with tshark -x or save a capture and open it',
  },
  {
    is: (text) => /^\s*<!DOCTYPE html|<html\b/i.test(text),
    what: 'is a web page',
    advice: 'copy only the bytes',
  },
  {
    is: (text) =>
      /^Frame \d+: \d+ bytes on wire/m.test(text) || /^\s*Ethernet II, Src: /m.test(text),
    what: 'is what tshark -V or Wireshark says about packets, without their bytes',
    advice: 'print them with tshark -x, or copy "as a hex dump"',
  },
  {
    is: (text) =>
      TCPDUMP_LINE.test(text) || /^IP6? \S+ > \S+: /m.test(text) || / > \S+: Flags \[/.test(text),
    what: 'is tcpdump summary lines, which have no bytes',
    advice: 'run tcpdump with -xx, or save a capture with -w and open it',
  },
  {
    is: (text) => /^\s*\d+\s+\d+\.\d{3,9}\s+\S+\s+(?:→|->|\u2192)\s+\S+/m.test(text),
    what: 'is tshark summary lines, which have no bytes',
    advice: 'run tshark with -x, or open the capture itself',
  },
  {
    is: (text) => /^\s*[[{]/.test(text) && isJson(text),
    what: 'is JSON without the bytes of a packet',
    advice: 'give tshark -T json also -x, or paste hex',
  },
  {
    is: (text) => /^\s*###\[ \w/m.test(text),
    what: "is what scapy's show() prints, without bytes",
    advice: 'print hexdump(packet) or raw(packet)',
  },
  {
    is: (text) => /<(?:Ether|IP|IPv6|ARP)\s+.*\|/.test(text),
    what: 'is the repr of a scapy packet',
    advice: 'print hexdump(packet) or raw(packet)',
  },
  {
    is: (text) => /^\s*(?:diff --git|---\s\S+\n\+\+\+\s|@@ -\d+)/m.test(text),
    what: 'is a difference between files',
    isProgram: true,
    advice: 'paste hex bytes',
  },
  {
    is: (text) => /^\s*#!|^\s*(?:import|from)\s+\w+|^\s*def\s+\w+\(/m.test(text),
    what: 'is a script',
    isProgram: true,
    advice: 'run it and paste the bytes it prints',
  },
  {
    is: (text) => OD_LINE.test(text),
    what: 'is od -a, which leaves the highest bit of each byte out',
    advice: 'use od -t x1',
  },
  {
    is: (text) => ASSEMBLY.test(text),
    what: IS_ASSEMBLY,
    isProgram: true,
    advice: 'open it as assembly',
  },
  {
    is: (text) => FILE_NAME.test(text),
    what: 'is the name of a file',
    advice: 'open the file (--packet-file, --pcap)',
  },
  {
    is: (text) => /^[-+\d.,e\s]+$/i.test(text) && /\d/.test(text),
    what: 'is numbers that are no bytes',
    advice: 'paste bytes as pairs of hex digits, or numbers below 256 with commas between',
  },
];

function isJson(text: string): boolean {
  try {
    if (text.length > 1_000_000) return true;
    const [firstLine = ''] = text.trim().split('\n', 1);
    // One object a line: the first speaks for all.
    const isLines = firstLine.trim().endsWith('}') && text.trim().includes('\n{');
    JSON.parse(isLines ? firstLine : text);
    return true;
  } catch {
    return /"[\w.]+"\s*:/.test(text);
  }
}

const words = (text: string): number => text.slice(0, 4000).match(/[A-Za-z]{2,}/g)?.length ?? 0;

function wordShare(text: string): number {
  const tokens = text
    .slice(0, 4000)
    .split(/\s+/)
    .filter((token) => token !== '');
  return (
    tokens.filter(
      (token) => /^[("']?[A-Za-z]{2,}[)"'.,:;!?]*$/.test(token) && !/^[0-9a-f]{2}$/i.test(token),
    ).length / Math.max(1, tokens.length)
  );
}

const PROSE: TextKind = {
  is: (text) => words(text) >= 3 && wordShare(text) > 0.6,
  what: 'is words, not bytes',
  advice: 'paste hex bytes, a hex dump, a C array, a string or base64',
};

/**
 * What a text that is no packet seems to be, with what to do; undefined where it cannot be told.
 */
export function identify(text: string): string | undefined {
  const kind = textKind(text) ?? (PROSE.is(text) ? PROSE : undefined);
  return kind && `${kind.what}: ${kind.advice}`;
}

/** What a text seems to be; undefined where it cannot be told. */
export function textKind(text: string): TextKind | undefined {
  const head = text.slice(0, 200_000);
  return KINDS.find(({ is }) => is(head));
}
