import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import type { MemoryBytes, ShareResult, Wish } from '../protocol/messages.ts';
import type { RegionId } from '../spec/regions.ts';
import { TestPage } from '../testing/page.ts';

const firewall = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../public/examples/xdp-firewall/program.o')),
);
const FRAME =
  '52540012345652540065432108004500002800010000400666c50a0000420a0000019c4001bb00' +
  '000001000000005002200000000000';
const LENGTH = FRAME.length / 2;

let page: TestPage;
const wish = (wanted: Wish) => page.wish(wanted);
const packet = async (wanted: Wish) => toHex((await wish(wanted)).view!.packetBytes);
const fresh = () => new TestPage();

beforeEach(async () => {
  page = fresh();
  await wish({ type: 'open-file', name: 'firewall.o', bytes: firewall });
  await wish({ type: 'open-text', text: FRAME, as: 'packet' });
});

describe('editing the packet', () => {
  const put = (offset: number, ...bytes: number[]) =>
    packet({ type: 'edit-packet', offset, bytes: Uint8Array.from(bytes) });
  test('the first byte and the last one', async () => {
    expect(await put(0, 0xee)).toBe(`ee${FRAME.slice(2)}`);
    expect(await put(LENGTH - 1, 0xff)).toBe(`ee${FRAME.slice(2, -2)}ff`);
  });
  test('all of it', async () =>
    expect(await put(0, ...new Array(LENGTH).fill(1))).toBe('01'.repeat(LENGTH)));
  test.each([
    ['before it', -1, 1],
    ['behind it', LENGTH, 1],
    ['half behind it', LENGTH - 1, 2],
    ['between two bytes', 0.5, 1],
  ])('not %s', async (_title, offset, count) => {
    await expect(async () =>
      wish({ type: 'edit-packet', offset, bytes: new Uint8Array(count) }),
    ).rejects.toThrow(`packet+${offset}: ${count} bytes do not fit, the packet has ${LENGTH}`);
    expect(await packet({ type: 'select-packet', index: 0 })).toBe(FRAME);
  });
  test.each([0, 1, LENGTH, LENGTH + 1, 256 * 1024])(
    'to a length of %d, zeros behind',
    async (length) =>
      expect(await packet({ type: 'resize-packet', length })).toBe(
        FRAME.slice(0, 2 * length).padEnd(2 * length, '0'),
      ),
  );
  test.each([-1, 1.5, 256 * 1024 + 1])('not to %d', async (length) =>
    expect(async () => wish({ type: 'resize-packet', length })).rejects.toThrow(
      `packet length: ${length} is not a length from 0 to 262144`,
    ),
  );
});

describe('packets', () => {
  const LETTERS = ['aa', 'bb', 'cc'].map((byte) => byte.repeat(20));
  const state = async (wanted: Wish) => {
    const { view } = await wish(wanted);
    return [view!.packetNames.length, view!.packet, toHex(view!.packetBytes).slice(0, 2)];
  };
  beforeEach(async () => {
    for (const text of LETTERS) await wish({ type: 'add-packet', text });
  });
  test('one that is added is selected', async () =>
    expect(await state({ type: 'add-packet', text: 'dd'.repeat(20) })).toEqual([5, 4, 'dd']));
  test('removing the last one selects its neighbour', async () =>
    expect(await state({ type: 'remove-packet', index: 3 })).toEqual([3, 2, 'bb']));
  test('removing the selected one in the middle selects the next', async () => {
    await wish({ type: 'select-packet', index: 1 });
    expect(await state({ type: 'remove-packet', index: 1 })).toEqual([3, 1, 'bb']);
  });
  test('removing the first, selected', async () => {
    await wish({ type: 'select-packet', index: 0 });
    expect(await state({ type: 'remove-packet', index: 0 })).toEqual([3, 0, 'aa']);
  });
  test('removing all', async () => {
    for (const left of [3, 2, 1])
      expect((await state({ type: 'remove-packet', index: 0 }))[0]).toBe(left);
    expect(await state({ type: 'remove-packet', index: 0 })).toEqual([0, 0, '']);
  });
  test.each([
    [0, 3, 'aa bb cc 52'],
    [3, 0, 'cc 52 aa bb'],
    [1, 2, '52 bb aa cc'],
    [2, 2, '52 aa bb cc'],
  ])(
    'packet %d, which is selected, is moved to place %d and stays so',
    async (index, to, order) => {
      await wish({ type: 'select-packet', index });
      const { view } = await wish({ type: 'move-packet', index, to });
      const bytes = page.made!.packets.map((one) => toHex(one.bytes).slice(0, 2));
      expect([bytes.join(' '), view!.packet]).toEqual([order, to]);
    },
  );
  test('one that is not there', async () => {
    await expect(async () => wish({ type: 'remove-packet', index: 4 })).rejects.toThrow(
      'packet 4: does not exist, there are 4',
    );
    await expect(async () => wish({ type: 'select-packet', index: -1 })).rejects.toThrow(
      'packet -1: does not exist, there are 4',
    );
  });
});

describe('reading memory', () => {
  const read = async (region: RegionId, offset: number, length: number) => {
    const { value } = await wish({ type: 'read-memory', region, offset, length });
    const { bytes, ...rest } = value as MemoryBytes;
    return { ...rest, bytes: toHex(bytes) };
  };
  test('all of a region, from its first byte', async () =>
    expect(await read({ kind: 'packet' }, 0, LENGTH)).toEqual({
      kind: 'memory',
      region: { kind: 'packet' },
      offset: 0,
      bytes: FRAME,
    }));
  test('a part of it', async () =>
    expect(await read({ kind: 'packet' }, 12, 2)).toEqual({
      kind: 'memory',
      region: { kind: 'packet' },
      offset: 12,
      bytes: '0800',
    }));
  test('as much as there is', async () => {
    expect((await read({ kind: 'packet' }, LENGTH - 1, 100)).bytes).toBe(FRAME.slice(-2));
    expect((await read({ kind: 'packet' }, LENGTH, 4)).bytes).toBe('');
    expect((await read({ kind: 'packet' }, LENGTH + 4, 4)).bytes).toBe('');
    expect((await read({ kind: 'stack', depth: 0 }, 0, 1000)).bytes).toBe('00'.repeat(512));
  });
  test('of no region, and of one that cannot be read', async () => {
    await expect(async () =>
      wish({
        type: 'read-memory',
        region: { kind: 'other', name: 'nowhere' },
        offset: 0,
        length: 1,
      }),
    ).rejects.toThrow('nowhere: is not a region');
    await expect(async () =>
      wish({
        type: 'read-memory',
        region: { kind: 'other', name: 'context' },
        offset: 0,
        length: 1,
      }),
    ).rejects.toThrow('context: is not a region');
  });
});

describe('changes in mid-run', () => {
  const change = (index: number, value: string) =>
    wish({ type: 'edit', target: { kind: 'register', index }, value });
  const edits = () => page.made!.edits!.map(({ step, target, value }) => [step, target, value]);
  test('two of the same register at two steps both stay', async () => {
    await wish({ type: 'go', go: { how: 'to-step', step: 2 } });
    await change(3, '5');
    await wish({ type: 'go', go: { how: 'to-step', step: 4 } });
    const { snapshot } = await change(3, '6');
    expect(snapshot!.step).toBe(4);
    expect(edits()).toEqual([
      [2, { kind: 'register', index: 3 }, '5'],
      [4, { kind: 'register', index: 3 }, '6'],
    ]);
  });
  test('a second one of the same register and step takes the place of the first', async () => {
    await wish({ type: 'go', go: { how: 'to-step', step: 2 } });
    await change(3, '5');
    await change(4, '9');
    await change(3, '6');
    expect(edits()).toEqual([
      [2, { kind: 'register', index: 4 }, '9'],
      [2, { kind: 'register', index: 3 }, '6'],
    ]);
  });
  test('one of another packet stays', async () => {
    await wish({ type: 'add-packet', text: FRAME });
    await wish({ type: 'go', go: { how: 'to-step', step: 2 } });
    await change(3, '5');
    await wish({ type: 'select-packet', index: 0 });
    await wish({ type: 'go', go: { how: 'to-step', step: 2 } });
    await change(3, '6');
    expect(page.made!.edits!.map((edit) => [edit.packet, edit.value])).toEqual([
      [1, '5'],
      [0, '6'],
    ]);
  });
  test('at the end there is nothing to change', async () => {
    await wish({ type: 'go', go: { how: 'end' } });
    await expect(async () => change(3, '5')).rejects.toThrow(
      'edit: the program is not in the middle of a run: step back first',
    );
  });
});

describe('a link', () => {
  test.each([0, 1, 2])('opens at step %d', async (step) => {
    await wish({ type: 'go', go: { how: 'to-step', step } });
    const { fragment } = (await wish({ type: 'share', keeps: 'lines' })).value as ShareResult;
    expect((await wish({ type: 'open-link', fragment })).snapshot!.step).toBe(step);
    page = fresh();
    expect(
      (await wish({ type: 'open-text', text: `https://example.org/#${fragment}` })).snapshot!.step,
    ).toBe(step);
  });
});

describe('a pasted text that is not said what it is', () => {
  test('hex of an ELF file is an object', async () => {
    const { view, notice } = await wish({ type: 'open-text', text: toHex(firewall) });
    expect([view!.program, view!.object.name]).toEqual(['firewall', 'pasted.o']);
    expect(notice).toBe(`Opened the pasted object, ${firewall.length} bytes.`);
  });
  test('hex of a packet is one', async () => {
    const { view } = await wish({ type: 'open-text', text: 'ab'.repeat(30) });
    expect([toHex(view!.packetBytes), view!.object.name]).toEqual(['ab'.repeat(30), 'firewall.o']);
  });
  test('hex of bytecode is an object where that is said', async () => {
    const { view } = await wish({
      type: 'open-text',
      text: 'b7000000020000009500000000000000',
      as: 'object',
    });
    expect(view!.code.rows.map(({ text }) => text)).toEqual(['r0 = 0x2', 'exit']);
  });
  test('text that is no object is none', async () =>
    expect(async () =>
      wish({ type: 'open-text', text: 'no object at all!', as: 'object' }),
    ).rejects.toThrow('pasted: is neither hex nor base64 of an object or of bytecode'));
  test('assembly without an instruction', async () =>
    expect(async () =>
      wish({ type: 'open-text', text: '; nothing', as: 'assembly' }),
    ).rejects.toThrow());
});

describe('undo', () => {
  test('takes back one change after the other, and says when there is none', async () => {
    await wish({ type: 'edit-packet', offset: 0, bytes: Uint8Array.of(1) });
    await wish({ type: 'edit-packet', offset: 0, bytes: Uint8Array.of(2) });
    expect((await packet({ type: 'undo' })).slice(0, 2)).toBe('01');
    const { view } = await wish({ type: 'undo' });
    expect([toHex(view!.packetBytes), view!.packetNames.length]).toEqual([FRAME, 1]);
    await wish({ type: 'undo' });
    expect(await wish({ type: 'undo' })).toEqual({ notice: 'There is nothing to undo' });
  });
  test('comes back to the step at which the change was made', async () => {
    await wish({ type: 'go', go: { how: 'to-step', step: 3 } });
    await wish({ type: 'edit-packet', offset: 0, bytes: Uint8Array.of(1) });
    expect((await wish({ type: 'undo' })).snapshot!.step).toBe(3);
  });
});

describe('breakpoints', () => {
  test('stand in order, and the same wish takes one away, with what was asked of it', async () => {
    for (const pc of [5, 0, 3]) await wish({ type: 'toggle-breakpoint', pc });
    expect(page.made!.breakpoints).toEqual([0, 3, 5]);
    await wish({ type: 'set-rule', rule: { pc: 3, condition: 'r1 == 5' } });
    await wish({ type: 'set-rule', rule: { pc: 5, hits: 2 } });
    expect(page.made!.rules).toEqual([
      { pc: 3, condition: 'r1 == 5' },
      { pc: 5, hits: 2 },
    ]);
    await wish({ type: 'toggle-breakpoint', pc: 3 });
    expect([page.made!.breakpoints, page.made!.rules]).toEqual([[0, 5], [{ pc: 5, hits: 2 }]]);
  });
  test('a rule that asks for nothing is none: one hit is the first', async () => {
    await wish({ type: 'toggle-breakpoint', pc: 3 });
    await wish({ type: 'set-rule', rule: { pc: 3, hits: 2 } });
    await wish({ type: 'set-rule', rule: { pc: 3, hits: 1 } });
    expect(page.made!.rules).toEqual([]);
    await expect(async () => wish({ type: 'set-rule', rule: { pc: 4, hits: 2 } })).rejects.toThrow(
      'instruction 4: has no breakpoint',
    );
  });
});

describe('what was set stays beside what is set', () => {
  test('options, context, settings', async () => {
    await wish({ type: 'set-context', field: 'rx_queue_index', value: '3' });
    await wish({ type: 'set-context', field: 'ingress_ifindex', value: '2' });
    await wish({ type: 'set-context', field: 'rx_queue_index', value: '4' });
    expect(page.made!.context).toEqual([
      ['ingress_ifindex', '2'],
      ['rx_queue_index', '4'],
    ]);
    await wish({ type: 'set-option', name: 'attach', value: 'devmap' });
    await wish({ type: 'set-option', name: 'frags', value: 'yes' });
    await wish({ type: 'set-option', name: 'attach', value: 'cpumap' });
    expect(page.made!.options).toEqual([
      ['frags', 'yes'],
      ['attach', 'cpumap'],
    ]);
    const { settings } = page.made!;
    await wish({ type: 'set-settings', settings: { cpu: 1 } });
    expect(page.made!.settings).toEqual({ ...settings, cpu: 1 });
    await wish({ type: 'set-hook', hook: 'tc' });
    expect([page.made!.options, page.made!.context]).toEqual([[], []]);
  });
  test('expressions once each, without blanks', async () => {
    await wish({ type: 'set-expressions', expressions: [' r1 ', 'r1', '', 'r2'] });
    expect(page.made!.expressions).toEqual(['r1', 'r2']);
  });
});

test('nothing can be done before an object is open', async () => {
  page = fresh();
  await expect(async () => wish({ type: 'go', go: { how: 'into' } })).rejects.toThrow(
    'open an object first',
  );
});
