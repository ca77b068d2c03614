import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCapture } from '../packet/capture/capture.ts';
import { readArguments } from './arguments.ts';
import { runCommand } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'cover-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function cover(...argv: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const args = readArguments(['run', ...argv])!;
  const status = await runCommand(args, (line) => lines.push(line));
  return { status, lines };
}

test('packets that cover are written, and what none takes is said', async () => {
  const file = join(folder, 'tcp-port.pcapng');
  const { status, lines } = await cover('public/examples/tcp-port/program.o', '--cover', file);
  expect(status).toBe(0);
  expect(lines[0]).toMatch(/^13 of 14 ways out of conditional jumps are taken by \d+ packets/);
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(
      /program\.c:27, instruction 30, if .*: never taken: .*skb_load_bytes gave/,
    ),
  ]);
  const { packets } = readCapture('x', new Uint8Array(readFileSync(file)));
  expect(lines[0]).toContain(`by ${packets.length} packets`);
});

test('entries that have to be there are said, as JSON too', async () => {
  const file = join(folder, 'firewall.pcapng');
  const object = 'public/examples/xdp-firewall/program.o';
  const { lines } = await cover(object, '--cover', file);
  expect(
    lines.some((line) => /in front of packet \d+: blocked\[[0-9a-f]{8}\] = 0/.test(line)),
  ).toBe(true);
  const asJson = JSON.parse((await cover(object, '--cover', file, '--json')).lines[0]);
  expect(asJson).toMatchObject({ ways: 6, after: 6, missing: [] });
  expect(asJson.packets.some(({ entries }: { entries: unknown[] }) => entries.length > 0)).toBe(
    true,
  );
});
