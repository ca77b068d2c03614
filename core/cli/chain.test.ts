import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { readCapture } from '../packet/capture/capture.ts';
import { pcapOf } from '../testing/pcap.ts';
import { readArguments } from './arguments.ts';
import { chainCommand } from './chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'chain-'));
const GUEST = '525400123456';
const OTHER = '525400654321';
const packet = (isFromGuest: boolean, destination: string, type = '0800'): Uint8Array =>
  fromHex(
    `${isFromGuest ? OTHER + GUEST : GUEST + OTHER}${type}` +
      `4500002800010000400600000a000001${destination}9c4001bb00000001000000005002200000000000`,
  )!;
const LINES = [
  '-netdev user,id=hn0',
  `-device virtio-net-pci,netdev=hn0,mac=52:54:00:12:34:56`,
  '-object filter-ubpf,id=f1,netdev=hn0,queue=rx,ip-mode=on,ubpf-handler=sub/ip_dst.o',
  '-object filter-dump,id=d1,netdev=hn0,queue=all,file=left.pcap',
];

const PACKETS = [
  packet(true, '01010101'),
  packet(true, '08080808'),
  packet(false, '01010101'),
  packet(true, '01010101', '86dd'),
];
/** Microseconds are what the file counts. */
const TIMES = PACKETS.map((_, i) => 1_700_000_000_000_000_000n + BigInt(i) * 2_000n);

beforeAll(() => {
  mkdirSync(join(folder, 'sub'));
  const object = join(import.meta.dirname, '../../public/examples/seed-filter/program.o');
  copyFileSync(object, join(folder, 'sub/ip_dst.o'));
  writeFileSync(join(folder, 'chain'), `${LINES.join('\n')}\n`);
  const packets = PACKETS.map((bytes, i) => ({ bytes, timestamp: TIMES[i] }));
  writeFileSync(join(folder, 'x.pcap'), pcapOf(packets));
});

async function call(...argv: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const args = readArguments(['chain', ...argv])!;
  const status = await chainCommand(args, (line) => lines.push(line));
  return { status, lines };
}

describe('chain FILE', () => {
  test('prints the QEMU lines it was given, then the QMP commands', async () => {
    const { status, lines } = await call(join(folder, 'chain'));
    expect(status).toBe(0);
    expect(lines.slice(0, 4)).toEqual(LINES);
    expect(lines.slice(5).map((line) => JSON.parse(line).arguments.id)).toEqual(['f1', 'd1']);
  });

  test('the seed filter on what a guest sends drops 1.1.1.1', async () => {
    const { lines } = await call(join(folder, 'chain'), '--pcap', join(folder, 'x.pcap'));
    expect(lines.slice(8)).toEqual([
      'x.pcap: 4 packets',
      '  to the guest (tx): 1: 1 delivered',
      '  from the guest (rx): 3: 2 delivered, 1 dropped',
      '  f1 (filter-ubpf), from the guest (rx): 3 seen, 2 passed, 1 dropped, 1 bypassed',
      '  d1 (filter-dump), to the guest (tx): 1 seen, 1 passed',
      '  d1 (filter-dump), from the guest (rx): 3 seen, 3 passed',
      '  d1: 4 packets for left.pcap, not written (--write-dumps DIR)',
    ]);
  });

  test('which way packets go can be said', async () => {
    const counts = async (set: string) => {
      const { lines } = await call(
        ...[join(folder, 'chain'), '--pcap', join(folder, 'x.pcap'), '--json', '--set', set],
      );
      const { packets } = JSON.parse(lines[0]);
      return [packets.entered['to-guest'], packets.dropped['from-guest']];
    };
    expect(await counts('direction=from-guest')).toEqual([0, 2]);
    expect(await counts('direction=to-guest')).toEqual([4, 0]);
    expect(await counts('guest=10.0.0.1')).toEqual([1, 2]);
    await expect(counts('guest=nowhere')).rejects.toThrow('"nowhere" is no address');
    await expect(counts('way=up')).rejects.toThrow('"way=up" is not direction=to-guest');
  });

  test('--json has lines, commands, counters of each filter and direction, and drops', async () => {
    const { lines } = await call(
      ...[join(folder, 'chain'), '--pcap', join(folder, 'x.pcap'), '--json'],
    );
    const result = JSON.parse(lines[0]);
    expect(Object.keys(result)).toEqual(['netdev', 'lines', 'qmp', 'filters', 'packets', 'drops']);
    expect(result.lines).toEqual(LINES);
    expect(result.filters[0]).toMatchObject({
      id: 'f1',
      kind: 'filter-ubpf',
      queue: 'rx',
      status: 'on',
      object: 'sub/ip_dst.o',
      counts: { seen: { 'to-guest': 0, 'from-guest': 3 }, dropped: { 'from-guest': 1 } },
    });
    expect(result.drops).toEqual({
      count: 1,
      last: [{ packet: 0, filter: 'f1', direction: 'from-guest' }],
    });
  });

  test('what dumps write is kept where it is asked for, and nothing is written over', async () => {
    const dumps = join(folder, 'dumps');
    const asked = [join(folder, 'chain'), '--pcap', join(folder, 'x.pcap'), '--write-dumps', dumps];
    const { lines } = await call(...asked);
    expect(lines.at(-1)).toBe(`  d1: 4 packets written to ${join(dumps, 'left.pcap')}`);
    const { packets } = readCapture('x', new Uint8Array(readFileSync(join(dumps, 'left.pcap'))));
    expect(packets.map(({ bytes }) => bytes)).toEqual(PACKETS);
    expect(packets.map(({ timestamp }) => timestamp)).toEqual(TIMES);
    await expect(call(...asked)).rejects.toThrow('left.pcap is there already');
    const json = [...asked.slice(0, -1), join(folder, 'others'), '--json'];
    const { filters } = JSON.parse((await call(...json)).lines[0]);
    expect(filters[1].written).toBe(join(folder, 'others/left.pcap'));
  });

  test('a dump has a file of its own, in the folder, and traffic to write', async () => {
    const dump = (id: string, file: string) =>
      `-object filter-dump,id=${id},netdev=hn0,file=${file}`;
    const two = join(folder, 'two-dumps');
    writeFileSync(two, [LINES[0], dump('d1', 'a/x.pcap'), dump('d2', 'b/x.pcap')].join('\n'));
    const capture = ['--pcap', join(folder, 'x.pcap')];
    const into = ['--write-dumps', join(folder, 'two')];
    await expect(call(two, ...capture, ...into)).rejects.toThrow("x.pcap is another dump's");
    const outside = join(folder, 'outside');
    writeFileSync(outside, [LINES[0], dump('d1', '../../outside.pcap')].join('\n'));
    const { lines } = await call(outside, ...capture, ...into);
    expect(lines.at(-1)).toContain(`written to ${join(folder, 'two/outside.pcap')}`);
    await expect(call(outside, ...into)).rejects.toThrow('--write-dumps: writes what flows');
    const taken = join(outside, 'below');
    await expect(
      call(two.replace('two-dumps', 'chain'), ...capture, '--write-dumps', taken),
    ).rejects.toThrow(`${taken}: is no folder that can be made`);
  });

  test('what vnet_hdr_support changes is said', async () => {
    const file = join(folder, 'mirror');
    const mirror = '-object filter-mirror,id=m1,netdev=hn0,outdev=c1,vnet_hdr_support=on';
    writeFileSync(file, [LINES[0], '-chardev socket,id=c1,path=c1', mirror].join('\n'));
    const notes: string[] = [];
    await chainCommand(
      readArguments(['chain', file])!,
      () => {},
      (line) => notes.push(line),
    );
    expect(notes).toEqual([
      expect.stringMatching(/^filter m1: vnet_hdr_support changes nothing that is seen here/),
    ]);
  });

  test('what is missing is said with its place', async () => {
    writeFileSync(
      join(folder, 'no-object'),
      '-object filter-ubpf,id=f,netdev=hn0,ubpf-handler=nowhere.o',
    );
    await expect(call(join(folder, 'no-object'))).rejects.toThrow('nowhere.o: does not exist');
    await expect(call(join(folder, 'no-file'))).rejects.toThrow('no-file: does not exist');
    await expect(call()).rejects.toThrow('chain takes one file with the options of a chain');
  });
});
