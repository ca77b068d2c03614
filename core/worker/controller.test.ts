import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { toBase64 } from '../bytes/base64.ts';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { MapSizeField } from '../maps/completion.ts';
import { parseElf } from '../object/elf/elf.ts';
import type { MapFile, ShareResult, SnapshotFile, Wish } from '../protocol/messages.ts';
import { readObject } from '../testing/corpus.ts';
import { TestPage } from '../testing/page.ts';

const firewall = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../public/examples/xdp-firewall/program.o')),
);
const FRAME = (
  '52540012345652540065432108004500002800010000400666c50a0000420a0000019c4001bb00' +
  '00000100000000500220000000 0000'
).replace(' ', '');

/** The same frame twice: two packets, or one of twice the length. */
const TWO = `${FRAME}\n${FRAME}`;

let page: TestPage;
const wish = (wanted: Wish) => page.wish(wanted);

beforeEach(async () => {
  page = new TestPage();
  await wish({ type: 'open-file', name: 'firewall.o', bytes: firewall });
  await wish({ type: 'open-text', text: FRAME, as: 'packet' });
});

describe('opening', () => {
  test.each([
    ['an object in hex', toHex(firewall)],
    ['an object in base64', toBase64(firewall)],
  ])('%s', async (_title, text) =>
    expect((await wish({ type: 'open-text', text })).view).toMatchObject({
      program: 'firewall',
      hook: 'xdp',
    }),
  );
  test('assembly', async () =>
    expect((await wish({ type: 'open-text', text: 'r0 = 2\nexit' })).view).toMatchObject({
      object: { format: 'raw' },
      code: { rows: [{ text: 'r0 = 0x2' }, { text: 'exit' }] },
    }));
  test('a new object keeps the packets', async () => {
    const { view } = await wish({
      type: 'open-file',
      name: 'other.o',
      bytes: readObject('xdp_counter.clang-19-v3-g.o'),
    });
    expect(toHex(view!.packetBytes)).toBe(FRAME);
  });
  test('a packet pasted over another does not keep its name', async () => {
    const names = async (text: string) =>
      (await wish({ type: 'open-text', text, as: 'packet' })).view!.packetNames;
    const bytes = FRAME.match(/../g)!.join(' ');
    expect(await names(`0000 ${bytes}\n\n0000 ${bytes}`)).toEqual(['pasted #1', 'pasted #2']);
    expect(await names(FRAME)).toEqual(['pasted', 'pasted #2']);
  });
  test('a pasted packet says what it took the place of', async () => {
    const bytes = FRAME.match(/../g)!.join(' ');
    const two = `0000 ${bytes}\n\n0000 ${bytes}`;
    const said = async (text: string) =>
      (await wish({ type: 'open-text', text, as: 'packet' })).notice;
    expect(await said(FRAME)).toMatch(
      /^In the place of packet 1, "pasted" \(Ctrl\+Z takes it back\)\. Read as /,
    );
    expect(await said(two)).toMatch(/^In the place of packet 1, "pasted" \(Ctrl/);
    expect(await said(two)).toMatch(/^In the place of all 2 packets \(Ctrl/);
    await wish({ type: 'select-packet', index: 1 });
    expect(await said(FRAME)).toMatch(/^In the place of packet 2, "pasted #2" \(Ctrl/);
    const added = await wish({ type: 'add-packet', text: FRAME });
    expect(added.notice).not.toContain('In the place of');
  });
  test('a C file is shown beside the instructions', async () => {
    const { view } = await wish({
      type: 'open-file',
      name: 'program.c',
      bytes: new TextEncoder().encode('/* the source */'),
    });
    expect(view!.sources).toEqual([{ file: 'program.c', text: '/* the source */' }]);
  });
  test('a C file that the object was not built from is kept, and that is said', async () => {
    await wish({ type: 'open-file', name: 'firewall.o', bytes: firewall });
    const drop = async (name: string) =>
      (await wish({ type: 'open-file', name, bytes: new TextEncoder().encode('int x;') })).notice;
    expect(await drop('other.c')).toBe(
      'firewall.o was not built from other.c: it is kept for an object that was.',
    );
    expect(await drop('program.c')).toBe('Showing program.c beside the instructions.');
  });
  test('what is nothing we read says what is wrong and leaves the session alone', async () => {
    await expect(
      wish({ type: 'open-file', name: 'x.png', bytes: Uint8Array.from([0x89, 0x50, 0, 1, 2]) }),
    ).rejects.toThrow(InputError);
    expect((await wish({ type: 'go', go: { how: 'into' } })).snapshot!.step).toBe(1);
  });
});

test('what cannot be shown leaves the session as it stands, registers and memory too', async () => {
  const { snapshot } = await wish({ type: 'go', go: { how: 'to-step', step: 5 } });
  const bytes = new Uint8Array(
    readFileSync(join(import.meta.dirname, '../../public/examples/balancer/program.o')),
  );
  const inputs = {
    ...page.made!,
    object: { name: 'balancer.o', bytes },
    program: undefined,
    context: [['rx_queue_index', 'many']] as [string, string][],
  };
  await expect(wish({ type: 'open-inputs', inputs })).rejects.toThrow(InputError);
  const next = await wish({ type: 'go', go: { how: 'into' } });
  expect(next.snapshot).toMatchObject({ step: 6, status: 'paused' });
  const back = await wish({ type: 'go', go: { how: 'back' } });
  expect(back.snapshot).toEqual(snapshot);
});

describe('captures', () => {
  const capture = (name: string) =>
    new Uint8Array(readFileSync(join(import.meta.dirname, '../testdata/captures', name)));
  const open = (name: string) => wish({ type: 'open-file', name, bytes: capture(name) });

  test.each([
    ['kuznetzov8.pcap', 7],
    ['snoop8.snoop', 8],
    ['zst.pcap.zst', 8],
    ['trailing-garbage.pcapng', 8],
  ])('c05: %s gives its packets and leaves the program', async (name, count) => {
    const { view } = await open(name);
    expect([view!.packetNames.length, view!.object.name]).toEqual([count, 'firewall.o']);
  });

  test('c05: a capture that cannot be read leaves the program, too', async () => {
    await expect(open('ec.erf')).rejects.toThrow(
      'ec.erf: is neither ELF (no magic number) nor bytecode',
    );
    expect((await wish({ type: 'select-packet', index: 0 })).view!.object.name).toBe('firewall.o');
  });
});

describe('inputs', () => {
  test('a map entry changes the verdict', async () => {
    expect((await wish({ type: 'select-packet', index: 0 })).view!.outcome!.verdict.name).toBe(
      'XDP_PASS',
    );
    const { view } = await wish({
      type: 'set-map-entry',
      map: 'blocked',
      key: '0a000042',
      value: '00'.repeat(16),
    });
    expect(view!.outcome!.verdict).toMatchObject({ name: 'XDP_DROP', code: 1 });
    const gone = await wish({ type: 'delete-map-entry', map: 'blocked', key: '0a000042' });
    expect(gone.view!.outcome!.verdict.name).toBe('XDP_PASS');
  });
  test('an entry the map does not take is refused, and nothing else changes', async () => {
    await wish({
      type: 'open-file',
      name: 'globals.o',
      bytes: readObject('globals.clang-19-v3-g.o'),
    });
    const array = (await wish({ type: 'select-packet', index: 0 })).snapshot!.maps.find(
      (map) => map.type === 'array',
    )!;
    await expect(
      wish({ type: 'delete-map-entry', map: array.name, key: '00000000' }),
    ).rejects.toThrow(/cannot be taken out/);
    expect((await wish({ type: 'go', go: { how: 'into' } })).snapshot).toMatchObject({
      status: 'paused',
      step: 1,
    });
  });
  test('the contents of a map go out and come in again', async () => {
    await wish({ type: 'set-map-entry', map: 'blocked', key: '0a000042', value: '01'.repeat(16) });
    const { value } = await wish({ type: 'export-map', map: 'blocked' });
    const { text, name } = value as MapFile;
    expect(name).toBe('blocked.json');
    await wish({ type: 'delete-map-entry', map: 'blocked', key: '0a000042' });
    const { snapshot } = await wish({ type: 'import-map', map: 'blocked', text });
    expect(snapshot!.maps.find((map) => map.name === 'blocked')!.entries[0]).toMatchObject({
      value: '01'.repeat(16),
    });
  });
  test(
    'values are pushed into a queue in the order in which they are set; ' +
      'one CPU has its own value',
    async () => {
      const maps = new Uint8Array(
        readFileSync(join(import.meta.dirname, '../testdata/kernel/maps.clang-19-v4.o')),
      );
      await wish({ type: 'open-file', name: 'maps.o', bytes: maps });
      await wish({ type: 'set-map-entry', map: 'line', key: '', value: '7' });
      await wish({ type: 'set-map-entry', map: 'line', key: '', value: '7' });
      await wish({ type: 'set-map-entry', map: 'outer', key: '1', value: 'mine' });
      await wish({ type: 'set-map-entry', map: 'mine', key: '1', value: '5' });
      const { snapshot } = await wish({
        type: 'set-map-entry',
        map: 'each_list',
        key: '2',
        value: '9',
        cpu: 1,
      });
      const entriesOf = (name: string) => snapshot!.maps.find((map) => map.name === name)!.entries;
      expect(entriesOf('line').map(({ valueText }) => valueText)).toEqual(['7', '7']);
      expect(entriesOf('mine')[1].valueText).toBe('5');
      expect(entriesOf('each_list')[2].perCpu![1]).toBe('0900000000000000');
    },
  );
  test('editing a byte, the length and the context', async () => {
    const edited = await wish({
      type: 'edit-packet',
      offset: 12,
      bytes: Uint8Array.from([0x86, 0xdd]),
    });
    expect(toHex(edited.view!.packetBytes.subarray(12, 14))).toBe('86dd');
    expect((await wish({ type: 'resize-packet', length: 20 })).view!.packetBytes.length).toBe(20);
    const { view } = await wish({ type: 'set-context', field: 'rx_queue_index', value: '3' });
    expect(view!.context.find((field) => field.field === 'rx_queue_index')).toMatchObject({
      value: '3',
    });
  });
  test.each([
    [{ type: 'edit-packet', offset: 60, bytes: new Uint8Array(9) }, /do not fit/],
    [{ type: 'resize-packet', length: -1 }, /is not a length/],
    [{ type: 'set-context', field: 'mark', value: 'abc' }, /is not a number/],
    [{ type: 'set-map-entry', map: 'none', key: '1', value: '1' }, /does not exist/],
    [{ type: 'set-map-entry', map: 'blocked', key: '1', value: '12' }, /wants 16 bytes/],
    [{ type: 'select-packet', index: 7 }, /does not exist/],
    [{ type: 'select-program', name: 'nobody' }, /has no program "nobody"/],
    [{ type: 'open-link', fragment: 'v1.nonsense' }, /is damaged/],
    [
      { type: 'toggle-watchpoint', target: { kind: 'map', map: 'nowhere', key: '00' } },
      /has no key 00/,
    ],
    [{ type: 'toggle-watchpoint', target: { kind: 'register', index: 11 } }, /is no register/],
    [{ type: 'explain', target: { kind: 'register', index: 11 } }, /r11: is no register/],
    [{ type: 'edit', target: { kind: 'register', index: 11 }, value: '1' }, /r11: is no register/],
    [
      {
        type: 'toggle-watchpoint',
        target: { kind: 'memory', region: { kind: 'packet' }, offset: 0, length: 5000 },
      },
      /from 1 to 4096 can be watched/,
    ],
    [
      {
        type: 'explain',
        target: { kind: 'memory', region: { kind: 'packet' }, offset: 0, length: 5000 },
      },
      /more than the 4096 that can be explained/,
    ],
  ] as [Wish, RegExp][])('%o is refused', async (wanted, message) =>
    expect(wish(wanted)).rejects.toThrow(message),
  );
  test('a watchpoint is set and taken away by the same wish; there are 64 at most', async () => {
    const at = (offset: number): Wish => ({
      type: 'toggle-watchpoint',
      target: { kind: 'memory', region: { kind: 'stack', depth: 0 }, offset: -offset, length: 1 },
    });
    const { view } = await wish(at(1));
    expect(view!.watchpoints).toMatchObject([{ name: 'stack-1' }]);
    expect((await wish(at(1))).view!.watchpoints).toEqual([]);
    for (let offset = 1; offset <= 64; offset++) await wish(at(offset));
    await expect(wish(at(65))).rejects.toThrow(/there are 64/);
  });
  test('a hook can be chosen against the section name', async () => {
    const { view } = await wish({ type: 'set-hook', hook: 'filter-ubpf' });
    expect(view).toMatchObject({ hook: 'filter-ubpf', hookRecognised: true });
    expect(view!.qemu!.commandLine).toContain('ubpf-handler=firewall.o');
  });
});

describe('sharing', () => {
  test('a link reopens the step with the same state, breakpoints and map entries', async () => {
    await wish({ type: 'set-map-entry', map: 'blocked', key: '0a000042', value: '00'.repeat(16) });
    await wish({ type: 'toggle-breakpoint', pc: 5 });
    const before = await wish({ type: 'go', go: { how: 'to-step', step: 9 } });
    const { value } = await wish({ type: 'share', keeps: 'lines' });
    await wish({ type: 'open-text', text: 'r0 = 0; exit', as: 'assembly' });
    const { view, snapshot, notice } = await wish({
      type: 'open-link',
      fragment: (value as ShareResult).fragment,
    });
    expect(notice).toBeUndefined();
    expect(view!.breakpoints).toEqual([5]);
    expect(snapshot!.registers).toEqual(before.snapshot!.registers);
    expect(snapshot!.step).toBe(9);
    expect((value as ShareResult).dropped.join()).toMatch(/debug info/);
  });
  test('without debug info it is shorter and comes to the same verdict', async () => {
    const [full, slim] = [
      await wish({ type: 'share', keeps: 'lines' }),
      await wish({ type: 'share', keeps: 'program' }),
    ].map(({ value }) => (value as ShareResult).fragment);
    expect(slim.length).toBeLessThan(full.length);
    const reopened = await wish({ type: 'open-link', fragment: slim });
    expect(reopened.view!.outcome!.verdict.name).toBe('XDP_PASS');
    expect(reopened.notice).toBeUndefined();
  });
  test('a snapshot file is opened like any other file', async () => {
    await wish({ type: 'go', go: { how: 'to-step', step: 4 } });
    const { value } = await wish({ type: 'save-snapshot' });
    const { bytes, name } = value as SnapshotFile;
    expect((await wish({ type: 'open-file', name, bytes })).snapshot!.step).toBe(4);
  });
  test('a result that changed since the link was made is told', async () => {
    const { fragment } = (await wish({ type: 'share', keeps: 'lines' })).value as ShareResult;
    const { decodeLink, encodeLink } = await import('../share/container.ts');
    const shared = await decodeLink(fragment);
    const { notice } = await wish({
      type: 'open-link',
      fragment: await encodeLink({ ...shared, hash: '0000' }),
    });
    expect(notice).toMatch(/another result/);
  });
});

describe('kernel types', () => {
  const folder = join(import.meta.dirname, '../testdata/core-relocations');
  const file = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
  const btfOf = (name: string) =>
    parseElf(file(name)).sections.find((section) => section.name === '.BTF')!.data;
  const gzipped = async (bytes: Uint8Array) =>
    new Uint8Array(
      await new Response(
        new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream('gzip')),
      ).arrayBuffer(),
    );
  const open = (name: string) => wish({ type: 'open-file', name, bytes: file(name) });

  test('an object that asks for types of the kernel gets the bundled ones', async () => {
    const { view } = await open('kernel.clang-19.o');
    expect(view!.kernelTypes).toEqual({ choice: 'automatic', used: 'Linux 6.18, bundled' });
    expect(view!.object.coreRelocations[0]).toMatchObject({
      subject: 'struct net_device.ifindex',
      how: 'patched',
    });
  });
  test(
    'one whose types are all its own gets them too: a loader asks the kernel, ' +
      'which has none of them',
    async () => {
      const { view } = await open('programs.clang-19-v3.o');
      expect(view!.kernelTypes).toEqual({ choice: 'automatic', used: 'Linux 6.18, bundled' });
      expect(
        view!.object.coreRelocations.find(({ kind }) => kind === 'field_exists'),
      ).toMatchObject({
        result: '0',
      });
    },
  );

  test('a file of types becomes the target, packed or not; links carry what it says', async () => {
    await open('programs.clang-19-v3.o');
    const types = btfOf('target.clang-19.o');
    const { view, notice } = await wish({ type: 'open-file', name: 'vmlinux', bytes: types });
    expect(notice).toBe('Kernel types from vmlinux: 157 CO-RE relocations use it.');
    expect(view!.kernelTypes).toEqual({ choice: 'file', used: 'vmlinux' });
    const again = await wish({
      type: 'open-file',
      name: 'vmlinux.gz',
      bytes: await gzipped(types),
    });
    expect(again.view!.object.coreRelocations).toEqual(view!.object.coreRelocations);

    await wish({ type: 'select-program', name: 'read_second' });
    const { value } = await wish({ type: 'share', keeps: 'program' });
    const { fragment, dropped } = value as ShareResult;
    expect(dropped.at(-1)).toBe(
      'kernel types of vmlinux, but for what its 157 relocations take from them',
    );
    const shared = await wish({ type: 'open-link', fragment });
    expect(shared.notice).toBeUndefined();
    expect(shared.view!.kernelTypes).toEqual({ choice: 'file', used: 'vmlinux' });
    expect(shared.view!.object.coreRelocations).toEqual(view!.object.coreRelocations);
    expect(shared.view!.code.rows[0].text).toBe('r0 = *(u32 *)(r1 + 0x8)');

    const own = await wish({ type: 'set-kernel-types', kernelTypes: 'own' });
    expect(own.view!.kernelTypes).toEqual({ choice: 'own' });
    expect(own.view!.code.rows[0].text).toBe('r0 = *(u32 *)(r1 + 0x4)');
  });

  test('an instruction whose field is missing is a fault by name, when it is reached', async () => {
    await open('programs.clang-19-v3.o');
    await wish({ type: 'open-file', name: 'vmlinux', bytes: btfOf('target.clang-19.o') });
    const reached = await wish({ type: 'select-program', name: 'read_missing' });
    expect(reached.view!.outcome!.fault).toMatchObject({
      kind: 'failed-relocation',
      message:
        'instruction 0: CO-RE relocation of struct gone.missing failed: ' +
        'no such field in the target types (vmlinux)',
    });
    const guarded = await wish({ type: 'select-program', name: 'enumerator_guarded' });
    expect(guarded.view!.outcome).toMatchObject({ r0: '0x0000000000000003' });
  });

  test('a program of another machine without types is refused', async () => {
    const elf = file('programs.clang-19-v3.o');
    elf[18] = 62;
    const other = await wish({ type: 'open-file', name: 'vmlinux', bytes: elf });
    expect(other.view!.kernelTypes.choice).toBe('file');
    const broken = new Uint8Array(btfOf('target.clang-19.o').slice(0, 100));
    await expect(wish({ type: 'open-file', name: 'half', bytes: broken })).rejects.toThrow(
      'half: .BTF',
    );
    await expect(
      wish({ type: 'open-file', name: 'cut.gz', bytes: Uint8Array.of(0x1f, 0x8b, 8, 0, 0) }),
    ).rejects.toThrow('cut.gz: is damaged or cut short');
  });
});

describe('another reading of a pasted text', () => {
  test('is offered and taken in place of the first', async () => {
    const before = (await wish({ type: 'open-text', text: FRAME, as: 'packet' })).view!.packetNames
      .length;
    const { view } = await wish({ type: 'add-packet', text: TWO });
    expect(view!.packetNames.length).toBe(before + 2);
    expect(view!.packetAlternatives).toContainEqual({
      dialect: 'hex',
      label: 'hex digits, one packet',
      packets: 1,
    });
    const other = (await wish({ type: 'read-packet-as', dialect: 'hex' })).view!;
    expect(other.packetRows.rows.map(({ length }) => length)).toEqual([
      ...Array(before).fill(FRAME.length / 2),
      FRAME.length,
    ]);
    expect(other.packetNotes[0]).toBe(
      `Read as hex stream in lines (xxd -p), ${FRAME.length} bytes.`,
    );
  });
  test('is gone once the packets were changed', async () => {
    await wish({ type: 'add-packet', text: TWO });
    const { view } = await wish({ type: 'edit-packet', offset: 0, bytes: Uint8Array.of(1) });
    expect(view!.packetAlternatives).toEqual([]);
    await expect(wish({ type: 'read-packet-as', dialect: 'hex' })).rejects.toThrow(InputError);
  });
  test('text that is no assembly is not called a wrong instruction', async () => {
    await expect(
      wish({ type: 'open-text', text: '#include <x.h>\nint f(void) {\n  if (a) goto out;\n}' }),
    ).rejects.toThrow('is C source');
    await expect(
      wish({ type: 'open-text', text: 'Dear all: why does my packet go missing?' }),
    ).rejects.toThrow('is words');
  });
});

test('sizes of a map are set one by one, each given back by an empty text', async () => {
  const set = async (field: MapSizeField, value: string) => {
    await wish({ type: 'set-map-size', map: 'blocked', field, value });
    return page.made!.mapSizes;
  };
  const [entries, key] = [
    { map: 'blocked', field: 'max_entries', value: 9 },
    { map: 'blocked', field: 'key_size', value: 4 },
  ];
  expect(await set('max_entries', '9')).toEqual([entries]);
  expect(await set('key_size', '4')).toEqual([entries, key]);
  expect(await set('max_entries', '12')).toEqual([key, { ...entries, value: 12 }]);
  expect(await set('key_size', ' ')).toEqual([{ ...entries, value: 12 }]);
  expect(await set('max_entries', '')).toEqual([]);
});

describe('a session holds 4,096 packets', () => {
  const MOST = 4096;
  const lines = (count: number): string => Array.from({ length: count }, () => FRAME).join('\n\n');
  const add = (text: string) => wish({ type: 'add-packet', text });
  test('of those that are added the first go in, the others are said', async () => {
    await add(lines(MOST - 3));
    expect(page.shown!.packetNames).toHaveLength(MOST - 2);
    const { notice, view } = await add(lines(5));
    expect(view!.packetNames).toHaveLength(MOST);
    expect(notice).toContain('3 of them left out: a session holds 4096 packets.');
    await expect(add(FRAME)).rejects.toThrow('packets: there are 4096, the most there may be');
    expect(page.shown!.packetNames).toHaveLength(MOST);
  });
  test('as many as there is room for are all there', async () => {
    const { notice, view } = await add(lines(MOST - 1));
    expect(view!.packetNames).toHaveLength(MOST);
    expect(notice).not.toContain('left out');
  });
});

test('an object built anew, whose last build could not run, begins at its first step', async () => {
  const page = new TestPage();
  const good = assemble(`${'r0 = 2; '.repeat(20)} exit`);
  // An instruction that is none: the kernel loads no such program.
  const bad = good.slice();
  bad[8] = 0xff;
  const opened = await page.wish({ type: 'open-file', name: 'x.bin', bytes: bad });
  expect(opened.view!.programError).toBeDefined();
  await page.wish({ type: 'set-hook', hook: 'xdp' });
  await page.wish({ type: 'open-text', text: FRAME, as: 'packet' });
  const { snapshot, view } = await page.wish({ type: 'open-file', name: 'x.bin', bytes: good });
  expect(view!.programError).toBeUndefined();
  expect([snapshot!.step, snapshot!.pc]).toEqual([0, 0]);
});
