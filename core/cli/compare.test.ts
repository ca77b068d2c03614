import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readArguments } from './arguments.ts';
import { runCommand } from './run.ts';

const EXAMPLES = 'public/examples';
const FIREWALL = `${EXAMPLES}/xdp-firewall/program.o`;
const LIMIT = `${EXAMPLES}/rate-limit/program.o`;
const CAPTURE = 'core/testdata/packets/designed.pcap';

async function run(...argv: string[]) {
  const [lines, notes]: [string[], string[]] = [[], []];
  const status = await runCommand(
    readArguments(['run', ...argv])!,
    (line) => lines.push(line),
    (line) => notes.push(line),
  );
  return { status, lines, notes };
}

describe('run --compare', () => {
  test('another object over a capture: a report, and status 1 where they differ', async () => {
    const { status, lines, notes } = await run(FIREWALL, '--pcap', CAPTURE, '--compare', LIMIT);
    expect(status).toBe(1);
    // Both files have one name: their paths tell them apart.
    expect(lines[0]).toBe(`# \`${FIREWALL}\` and \`${LIMIT}\``);
    expect(lines[2]).toMatch(/^52 packets of `designed\.pcap`: they differ on \d+ \(/);
    expect(lines).toContain('### Packet 3, `designed.pcap #4`');
    expect(notes).toContain(`${CAPTURE}: read 52 packets`);
  });

  test('the same on two engines: nothing differs', async () => {
    const { status, lines } = await run(
      LIMIT,
      '--pcap',
      CAPTURE,
      '--compare-engine',
      'interpreter',
    );
    expect([status, lines[0]]).toEqual([
      0,
      `# \`${LIMIT} limit (jit)\` and \`${LIMIT} limit (interpreter)\``,
    ]);
    expect(lines[2]).toMatch(/they differ on 0 \(0\.0 %\)\.$/);
  });

  test('a copy of a file by its name, and a single packet', async () => {
    const copy = join(mkdtempSync(join(tmpdir(), 'compare-')), 'new.o');
    copyFileSync(FIREWALL, copy);
    const { status, lines } = await run(FIREWALL, '--packet', '0011', '--compare', copy);
    expect([status, lines[0]]).toEqual([0, '# `program.o` and `new.o`']);
    expect(lines[2]).toMatch(/^1 packet of `the command line`/);
  });

  test('a program that is not there, and options that do not go with it', async () => {
    await expect(run(FIREWALL, '--packet', '0011', '--compare-program', 'none')).rejects.toThrow(
      /none/,
    );
    for (const option of ['--json', '--trace'])
      await expect(run(FIREWALL, '--packet', '0011', '--compare', LIMIT, option)).rejects.toThrow(
        `usage: ${option} does not go with --compare`,
      );
  });
});

test('captures run compiled, single packets do not, unless it is said', () => {
  const engine = (...argv: string[]) => readArguments(['run', 'a.o', ...argv])!.engine.name;
  expect(engine('--pcap', 'a.pcap')).toBe('jit');
  expect(engine('--packet', '00')).toBe('interpreter');
  expect(engine('--packet', '00', '--engine', 'jit')).toBe('jit');
  expect(engine('--pcap', 'a.pcap', '--engine', 'interpreter')).toBe('interpreter');
});
