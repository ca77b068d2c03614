import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { fromHex } from '../bytes/hex.ts';
import { inputsFor } from '../session/inputs.ts';
import { encodeLink } from '../share/container.ts';
import { hookListFrom } from '../testing/hook-lists.ts';
import { pcapOf } from '../testing/pcap.ts';
import { readArguments } from './arguments.ts';
import { chainCommand } from './chain.ts';

const LISTS = join(import.meta.dirname, '../testdata/hook-lists');
const TC = join(LISTS, 'tc-list.o');
const XDP = join(LISTS, 'xdp-list.o');
const folder = mkdtempSync(join(tmpdir(), 'hook-chain-'));

/** Ethernet and IPv4, and bytes behind them. */
const packet = (protocol: 'udp' | 'tcp', bytes = 46): string =>
  [
    '5254001234565254006543210800',
    `450000200001000040${protocol === 'udp' ? '11' : '06'}00000a00000101010101`,
    '00'.repeat(bytes),
  ]
    .join('')
    .slice(0, 2 * bytes);

async function call(...argv: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const args = readArguments(['chain', ...argv])!;
  const status = await chainCommand(args, (line) => lines.push(line));
  return { status, lines };
}

describe('chain --hook tc', () => {
  const LIST = [`${TC}:third@cls_bpf`, `${TC}:mark_udp`, `${TC}:count_marks`];

  test('a file of the very name is meant, whatever stands in that', async () => {
    const odd = join(folder, 'odd:name@cls_bpf');
    copyFileSync(TC, odd);
    const { lines } = await call('--hook', 'tc', odd);
    expect(lines[1]).toBe('  p1 odd:name@cls_bpf:mark_udp: tcx');
    const named = await call('--hook', 'tc', `${odd}:third@cls_bpf`);
    expect(named.lines[1]).toBe('  p1 odd:name@cls_bpf:third: cls_bpf');
  });

  test('prints the programs in their order, and how they are attached', async () => {
    const { status, lines } = await call('--hook', 'tc', '--set', 'direction=ingress', ...LIST);
    expect(status).toBe(0);
    expect(lines).toEqual([
      'tc (sched_cls), ingress: 3 programs in this order',
      '  p2 tc-list.o:mark_udp: tcx',
      '  p3 tc-list.o:count_marks: tcx',
      '  p1 tc-list.o:third: cls_bpf',
      '',
      '# bpftool: tcx',
      'bpftool prog loadall tc-list.o /sys/fs/bpf/p2',
      'bpftool net attach tcx_ingress pinned /sys/fs/bpf/p2/mark_udp dev eth0',
      'bpftool prog loadall tc-list.o /sys/fs/bpf/p3',
      'bpftool net attach tcx_ingress pinned /sys/fs/bpf/p3/count_marks dev eth0',
      '',
      '# tc filter: clsact',
      'tc qdisc add dev eth0 clsact',
      'tc filter add dev eth0 ingress pref 1 bpf da obj tc-list.o sec tc/ingress',
      '',
      '# tc filter, to take them away',
      'tc filter del dev eth0 ingress',
      '# bpftool knows tcx_ingress since 7.5 (Linux 6.12), and puts each program behind those ' +
        'that are there: run the lines in this order.',
      '# Without pref tc would put each filter in front of those that are there.',
    ]);
  });

  test('says of a packet who was asked, what each saw of the others, and what stands', async () => {
    const { lines } = await call('--hook', 'tc', ...LIST, '--packet', packet('udp'));
    expect(lines.slice(lines.indexOf('packet 0: TC_ACT_UNSPEC -> pass, none decides'))).toEqual([
      'packet 0: TC_ACT_UNSPEC -> pass, none decides',
      '  p2 tc-list.o:mark_udp: TC_ACT_UNSPEC (-1), the next is asked, changes the packet',
      '  p3 tc-list.o:count_marks: TC_ACT_UNSPEC (-1), the next is asked; saw mark=7',
      '  p1 tc-list.o:third: TC_ACT_UNSPEC (-1), none is left; saw mark=7',
      '',
      '1 packet past tc (sched_cls): 1 TC_ACT_UNSPEC -> pass',
      '  p2 tc-list.o:mark_udp: 1 seen, 1 changed: 1 TC_ACT_UNSPEC (the next is asked)',
      '  p3 tc-list.o:count_marks: 1 seen: 1 TC_ACT_UNSPEC (the next is asked)',
      '  p1 tc-list.o:third: 1 seen: 1 TC_ACT_UNSPEC (none is left)',
    ]);
  });

  test('a capture is summed up; --each says a line a packet, --json the list', async () => {
    const packets = [...Array(7).fill(packet('udp')), packet('tcp', 300), packet('tcp', 20)];
    const path = join(folder, 'x.pcap');
    writeFileSync(path, pcapOf(packets.map((hex) => ({ bytes: fromHex(hex)! }))));
    const { lines } = await call('--hook', 'tc', ...LIST, '--pcap', path);
    expect(lines.slice(-4)).toEqual([
      '9 packets past tc (sched_cls): 6 TC_ACT_UNSPEC -> pass, 2 TC_ACT_SHOT -> drop, ' +
        '1 TC_ACT_OK -> pass',
      '  p2 tc-list.o:mark_udp: 9 seen, 7 changed: 8 TC_ACT_UNSPEC (the next is asked), ' +
        '1 TC_ACT_PIPE (ends tcx)',
      '  p3 tc-list.o:count_marks: 8 seen: 7 TC_ACT_UNSPEC (the next is asked), ' +
        '1 TC_ACT_OK (decides)',
      '  p1 tc-list.o:third: 8 seen: 6 TC_ACT_UNSPEC (none is left), 2 TC_ACT_SHOT (decides)',
    ]);
    const json = await call('--hook', 'tc', ...LIST, '--pcap', path, '--each', '--json');
    expect(json.lines).toHaveLength(10);
    const [each, sum] = [json.lines[2], json.lines[9]].map((line) => JSON.parse(line));
    expect(each).toMatchObject({
      packet: 2,
      asked: [
        { id: 'p2', code: -1, after: 'asked', changed: true },
        { id: 'p3', saw: { mark: '7' } },
        { id: 'p1', code: 2, after: 'final' },
      ],
      name: 'TC_ACT_SHOT',
      action: 'drop',
      by: 'p1',
    });
    expect(Object.keys(sum)).toEqual([
      ...['hook', 'direction', 'programs', 'commands', 'notes', 'packets', 'results'],
    ]);
    expect(sum.results).toEqual({ TC_ACT_UNSPEC: 6, TC_ACT_SHOT: 2, TC_ACT_OK: 1 });
  });
});

describe('chain --hook xdp', () => {
  test('order and actions are those of XDP_RUN_CONFIG, unless they are said', async () => {
    const list = [`${XDP}:late`, `${XDP}:by_tag@/PASS,DROP`, `${XDP}:tag`];
    const { lines } = await call('--hook', 'xdp', ...list, '--packet', packet('udp'));
    expect(lines.slice(0, 9)).toEqual([
      'XDP: 3 programs in this order',
      '  p3 xdp-list.o:tag: priority 10, goes on after XDP_PASS',
      '  p2 xdp-list.o:by_tag: priority 50, goes on after XDP_DROP,XDP_PASS',
      '  p1 xdp-list.o:late: priority 90, goes on after XDP_DROP',
      '',
      '# xdp-loader',
      'xdp-loader load eth0 xdp-list.o -n tag',
      'xdp-loader load eth0 xdp-list.o -n by_tag -A XDP_DROP,XDP_PASS',
      'xdp-loader load eth0 xdp-list.o -n late',
    ]);
    // The metadata that the first one leaves decides what the second one says.
    expect(lines).toContain(
      '  p2 xdp-list.o:by_tag: XDP_DROP (1), the next is asked; saw metadata=11000000',
    );
    const tcp = await call('--hook', 'xdp', ...list, '--packet', packet('tcp'));
    expect(tcp.lines).toContain(
      '  p2 xdp-list.o:by_tag: XDP_PASS (2), the next is asked; saw metadata=06000000',
    );
  });

  test('a program that faults ends with status 1', async () => {
    const path = join(folder, 'wild.bin');
    writeFileSync(path, assemble('r0 = *(u32 *)(r1 + 0); r0 = *(u64 *)(r0 + 4096); exit'));
    const { status, lines } = await call(
      '--hook',
      'xdp',
      `${path}@1`,
      XDP,
      '--packet',
      '00'.repeat(60),
    );
    expect(status).toBe(1);
    expect(lines.find((line) => line.includes('p1 wild.bin'))).toBeDefined();
    expect(lines.some((line) => line.startsWith('packet 0: XDP_ABORTED'))).toBe(true);
    expect(lines).toContain('# p1 is bytecode without an object around it: no tool attaches it.');
  });
});

test('the list of a link, with its packets', async () => {
  const { list, objects } = hookListFrom('xdp', [
    { source: 'r0 = 2; exit' },
    { source: 'r0 = 1; exit', priority: 7 },
  ]);
  const inputs = { ...inputsFor('own.bin', objects[0].bytes), hook: 'xdp' as const };
  const packets = [{ name: 'one', bytes: new Uint8Array(60) }];
  const shared = { ...inputs, packets, hookLists: [list], hookObjects: objects };
  const link = await encodeLink({ inputs: shared, hash: '' });
  const { lines } = await call(`#${link}`);
  expect(lines).toContain('packet 0: XDP_DROP -> drop, by p2');
});

test('what cannot be is said with its place', async () => {
  await expect(call('--hook', 'tc')).rejects.toThrow('chain --hook takes objects');
  await expect(call('--hook', 'tc', `${TC}:nothing`)).rejects.toThrow('has no program "nothing"');
  await expect(call('--hook', 'tc', `${TC}@3`)).rejects.toThrow('"@3" is not @tcx or @cls_bpf');
  await expect(call('--hook', 'xdp', `${XDP}@high`)).rejects.toThrow('"high" is not a number');
  await expect(call('--hook', 'xdp', `${XDP}@1/GO`)).rejects.toThrow('"GO" is not one of XDP_AB');
  await expect(call('--hook', 'xdp', ...Array(11).fill(XDP))).rejects.toThrow('E2BIG');
});
