import { describe, expect, test } from 'vitest';
import { readPacketText } from './text.ts';

describe('what is no packet is called what it is', () => {
  test.each([
    [
      'C source',
      '#include <linux/bpf.h>\nSEC("xdp")\nint drop(struct xdp_md *ctx) {\n  return XDP_DROP;\n}',
      'is C source',
    ],
    [
      'C source with an array',
      'static int f(void) {\n  char a[] = {1, 2};\n  return a[0];\n}',
      'is C source',
    ],
    [
      'tcpdump without -xx',
      '12:00:00.000000 IP 10.0.0.2.40000 > 1.1.1.1.80: Flags [S], seq 1, win 8192, ' +
        'length 0\n12:00:00.000001 ARP, Request who-has 10.0.0.1 tell 10.0.0.2, length 28',
      'is tcpdump summary lines, which have no bytes: run tcpdump with -xx',
    ],
    [
      'tshark without -x',
      '    1   0.000000     10.0.0.2 → 1.1.1.1      TCP 74 40000 → 80 [SYN] Seq=0 Win=8192',
      'is tshark summary lines',
    ],
    [
      'LLVM assembly',
      'target triple = "bpf"\ndefine i32 @f(ptr %0) {\n  ret i32 1\n}',
      'is LLVM assembly',
    ],
    [
      'assembly of a compiler',
      '\t.text\n\t.globl\tf\nf:\n\tr0 = 1\n\texit',
      'is assembly that a compiler wrote',
    ],
    ['a link', 'https://example.org/playground/#v1.AbCdEfGhIjKlMnOpQrStUvWx', 'is a link'],
    ['JSON', '{"interface": "eth0", "mtu": 1500}', 'is JSON without the bytes of a packet'],
    ['XML', '<?xml version="1.0"?>\n<pdml><packet></packet></pdml>', 'is XML'],
    ['a path', '/srv/captures/packet_one', 'is the name of a file'],
    [
      'prose',
      'Hello everyone, my packets are dropped and I do not know why.',
      'is words, not bytes',
    ],
    [
      'what tshark -V says',
      'Frame 1: 74 bytes on wire (592 bits), 74 bytes captured (592 bits)\nEthernet II, Src: ' +
        '02:00:00:00:00:01',
      'is what tshark -V',
    ],
    [
      'od -a',
      '0000000 stx nul nul nul nul stx stx nul nul nul nul soh  bs nul   E nul\n0000020',
      'is of od -a',
    ],
  ])('%s', (_title, text, message) => expect(() => readPacketText(text)).toThrow(message));
});
