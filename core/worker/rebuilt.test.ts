import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Wish } from '../protocol/messages.ts';
import { TestPage } from '../testing/page.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => new Uint8Array(readFileSync(join(root, path)));
const firewall = read('public/examples/xdp-firewall/program.o');
const tailCalls = read('public/examples/tail-calls/program.o');
const build = (name: string) => read(`core/testdata/programs/${name}.o`);
const FRAME =
  '52540012345652540065432108004500002800010000400666c50a0000420a000001' +
  '9c4001bb00000001000000005002200000000000';

let page: TestPage;
const wish = (wanted: Wish) => page.wish(wanted);
const rebuild = (bytes: Uint8Array) => wish({ type: 'open-file', name: 'program.o', bytes });
const entry = (key: string): Wish => ({
  type: 'set-map-entry',
  map: 'blocked',
  key,
  value: '00 '.repeat(16),
});

beforeEach(async () => {
  page = new TestPage();
});

describe('an object of the same name is the one that is open, built anew', () => {
  beforeEach(async () => {
    await rebuild(firewall);
    await wish({ type: 'open-text', text: FRAME, as: 'packet' });
  });
  const lost = async (bytes: Uint8Array) => (await rebuild(bytes)).rebuilt?.lost;

  test('all that was set up goes on with it, at the step where it stood', async () => {
    await wish(entry('0a 00 00 42'));
    await wish({ type: 'set-option', name: 'attach', value: 'generic' }).catch(() => {});
    await wish({ type: 'set-context', field: 'rx_queue_index', value: '3' });
    await wish({ type: 'set-expressions', expressions: ['r1'] });
    await wish({ type: 'set-settings', settings: { seed: 7 } });
    await wish({ type: 'set-map-size', map: 'blocked', field: 'max_entries', value: '9' });
    await wish({
      type: 'toggle-watchpoint',
      target: { kind: 'map', map: 'blocked', key: '0a000042' },
    });
    await wish({ type: 'toggle-watchpoint', target: { kind: 'register', index: 3 } });
    await wish({ type: 'go', go: { how: 'to-step', step: 4 } });
    const { object: _before, ...before } = page.made!;
    const reply = await rebuild(firewall);
    expect(reply.rebuilt).toEqual({
      name: 'program.o',
      size: firewall.length,
      kept: [
        'step 4',
        'program firewall',
        '1 map entry',
        '1 size of a map',
        '2 watchpoints',
        '1 watched expression',
        '1 packet',
      ],
      lost: [],
    });
    expect(reply.snapshot!.step).toBe(4);
    const { object: _now, ...now } = page.made!;
    expect(now).toEqual({ ...before, program: 'firewall', step: 4, rules: [] });
  });

  test('entries, the program and changes in mid-run that cannot go on are said', async () => {
    await wish(entry('0a 00 00 42'));
    expect(await lost(tailCalls)).toEqual([
      'program firewall, which is not there any more',
      '1 entry of map blocked, which changed or went',
    ]);
    expect(page.made!.maps).toEqual([]);
  });
  test('several of them', async () => {
    await wish(entry('0a 00 00 42'));
    await wish(entry('0a 00 00 43'));
    await wish({ type: 'go', go: { how: 'into' } });
    await wish({ type: 'edit', target: { kind: 'register', index: 3 }, value: '1' });
    await wish({
      type: 'toggle-watchpoint',
      target: { kind: 'map', map: 'blocked', key: '0a000042' },
    });
    await wish({ type: 'toggle-watchpoint', target: { kind: 'register', index: 3 } });
    expect(await lost(tailCalls)).toEqual([
      'program firewall, which is not there any more',
      '1 change made in mid-run',
      '2 entries of map blocked, which changed or went',
      '1 watchpoint on maps that changed or went',
    ]);
    expect(page.made!.watchpoints).toEqual([{ kind: 'register', index: 3 }]);
    expect(page.made!.edits ?? []).toEqual([]);
  });
  test('changes in mid-run go on with the very same code', async () => {
    await wish({ type: 'go', go: { how: 'into' } });
    await wish({ type: 'edit', target: { kind: 'register', index: 3 }, value: '1' });
    await wish({ type: 'edit', target: { kind: 'register', index: 4 }, value: '1' });
    const { rebuilt } = await rebuild(firewall.slice());
    expect([rebuilt!.kept.slice(0, 3), rebuilt!.lost]).toEqual([
      ['step 1', 'program firewall', '2 changes made in mid-run'],
      [],
    ]);
    expect(page.made!.edits!.length).toBe(2);
  });
  test('undo goes back to the object as it was, with all that was set up with it', async () => {
    await wish(entry('0a 00 00 42'));
    const before = page.made!;
    expect((await rebuild(tailCalls)).view!.undo).toBe('program.o built anew');
    await wish({ type: 'undo' });
    expect(page.made!.object.bytes).toBe(before.object.bytes);
    expect(page.made!.maps).toEqual(before.maps);
  });
  test('a step that the new run does not reach is said', async () => {
    await wish({ type: 'go', go: { how: 'end' } });
    const steps = (await wish({ type: 'go', go: { how: 'end' } })).snapshot!.step;
    const bare = Uint8Array.of(0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
    expect(await lost(bare)).toContain(`step ${steps}: the run ends after 2`);
  });
  test('an object of another name begins anew', async () => {
    await wish(entry('0a 00 00 42'));
    const reply = await wish({ type: 'open-file', name: 'other.o', bytes: firewall });
    expect(reply.notice).toBe(`Opened other.o, ${firewall.length} bytes.`);
    expect(page.made!.maps).toEqual([]);
    expect(reply.view!.packetNames.length).toBe(1);
  });
});

describe('breakpoints stay at their lines of C', () => {
  const old = build('icmp_echo.clang-14-v1');
  const now = build('icmp_echo.clang-19-v4');
  const lines = (shown: Awaited<ReturnType<typeof rebuild>>) =>
    shown.view!.breakpointRows.map(({ line }) => line?.line);

  test('in code of another compiler', async () => {
    const { view } = await rebuild(old);
    const { file } = view!.code!.lines[0];
    const both = [...new Set(view!.code!.lines.map(({ line }) => line))].sort((a, b) => a - b);
    const later = await new TestPage().wish({ type: 'open-file', name: 'program.o', bytes: now });
    const there = new Set(later.view!.code!.lines.map(({ line }) => line));
    const kept = both.filter((line) => there.has(line)).slice(0, 3);
    for (const line of kept) await wish({ type: 'toggle-line', file, line });
    const { breakpoints } = page.made!;
    const pc = breakpoints[0];
    await wish({ type: 'set-rule', rule: { pc, hits: 2 } });
    const shown = await rebuild(now);
    expect(shown.rebuilt!.lost).toEqual([]);
    expect(shown.rebuilt!.kept).toContain(
      `${kept.length} breakpoint${kept.length === 1 ? '' : 's'}`,
    );
    expect(new Set(lines(shown))).toEqual(new Set(kept));
    expect(page.made!.breakpoints).not.toEqual(breakpoints);
    expect(page.made!.breakpoints).toEqual([...page.made!.breakpoints].sort((a, b) => a - b));
    expect(page.made!.rules!.map(({ hits }) => hits)).toContain(2);
  });
  test('a line without code any more is the next one that has some, and that is said', async () => {
    const { view } = await rebuild(now);
    const own = view!.code!.lines;
    const later = await new TestPage().wish({ type: 'open-file', name: 'program.o', bytes: old });
    const there = new Set(later.view!.code!.lines.map(({ line }) => line));
    const gone = own.find(({ line }) => !there.has(line))!;
    const next = Math.min(...[...there].filter((line) => line > gone.line));
    await wish({ type: 'toggle-line', file: gone.file, line: gone.line });
    const shown = await rebuild(old);
    expect(shown.rebuilt!.lost).toEqual([
      `the breakpoint at icmp_echo.c:${gone.line}, where no code is now: it is at line ${next}`,
    ]);
    expect(new Set(lines(shown))).toEqual(new Set([next]));
  });
  test('one of code without lines, and one of a file that is gone, are lost', async () => {
    await rebuild(firewall);
    const [line] = (await rebuild(firewall)).view!.code!.lines;
    await wish({ type: 'toggle-line', file: line.file, line: line.line });
    await rebuild(tailCalls);
    const bare = Uint8Array.of(0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
    await rebuild(bare);
    await wish({ type: 'toggle-breakpoint', pc: 1 });
    expect((await rebuild(bare.slice())).rebuilt!.kept).toContain('1 breakpoint');
    expect(page.made!.breakpoints).toEqual([1]);
    const other = bare.with(4, 1);
    expect((await rebuild(other)).rebuilt!.lost).toEqual([
      'the breakpoint at instruction 1, which no C line names',
    ]);
    expect(page.made!.breakpoints).toEqual([]);
  });
});
