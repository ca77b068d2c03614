import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_NETWORK } from '../machine/network.ts';
import type { Wish } from '../protocol/messages.ts';
import type { TrafficErrand, TrafficStatistics, TrafficView } from '../protocol/traffic.ts';
import { openExample } from '../testing/examples.ts';
import { TestPage } from '../testing/page.ts';

/** Packets from 10.0.0.1 to port 1000 + n; the firewall example drops what comes from 10.0.0.66. */
const SIZE = 58;
function capture(count: number, dropped: readonly number[] = []): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(24 + count * SIZE);
  const view = new DataView(bytes.buffer);
  const head = [0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1];
  for (const [i, word] of head.entries()) view.setUint32(4 * i, word, true);
  for (let n = 0; n < count; n++) {
    const at = 24 + n * SIZE;
    const words = [1_700_000_000 + Math.floor(n / 1000), (n % 1000) * 1000, 42, 42];
    for (const [i, word] of words.entries()) view.setUint32(at + 4 * i, word, true);
    const source = dropped.includes(n) ? 66 : 1;
    const ip = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, source, 10, 0, 0, 2];
    bytes.set([0x08, 0, ...ip], at + 16 + 12);
    view.setUint16(at + 16 + 36, 1000 + (n % 50_000));
    view.setUint16(at + 16 + 38, 8);
  }
  return bytes;
}

let page: TestPage;
const traffic = (): TrafficView => page.shown!.traffic!;
async function runAll(): Promise<void> {
  for (let pieces = 0; traffic().hasWork; pieces++) {
    await page.wish({ type: 'traffic-work' });
    expect(pieces).toBeLessThan(500);
  }
}
const open = (bytes: Uint8Array<ArrayBuffer>, name = 'big.pcap') =>
  page.wish({ type: 'open-blob', name, blob: new Blob([bytes]) });
async function rows(from: number, count: number) {
  const { value } = await page.wish({ type: 'traffic-rows', from, count });
  return value?.kind === 'traffic-rows' ? value.rows : [];
}
async function statistics(): Promise<TrafficStatistics> {
  const { value } = await page.wish({ type: 'traffic-statistics' });
  if (value?.kind !== 'traffic-statistics') throw new Error('no statistics');
  return value;
}
const counts = () => traffic().counts.map(({ name, count }) => `${name} ${count}`);
const mapTexts = (maps: readonly { name: string; entries: { key: string; value: string }[] }[]) =>
  Object.fromEntries(maps.map(({ name, entries }) => [name, entries.map(({ value }) => value)]));

beforeEach(async () => {
  page = new TestPage();
  await page.wish({ type: 'open-inputs', inputs: openExample('xdp-firewall').inputs });
});

test('it is run by the engine that is asked for, and goes on by that', async () => {
  await open(capture(5000, [77]));
  await runAll();
  expect(traffic().engine).toBe('jit');
  const by = async (engine?: string) => {
    await page.wish({ type: 'traffic-order', order: 'again', ...(engine && { engine }) });
    await runAll();
    return [traffic().engine, ...counts().toSorted()];
  };
  expect(await by('interpreter')).toEqual(['interpreter', 'XDP_DROP 1', 'XDP_PASS 4999']);
  expect(await by()).toEqual(['interpreter', 'XDP_DROP 1', 'XDP_PASS 4999']);
  expect(await by('jit')).toEqual(['jit', 'XDP_DROP 1', 'XDP_PASS 4999']);
  await expect(by('other')).rejects.toThrow('engine: there is none called "other"');
});

describe('a capture that a session has no room for', () => {
  test('runs in pieces, and its first packet is the session', async () => {
    const opened = await open(capture(9000, [77, 8001]));
    expect(opened.view!.packetNames).toEqual(['big.pcap #1']);
    expect(opened.view!.traffic).toMatchObject({ name: 'big.pcap', judged: 0, open: 0 });
    expect(opened.snapshot?.step).toBe(0);
    await runAll();
    expect(traffic()).toMatchObject({ packets: 9000, judged: 9000, isWhole: true, state: 'done' });
    expect(counts()).toEqual(['XDP_PASS 8998', 'XDP_DROP 2']);
    const found = await statistics();
    expect(found.outcomes[1]).toMatchObject({ name: 'XDP_DROP', count: 2, first: 77 });
    expect(found.protocols).toMatchObject([{ label: 'UDP', filter: 'udp', count: 9000 }]);
    expect(found.flowCount).toBe(9000);
  });

  test('any packet of it is opened at the state that all in front of it left', async () => {
    await open(capture(9000, [77, 8001]));
    await runAll();
    const { snapshot, view } = await page.wish({ type: 'traffic-open', packet: 8001 });
    expect(view!.capture).toEqual({ name: 'big.pcap', packet: 8002 });
    expect(view!.outcome?.verdict.name).toBe('XDP_DROP');
    const before = mapTexts(snapshot!.maps);
    const maps = await page.wish({ type: 'traffic-maps', packets: 8001 });
    if (maps.value?.kind !== 'traffic-maps') throw new Error('no maps');
    expect(mapTexts(maps.value.maps)).toEqual(before);
    // The session goes on from there while the capture has the memory in between.
    await page.wish({ type: 'go', go: { how: 'end' } });
    await page.wish({ type: 'traffic-order', order: 'again' });
    await page.wish({ type: 'traffic-work' });
    const ended = await page.wish({ type: 'go', go: { how: 'back' } });
    const behind = await page.wish({ type: 'traffic-maps', packets: 8002 });
    if (behind.value?.kind !== 'traffic-maps') throw new Error('no maps');
    expect(ended.snapshot!.step).toBe(view!.outcome!.steps - 1);
    expect(mapTexts(behind.value.maps)).not.toEqual(before);
  });

  test('it is said what an opened packet finds', async () => {
    await open(capture(5000));
    await runAll();
    const said = async (packet: number) =>
      (await page.wish({ type: 'traffic-open', packet })).view!.packetNotes;
    expect(await said(0)).toEqual(['Packet 1 of big.pcap, the first that runs.']);
    expect(await said(1)).toEqual([
      'Packet 2 of big.pcap, with maps, clock and chance as 1 packet in front of it left them.',
    ]);
    expect(await said(4999)).toEqual([
      'Packet 5000 of big.pcap, with maps, clock and chance as 4999 packets in front of it left ' +
        'them.',
    ]);
  });

  test('a change of the opened packet stays at its state, and undo goes back to it', async () => {
    await open(capture(9000, [77]));
    await runAll();
    const opened = await page.wish({ type: 'traffic-open', packet: 5000 });
    const before = mapTexts(opened.snapshot!.maps);
    const edited = await page.wish({
      type: 'edit-field',
      name: 'ip.src',
      offset: 26,
      text: '10.0.0.66',
      fixChecksums: true,
    });
    expect(edited.view!.outcome?.verdict.name).toBe('XDP_DROP');
    expect(mapTexts(edited.snapshot!.maps)).toEqual(before);
    expect(traffic().isStale).toBe(false);
    await page.wish({ type: 'traffic-open', packet: 10 });
    const undone = await page.wish({ type: 'undo' });
    expect(undone.view!.packetNames).toEqual(['big.pcap #5001']);
    expect(mapTexts(undone.snapshot!.maps)).toEqual(before);
  });

  test.each<[string, Wish]>([
    ['more CPUs', { type: 'set-settings', settings: { cpus: 8 } }],
    ['fewer CPUs', { type: 'set-settings', settings: { cpus: 1 } }],
    ['a reader of perf events', { type: 'set-settings', settings: { perfReader: true } }],
    ['another hook', { type: 'set-hook', hook: 'tc' }],
    ['a larger map', { type: 'set-map-size', map: 'hits', field: 'max_entries', value: '300' }],
    ['another program', { type: 'select-program', name: 'udp' }],
    ['another network', { type: 'set-network', network: { ...DEFAULT_NETWORK, sockets: [] } }],
  ])('an opened packet on another machine begins anew: %s', async (_title, changed) => {
    const example = changed.type === 'select-program' ? 'tail-calls' : 'lpm-firewall';
    await page.wish({ type: 'open-inputs', inputs: openExample(example).inputs });
    await open(capture(4200));
    await runAll();
    await page.wish({ type: 'traffic-open', packet: 2000 });
    const { snapshot, view } = await page.wish(changed);
    const fresh = new TestPage();
    const again = await fresh.wish({ type: 'open-inputs', inputs: page.made! });
    expect(view!.outcome).toEqual(again.view!.outcome);
    expect(snapshot).toEqual(again.snapshot);
  });

  test('undo goes back to each packet that was opened, at its state, to many of them', async () => {
    // Each that is dropped is counted in a map.
    await open(
      capture(
        6000,
        Array.from({ length: 15 }, (_, i) => 400 * i),
      ),
    );
    await runAll();
    const places = Array.from({ length: 10 }, (_, i) => 500 * (i + 1));
    const states = new Map<string, string>();
    for (const packet of places) {
      const { snapshot } = await page.wish({ type: 'traffic-open', packet });
      states.set(`big.pcap #${packet + 1}`, JSON.stringify(mapTexts(snapshot!.maps)));
      await page.wish({ type: 'edit-packet', offset: 20, bytes: Uint8Array.of(1) });
    }
    expect(new Set(states.values()).size).toBe(10);
    const back = new Map<string, boolean>();
    while (page.shown!.undo !== undefined) {
      const { snapshot, view } = await page.wish({ type: 'undo' });
      const [name] = view!.packetNames;
      if (states.has(name))
        back.set(name, JSON.stringify(mapTexts(snapshot!.maps)) === states.get(name));
    }
    const names = places.map((packet) => `big.pcap #${packet + 1}`);
    expect([...back]).toEqual(names.toReversed().map((name) => [name, true]));
  });

  test.each([
    ['big.pcap', 'big'],
    ['big.pcapng', 'big'],
    ['a.b.cap', 'a.b'],
    ['big.PCAP', 'big'],
    ['pcap', 'pcap'],
    ['trace.bin', 'trace.bin'],
  ])('what is written of %s is named %s-...', async (name, base) => {
    await open(capture(4200), name);
    const named = async (errand: TrafficErrand) => {
      await page.wish({ type: 'traffic-errand', errand });
      await runAll();
      const { value } = await page.wish({ type: 'traffic-result' });
      return value?.kind === 'blob-file' && value.name;
    };
    expect(await named({ kind: 'results', format: 'json' })).toBe(`${base}-results.json`);
    expect(await named({ kind: 'packets', choice: 'dropped' })).toBe(`${base}-dropped.pcapng`);
  });

  test('the list is filtered, sorted, and narrowed to a verdict', async () => {
    await open(capture(9000, [77, 8001]));
    await runAll();
    const query = { text: '', sort: 'number', descending: false } as const;
    await page.wish({ type: 'traffic-query', query: { ...query, verdict: 'XDP_DROP' } });
    await runAll();
    expect(traffic().query).toMatchObject({ matching: 2, shown: 2, isDone: true });
    expect((await rows(0, 9)).map(({ index }) => index)).toEqual([77, 8001]);
    await page.wish({
      type: 'traffic-query',
      query: { ...query, text: 'udp.dstport in {1100..1103}', sort: 'time', descending: true },
    });
    await runAll();
    expect((await rows(0, 9)).map(({ index }) => index)).toEqual([103, 102, 101, 100]);
    expect((await rows(3, 1))[0]).toMatchObject({
      source: '10.0.0.1',
      destination: '10.0.0.2',
      protocol: 'UDP',
      length: 42,
      time: 0.1,
      verdict: { name: 'XDP_PASS' },
    });
    await page.wish({ type: 'traffic-query', query: { ...query, sort: 'verdict' } });
    await runAll();
    expect((await rows(0, 3)).map(({ index }) => index)).toEqual([77, 8001, 0]);
    const place = await page.wish({ type: 'traffic-place', packet: 0 });
    expect(place.value).toEqual({ kind: 'traffic-place', packet: 0, row: 2 });
    await expect(
      page.wish({ type: 'traffic-query', query: { ...query, text: 'ip.adr == 1.1.1.1' } }),
    ).rejects.toThrow(/column 1/);
    expect((await rows(0, 1))[0].index).toBe(77);
  });

  test('it is paused, goes on, and is given up', async () => {
    await open(capture(1_500_000));
    await page.wish({ type: 'traffic-work' });
    await page.wish({ type: 'traffic-order', order: 'pause' });
    const { judged } = traffic();
    expect(judged).toBeGreaterThan(0);
    await runAll();
    expect(traffic()).toMatchObject({ judged, packets: 1_500_000, state: 'paused' });
    await page.wish({ type: 'traffic-order', order: 'go-on' });
    await page.wish({ type: 'traffic-work' });
    expect(traffic().judged).toBeGreaterThan(judged);
    await page.wish({ type: 'traffic-order', order: 'cancel' });
    expect(traffic()).toMatchObject({ state: 'cancelled', hasWork: false });
  });

  test('another program runs on it by itself, another option when that is asked for', async () => {
    await open(capture(5000));
    await runAll();
    await page.wish({ type: 'set-hook', hook: 'tc' });
    expect(traffic()).toMatchObject({ judged: 0, state: 'running', isStale: false });
    await runAll();
    await page.wish({ type: 'set-settings', settings: { cpu: 1 } });
    expect(traffic()).toMatchObject({ judged: 5000, isStale: true });
    await page.wish({ type: 'traffic-order', order: 'again' });
    expect(traffic()).toMatchObject({ judged: 0, isStale: false });
  });

  test('a link to an opened packet comes to the same, with maps as they were', async () => {
    await open(capture(9000, [77, 8001]));
    await runAll();
    const opened = await page.wish({ type: 'traffic-open', packet: 8001 });
    const shared = await page.wish({ type: 'share', keeps: 'variables' });
    if (shared.value?.kind !== 'share') throw new Error('no link');
    const other = new TestPage();
    const { view, snapshot, notice } = await other.wish({
      type: 'open-link',
      fragment: shared.value.fragment,
    });
    expect(notice).toBeUndefined();
    expect(view!.capture).toEqual({ name: 'big.pcap', packet: 8002 });
    expect(view!.traffic).toBeUndefined();
    expect(mapTexts(snapshot!.maps)).toEqual(mapTexts(opened.snapshot!.maps));
    expect(view!.outcome).toEqual(opened.view!.outcome);
  });

  test('a link that cannot carry what maps held says so', async () => {
    // A queue's entries have no keys: what is in it cannot be put in from outside, one by one.
    await page.wish({ type: 'open-inputs', inputs: openExample('events').inputs });
    await open(capture(5000));
    await runAll();
    const { view } = await page.wish({ type: 'traffic-open', packet: 4000 });
    const shared = await page.wish({ type: 'share', keeps: 'variables' });
    if (shared.value?.kind !== 'share') throw new Error('no link');
    const says = shared.value.dropped.some((words) => words.includes('maps held at packet 4001'));
    expect(says).toBe(view!.capture?.partial ?? false);
  });

  test('of other link layers frames are made, and what is cut off is said', async () => {
    const raw = capture(6000);
    // LINKTYPE_RAW: packets begin with their IP header, 14 bytes behind where frames do.
    const view = new DataView(raw.buffer);
    view.setUint32(20, 101, true);
    for (let n = 0; n < 6000; n++) {
      const at = 24 + n * SIZE + 16;
      raw.copyWithin(at, at + 14, at + 42);
    }
    await open(raw.slice(0, -10), 'raw.pcap');
    await runAll();
    expect(traffic()).toMatchObject({ packets: 5999, judged: 5999, state: 'done' });
    expect(traffic().notes).toEqual([
      'Ethernet header made up for 5999 packets of raw IP.',
      'Packet 6000 says 42 bytes, the file ends after 32: left out.',
    ]);
    expect((await rows(5998, 1))[0]).toMatchObject({ source: '10.0.0.1', length: 56 });
    const { view: shown } = await page.wish({ type: 'traffic-open', packet: 5998 });
    expect(shown!.packetBytes.length).toBe(56);
  });

  test('one that comes packed is unpacked as it is read', async () => {
    const stream = new Blob([capture(20_000, [12_345])])
      .stream()
      .pipeThrough(new CompressionStream('gzip'));
    const packed = new Uint8Array(await new Response(stream).arrayBuffer());
    await open(packed, 'big.pcap.gz');
    await runAll();
    expect(traffic()).toMatchObject({ name: 'big.pcap', packets: 20_000, size: packed.length });
    expect(counts()).toEqual(['XDP_PASS 19999', 'XDP_DROP 1']);
    expect((await rows(12_345, 1))[0].verdict?.name).toBe('XDP_DROP');
  });

  test('results are written as CSV, and what never ran is told', async () => {
    await open(capture(5000, [3]));
    await runAll();
    await page.wish({ type: 'traffic-errand', errand: { kind: 'results', format: 'csv' } });
    await runAll();
    const { value } = await page.wish({ type: 'traffic-result' });
    if (value?.kind !== 'blob-file') throw new Error('no file');
    const lines = (await value.blob.text()).split('\r\n');
    expect(lines[0]).toBe('packet,time,bytes,verdict,action,ran,r0,steps,changed,fault');
    expect(lines[4]).toMatch(/^4,1700000000\.003000000,42,XDP_DROP,drop,true,0x1,\d+,false,$/);
    expect(lines).toHaveLength(5002);
    await page.wish({ type: 'traffic-errand', errand: { kind: 'coverage' } });
    await runAll();
    const { value: covered } = await page.wish({ type: 'traffic-result' });
    if (covered?.kind !== 'traffic-coverage') throw new Error('no coverage');
    expect(covered.slots.some(({ first }) => first === 3)).toBe(true);
    expect(new Set(covered.slots.map(({ first }) => first))).toEqual(new Set([0, 3]));
  });

  test('is put away by one that a session has room for', async () => {
    await open(capture(5000));
    await runAll();
    const { view } = await open(capture(3), 'small.pcap');
    expect(view!.traffic).toBeUndefined();
    expect(view!.packetNames).toHaveLength(3);
    await expect(page.wish({ type: 'traffic-statistics' })).rejects.toThrow();
  });

  test('what is put away is gone, and said to be', async () => {
    await open(capture(5000));
    await page.wish({ type: 'traffic-close' });
    expect(page.shown!.traffic).toBeUndefined();
    await expect(page.wish({ type: 'traffic-rows', from: 0, count: 1 })).rejects.toThrow(
      'capture: is no longer here: open the file again',
    );
    expect((await page.wish({ type: 'go', go: { how: 'end' } })).snapshot?.status).toBe('finished');
  });
});

describe('two programs on a capture', () => {
  async function compared(errand: Omit<Extract<TrafficErrand, { kind: 'compare' }>, 'kind'>) {
    await page.wish({ type: 'traffic-errand', errand: { kind: 'compare', ...errand } });
    await runAll();
    const { value } = await page.wish({ type: 'traffic-result' });
    if (value?.kind !== 'traffic-comparison') throw new Error('no comparison');
    return value;
  }

  test('another object: where they differ, each row with both verdicts', async () => {
    await open(capture(6000, [77, 5001]));
    await runAll();
    const { inputs } = openExample('xdp-firewall');
    // One that lets everything of UDP pass.
    const other = openExample('icmp-echo').inputs.object;
    const found = await compared({ file: { name: 'other.o', bytes: other.bytes } });
    expect(found).toMatchObject({ left: inputs.object.name, right: 'other.o', packets: 6000 });
    expect(found.isWhole).toBe(true);
    expect(found.differences[0]).toBe(77);
    expect(found.report).toContain('### Packet 78');
    const [row] = await rows(77, 1);
    expect(row.other).toMatchObject({ differs: true });
    expect((await rows(78, 1))[0].other).toMatchObject({ differs: false });
    const seek = { type: 'traffic-seek', behind: 77, what: 'difference' } as const;
    expect((await page.wish(seek)).value).toMatchObject({ packet: 5001 });
    // The session stands where it did, and the run over the capture is what it was.
    expect(counts()).toEqual(['XDP_PASS 5998', 'XDP_DROP 2']);
  });

  test('the interpreter beside compiled code: nothing differs', async () => {
    await open(capture(5000, [3]));
    await runAll();
    const found = await compared({ engine: 'interpreter' });
    expect(found).toMatchObject({ packets: 5000, differing: 0, differences: [] });
    expect(found.right).toMatch(/\(interpreter\)$/);
  });

  test('a file that is no object is refused, and leaves all as it was', async () => {
    await open(capture(5000));
    await runAll();
    const file = { name: 'x.o', bytes: Uint8Array.of(1, 2, 3) };
    await expect(compared({ file })).rejects.toThrow(/x\.o/);
    expect(counts()).toEqual(['XDP_PASS 5000']);
  });
});
