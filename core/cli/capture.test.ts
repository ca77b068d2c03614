import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { readCapture } from '../packet/capture/capture.ts';
import { pcapOf } from '../testing/pcap.ts';
import { readArguments } from './arguments.ts';
import { runCommand } from './run.ts';
import { RunSummary } from './summary.ts';

const FIREWALL = 'public/examples/xdp-firewall/program.o';
const SEED = 'public/examples/seed-filter/program.o';
const FOLDER = mkdtempSync(join(tmpdir(), 'run-capture-'));

/** The seed filter drops what goes to 1.1.1.1. */
const [WANTED, OTHER] = ['01010101', '01010102'];

/** UDP to a port. */
const udp = (port: number, address = WANTED): Uint8Array =>
  fromHex(
    '0200000000020200000000010800' +
      `4500001c00010000401100000a000001${address}` +
      `9c40${port.toString(16).padStart(4, '0')}00080000`,
  )!;

/** Times in microseconds, as a pcap has them. */
function captureOf(name: string, frames: readonly Uint8Array[]): string {
  const path = join(FOLDER, name);
  const packets = frames.map((bytes, i) => ({
    bytes,
    timestamp: 1_700_000_000_000_000_000n + BigInt(i) * 250_000_000n,
  }));
  writeFileSync(path, pcapOf(packets));
  return path;
}

async function run(...argv: string[]) {
  const [lines, notes]: [string[], string[]] = [[], []];
  const status = await runCommand(
    readArguments(['run', ...argv])!,
    (line) => lines.push(line),
    (line) => notes.push(line),
  );
  return { status, lines, notes };
}

const SHORT = udp(53).subarray(0, 20);

describe('a capture is summed up', () => {
  test('verdicts with their share and the first packet of each', async () => {
    const frames = Array.from({ length: 40 }, (_, i) => udp(53, i % 20 === 7 ? OTHER : WANTED));
    const path = captureOf('forty.pcap', frames);
    const each = await run(SEED, '--pcap', path, '--each');
    const { lines, notes, status } = await run(SEED, '--pcap', path);
    expect(status).toBe(0);
    expect(notes).toEqual([`${path}: read 40 packets`]);
    const steps = each.lines.reduce((sum, line) => sum + Number(/(\d+) steps/.exec(line)?.[1]), 0);
    expect(lines[0]).toBe(`40 packets, ${steps} instructions`);
    expect(lines.slice(1)).toEqual([
      '  drop  38   95.0 %  first: packet 0',
      '  pass   2    5.0 %  first: packet 7',
      expect.stringMatching(/^most instructions: \d+, packet \d+$/),
    ]);
  });

  test('the same verdicts as with --each and --json, to the packet', async () => {
    const path = 'core/testdata/packets/random.pcap';
    const [each, json, summed] = [
      await run(SEED, '--pcap', path, '--each'),
      await run(SEED, '--pcap', path, '--json'),
      await run(SEED, '--pcap', path),
    ];
    const results = json.lines.map((line) => JSON.parse(line));
    expect(each.lines.length).toBe(results.length);
    const counts = new Map<string, number>();
    for (const { verdict } of results)
      counts.set(verdict.name, (counts.get(verdict.name) ?? 0) + 1);
    for (const [name, count] of counts)
      expect(summed.lines.join('\n')).toMatch(new RegExp(`^  ${name} +${count} `, 'm'));
    const steps = results.reduce((sum, result) => sum + result.steps, 0);
    expect(summed.lines[0]).toBe(`${results.length} packets, ${steps} instructions`);
  });

  test('thousands of packets, by either engine: counts, first ones, the longest run', async () => {
    const frames = Array.from({ length: 5000 }, (_, i) =>
      i % 977 === 500 ? SHORT : udp(53, i % 1201 === 700 ? OTHER : WANTED),
    );
    const path = captureOf('thousands.pcap', frames);
    for (const object of [SEED, FIREWALL]) {
      const [jit, interpreter] = [
        await run(object, '--pcap', path, '--engine', 'jit'),
        await run(object, '--pcap', path, '--engine', 'interpreter'),
      ];
      expect(jit).toEqual(interpreter);
      expect(jit.lines[0]).toMatch(/^5000 packets, \d+ instructions$/);
    }
  });

  test('what was left out is said, with the number in the file', async () => {
    const path = 'core/testdata/captures/manyif.pcapng';
    const { notes } = await run(FIREWALL, '--pcap', path);
    expect(notes).toContain(`${path}: 1 packet of IEEE 802.11 left out.`);
    expect(notes).toContain(`${path}: read 4 packets`);
  });

  test('a file that is no capture, or is not there', async () => {
    await expect(run(FIREWALL, '--pcap', 'README.md')).rejects.toThrow(
      'README.md: is no capture file that is read here: pcap, pcapng or snoop',
    );
    await expect(run(FIREWALL, '--pcap', 'none.pcap')).rejects.toThrow('none.pcap: does not exist');
  });

  test('faults by their place, whatever the numbers in their words', () => {
    const summary = new RunSummary();
    const outcome = {
      ran: true,
      steps: 3,
      verdict: {
        name: 'XDP_ABORTED',
        code: 0,
        action: 'aborted' as const,
        text: 'XDP_ABORTED (0)',
      },
      r0: undefined,
      fault: undefined,
      packetOut: SHORT,
    };
    for (const [i, has] of [20, 22].entries())
      summary.add(() => `packet ${i}`, outcome, {
        pc: 4,
        message: `reads 4 bytes, packet has ${has}`,
      });
    summary.add(() => 'packet 2', outcome, { pc: 5, message: 'reads 4 bytes, packet has 20' });
    expect(summary.lines().slice(-3)).toEqual([
      'faults:',
      '  2 packets, first: packet 0: reads 4 bytes, packet has 20',
      '  1 packet, first: packet 2: reads 4 bytes, packet has 20',
    ]);
  });

  test('a program that returns any number is summed up in bounded memory', () => {
    const summary = new RunSummary();
    for (let i = 0; i < 1000; i++)
      summary.add(() => `packet ${i}`, {
        ran: true,
        steps: 1,
        verdict: { name: `unknown action ${i}`, code: i, action: 'aborted', text: '' },
        r0: BigInt(i),
        fault: undefined,
        packetOut: SHORT,
      });
    const lines = summary.lines();
    expect(lines.length).toBe(259);
    expect(lines[1]).toMatch(/^ {2}others +744 /);
  });
});

describe('packets that go on are written', () => {
  const out = join(FOLDER, 'out.pcapng');
  const frames = [udp(53), udp(54), udp(55)];

  test('with their bytes, times and verdicts: read back here and by tshark', async () => {
    const path = captureOf('three.pcap', frames);
    await run(FIREWALL, '--pcap', path, '--write-pcap', out);
    const { packets } = readCapture('out', new Uint8Array(readFileSync(out)));
    expect(packets.map(({ bytes }) => bytes)).toEqual(frames);
    expect(packets.map(({ timestamp }) => timestamp)).toEqual(
      readCapture('in', new Uint8Array(readFileSync(path))).packets.map(
        ({ timestamp }) => timestamp,
      ),
    );
    const fields = ['frame.time_epoch', 'udp.dstport', 'frame.comment'].flatMap((field) => [
      '-e',
      field,
    ]);
    const said = execFileSync('tshark', ['-r', out, '-T', 'fields', ...fields], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(said.trim().split('\n')).toEqual([
      '1700000000.000000000\t53\tXDP: XDP_PASS (2)',
      '1700000000.250000000\t54\tXDP: XDP_PASS (2)',
      '1700000000.500000000\t55\tXDP: XDP_PASS (2)',
    ]);
  });

  test('dropped ones are not, and of changed ones it is said', async () => {
    const path = captureOf('some.pcap', [udp(53), udp(54, OTHER)]);
    await run(SEED, '--pcap', path, '--write-pcap', out);
    const passed = readCapture('out', new Uint8Array(readFileSync(out))).packets;
    expect(passed.map(({ bytes }) => bytes)).toEqual([udp(54, OTHER)]);

    const random = 'core/testdata/packets/random.pcap';
    await run('public/examples/vlan-rewrite/program.o', '--pcap', random, '--write-pcap', out);
    const changed = new TextDecoder('latin1').decode(readFileSync(out));
    expect(changed).toContain('XDP: XDP_PASS (2), changed');
  });

  test('not over the capture that is read', async () => {
    const path = captureOf('same.pcap', frames);
    await expect(run(FIREWALL, '--pcap', path, '--write-pcap', path)).rejects.toThrow(
      'is the capture that is read',
    );
    expect(readCapture('same', new Uint8Array(readFileSync(path))).packets.length).toBe(3);
  });
});
