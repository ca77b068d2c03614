// A netdev with its filters, as a page asks for it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { fromHex } from '../bytes/hex.ts';
import type { ChainChange, ChainRunView, ChainView, KeptSession } from '../protocol/messages.ts';
import { TestPage } from '../testing/page.ts';
import { pcapOf } from '../testing/pcap.ts';

const file = (name: string, source: string) => ({ name, bytes: assemble(source) });
const ODD = file('odd.o', 'r1 += r2; r0 = *(u8 *)(r1 - 1); r0 &= 1; exit');
const PASS = file('pass.o', 'r0 = 0; exit');
/** A packet from 10.0.0.1 to 10.0.0.2 whose last byte is `tag`. */
const frame = (tag: number): Uint8Array =>
  fromHex(
    `5254001234565254006543210800${'4500001600010000401100000a0000010a000002'}` +
      `${tag.toString(16).padStart(4, '0')}`,
  )!;

class Page extends TestPage {
  /** The chain as it is shown. */
  get chain(): ChainView {
    return this.shown!.chain!;
  }

  get run(): ChainRunView {
    return this.chain.run!;
  }

  change = (change: ChainChange) => this.wish({ type: 'chain-change', change });

  /** All packets, or a piece of them. */
  async flow(): Promise<void> {
    while (this.run.hasWork) await this.wish({ type: 'chain-work' });
  }
}

async function opened(tags: readonly number[] = [1, 2, 3, 4]): Promise<Page> {
  const page = new Page();
  await page.wish({ type: 'open-file', ...ODD });
  await page.wish({ type: 'set-hook', hook: 'filter-ubpf' });
  await page.wish({ type: 'set-option', name: 'ip-mode', value: 'off' });
  const bytes = pcapOf(tags.map((tag) => ({ bytes: frame(tag) })));
  await page.wish({ type: 'open-file', name: 'x.pcap', bytes });
  return page;
}

const ids = ({ filters }: ChainView): string[] => filters.map(({ id }) => id);

describe('the chain of a session', () => {
  test('is the open program alone, until it is changed', async () => {
    const page = await opened();
    expect(page.made!.chain).toBeUndefined();
    expect(page.chain.lines.at(-1)).toBe(
      '-object filter-ubpf,id=f1,netdev=hn0,queue=all,ip-mode=off,ubpf-handler=odd.o',
    );
    await page.wish({ type: 'set-option', name: 'queue', value: 'tx' });
    expect(page.chain.lines.at(-1)).toContain('queue=tx');
  });

  test('another hook has none', async () => {
    const page = await opened();
    await page.wish({ type: 'set-hook', hook: 'ubpf' });
    expect(page.shown!.chain).toBeUndefined();
    await expect(page.change({ kind: 'remove', id: 'f1' })).rejects.toThrow('choose that hook');
  });

  test('a program that cannot be loaded is none for a filter, and the chain stays', async () => {
    const page = await opened();
    const bytes = assemble(`${'r0 = 0; '.repeat(20)} exit`);
    bytes[8] = 0xff;
    const object = { name: 'bad.o', bytes };
    await expect(page.change({ kind: 'add', filter: 'filter-ubpf', object })).rejects.toThrow(
      /^filter f2, bad\.o: /,
    );
    expect(ids(page.chain)).toEqual(['f1']);
  });

  test('filters are added, moved, told, swapped and taken out, with QMP commands', async () => {
    const page = await opened();
    const commands = (): string[] => page.chain.change!.qmp.map((text) => JSON.parse(text).execute);
    await page.change({ kind: 'add', filter: 'filter-ubpf', object: PASS });
    expect(ids(page.chain)).toEqual(['f1', 'f2']);
    expect(page.chain.change!.name).toBe('f2 put in: pass.o');
    await page.change({ kind: 'add', filter: 'filter-mirror' });
    expect(page.chain.lines).toContain(
      '-chardev socket,id=mirror1-out,path=mirror1-out.sock,server=on,wait=off',
    );
    await page.change({ kind: 'move', id: 'mirror1', to: 0 });
    expect(ids(page.chain)).toEqual(['mirror1', 'f1', 'f2']);
    expect(commands()).toEqual(['object-del', 'object-add']);
    await page.change({ kind: 'set', id: 'f2', property: 'status', value: 'off' });
    expect(commands()).toEqual(['qom-set']);
    await page.change({ kind: 'swap', id: 'f2', object: 'open' });
    expect(page.chain.change!.name).toBe('f2 swapped: odd.o');
    expect(page.chain.filters[2].object).toEqual({ name: 'odd.o', isOpen: true });
    await page.change({ kind: 'remove', id: 'mirror1' });
    expect(page.chain.lines.some((line) => line.startsWith('-chardev'))).toBe(false);
  });

  test('what QEMU refuses is refused, and the chain stays', async () => {
    const page = await opened();
    await page.change({ kind: 'add', filter: 'filter-buffer' });
    const before = page.chain.lines;
    const set = page.change({ kind: 'set', id: 'buffer1', property: 'interval', value: '0' });
    await expect(set).rejects.toThrow('requires a positive value');
    const broken = { name: 'broken.o', bytes: new Uint8Array(12) };
    await expect(page.change({ kind: 'swap', id: 'f1', object: broken })).rejects.toThrow();
    expect(page.chain.lines).toEqual(before);
  });

  test('a change is undone and done again', async () => {
    const page = await opened();
    await page.change({ kind: 'add', filter: 'filter-ubpf', object: PASS });
    expect(page.shown!.undo).toBe('filter-ubpf added');
    await page.wish({ type: 'undo' });
    expect(ids(page.chain)).toEqual(['f1']);
    await page.wish({ type: 'redo' });
    expect(ids(page.chain)).toEqual(['f1', 'f2']);
  });

  test('goes into links and snapshot files with its objects, the open one once', async () => {
    const page = await opened();
    await page.change({ kind: 'add', filter: 'filter-ubpf', object: PASS });
    await page.change({ kind: 'set', id: 'f2', property: 'queue', value: 'rx' });
    const { lines } = page.chain;
    const { value } = await page.wish({ type: 'share', keeps: 'lines' });
    const other = new Page();
    await other.wish({ type: 'open-link', fragment: (value as { fragment: string }).fragment });
    expect(other.chain.lines).toEqual(lines);
    expect(other.made!.chainObjects!.map(({ bytes }) => bytes)).toEqual([ODD.bytes, PASS.bytes]);
    expect(other.made!.chainObjects![0].bytes).toBe(other.made!.object.bytes);
    const saved = (await page.wish({ type: 'save-snapshot' })).value as { bytes: Uint8Array };
    const third = new Page();
    await third.wish({ type: 'open-file', name: 'x.ebpf-session', bytes: saved.bytes });
    expect(third.chain.lines).toEqual(lines);
  });

  test('is kept with the session', async () => {
    const { Controller } = await import('./controller.ts');
    const controller = new Controller(new WebAssembly.Memory({ initial: 1 }), async (work) => {
      for (let next = work.next(); !next.done; next = work.next());
      return { stopped: false };
    });
    await controller.carryOut({ type: 'open-file', ...ODD });
    await controller.carryOut({ type: 'set-hook', hook: 'filter-ubpf' });
    await controller.carryOut({
      type: 'chain-change',
      change: { kind: 'add', filter: 'filter-ubpf', object: PASS },
    });
    const kept = controller.keptNews(undefined) as KeptSession;
    const page = new Page();
    await page.wish({ type: 'open-kept', kept, step: 0 });
    expect(ids(page.chain)).toEqual(['f1', 'f2']);
    expect(page.made!.chainObjects!.at(-1)!.bytes).toEqual(PASS.bytes);
    // What was kept before there were chains has no objects of one.
    const { objects: _objects, ...older } = {
      ...kept,
      description: '{"object":["a",8],"packets":[]}',
    };
    await page.wish({
      type: 'open-kept',
      kept: { ...older, object: PASS.bytes.slice(0, 8), packets: new Uint8Array() },
      step: 0,
    });
    expect(ids(page.chain)).toEqual(['f1']);
    expect(page.chain.change).toBeUndefined();
  });
});

describe('packets flow', () => {
  test('through the chain, with counters a filter and direction', async () => {
    const page = await opened();
    await page.change({ kind: 'add', filter: 'filter-ubpf', object: PASS });
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    const { state, entered, counts, filters, drops } = page.run;
    expect([state, entered]).toEqual(['done', 4]);
    expect(counts.delivered).toEqual({ 'to-guest': 2, 'from-guest': 0 });
    expect(filters.map(({ id, counts: own }) => [id, own.seen['to-guest']])).toEqual([
      ['f1', 4],
      ['f2', 2],
    ]);
    expect(drops.rows.map(({ packet, id }) => [packet, id])).toEqual([
      [3, 'f1'],
      [1, 'f1'],
    ]);
    expect(drops.rows[0].summary).toContain('10.0.0.1');
  });

  test('a drop is debugged with the program that dropped it; the chain stays', async () => {
    const page = await opened();
    await page.change({ kind: 'swap', id: 'f1', object: PASS });
    await page.change({ kind: 'add', filter: 'filter-ubpf', object: ODD });
    await page.change({ kind: 'set', id: 'f2', property: 'ip-mode', value: 'off' });
    await page.wish({ type: 'open-file', ...PASS });
    await page.wish({ type: 'set-hook', hook: 'filter-ubpf' });
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    await page.wish({ type: 'chain-open', drop: page.run.drops.rows[0] });
    expect(page.shown!.object.name).toBe('odd.o');
    expect(page.shown!.packetBytes.at(-1)).toBe(3);
    expect(page.shown!.outcome!.verdict.name).toBe('drop');
    expect(ids(page.chain)).toEqual(['f1', 'f2']);
    expect(page.run.drops.count).toBe(2);
  });

  test('the same object built anew is swapped in where it runs', async () => {
    const page = await opened();
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    await page.wish({ type: 'open-file', name: 'odd.o', bytes: PASS.bytes });
    expect(page.chain.change!.name).toBe('f1 swapped: odd.o');
    expect(page.run.filters[0].version).toBe(2);
    expect(page.run.ended[0].counts.dropped['to-guest']).toBe(2);
  });

  test('made packets: all of them, and a swap that is marked', async () => {
    const page = await opened();
    const { traffic } = page.chain;
    const generator = { ...traffic.generator, count: 60_000 };
    await page.change({ kind: 'traffic', traffic: { ...traffic, source: 'generator', generator } });
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.wish({ type: 'chain-order', order: 'pause' });
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.wish({ type: 'chain-work' });
    await page.change({ kind: 'swap', id: 'f1', object: PASS });
    await page.flow();
    const { entered, counts, events, filters, ended } = page.run;
    expect(entered).toBe(60_000);
    const sum = (one: { 'to-guest': number; 'from-guest': number }) =>
      one['to-guest'] + one['from-guest'];
    expect(sum(counts.delivered) + sum(counts.dropped)).toBe(60_000);
    expect(counts.entered['from-guest']).toBeGreaterThan(20_000);
    expect(events.map(({ words }) => words)).toEqual([['f1 swapped: pass.o']]);
    expect([...ended, ...filters].map(({ counts: own }) => sum(own.seen))).toEqual([
      events[0].packet - 1,
      60_001 - events[0].packet,
    ]);
  });

  test('other packets begin anew: what flowed of those in front is gone', async () => {
    const page = await opened();
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    expect(page.run.entered).toBe(4);
    const { traffic } = page.chain;
    const generator = { ...traffic.generator, count: 10 };
    await page.change({ kind: 'traffic', traffic: { ...traffic, source: 'generator', generator } });
    expect(page.chain.run).toBeUndefined();
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    expect(page.run.entered).toBe(10);
    // A change of the filters alone goes into what flows.
    await page.change({ kind: 'swap', id: 'f1', object: PASS });
    expect(page.run.entered).toBe(10);
  });

  test('as many a second as is wished', async () => {
    const page = await opened();
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.wish({ type: 'chain-speed', speed: { kind: 'rate', perSecond: 0.001 } });
    await page.wish({ type: 'chain-work' });
    expect(page.run.entered).toBe(1);
    expect(page.run.hasWork).toBe(true);
    await expect(
      page.wish({ type: 'chain-speed', speed: { kind: 'times', factor: 0 } }),
    ).rejects.toThrow('more than 0');
    await page.wish({ type: 'chain-speed', speed: { kind: 'max' } });
    await page.flow();
    expect(page.run.entered).toBe(4);
  });

  test('what a dump has written is a file', async () => {
    const page = await opened();
    await page.change({ kind: 'add', filter: 'filter-dump' });
    await expect(page.wish({ type: 'chain-dump', filter: 'dump1' })).rejects.toThrow('let packets');
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    const { value } = await page.wish({ type: 'chain-dump', filter: 'dump1' });
    expect(value).toMatchObject({ kind: 'blob-file', name: 'dump1.pcap', packets: 2 });
  });

  test('a program with variables is debugged at the state that it had', async () => {
    const folder = join(import.meta.dirname, '../testdata/netdev');
    const bytes = new Uint8Array(readFileSync(join(folder, 'every-third.o')));
    const page = new Page();
    await page.wish({ type: 'open-file', name: 'every-third.o', bytes });
    await page.wish({ type: 'set-hook', hook: 'filter-ubpf' });
    const packets = pcapOf(Array.from({ length: 10 }, (_, i) => ({ bytes: frame(i) })));
    await page.wish({ type: 'open-file', name: 'x.pcap', bytes: packets });
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    expect(page.run.drops.rows.map(({ packet }) => packet)).toEqual([9, 6, 3]);
    await page.wish({ type: 'chain-open', drop: page.run.drops.rows[1] });
    expect(page.shown!.packetBytes.at(-1)).toBe(5);
    expect(page.shown!.outcome!.verdict.name).toBe('drop');
    const { value } = await page.wish({ type: 'share', keeps: 'lines' });
    const other = new Page();
    await other.wish({ type: 'open-link', fragment: (value as { fragment: string }).fragment });
    expect(other.shown!.outcome!.verdict.name).toBe('drop');
  });
});

describe('a chain that a stranger sent', () => {
  const sent = async (changed: object): Promise<Page> => {
    const page = await opened();
    await page.change({ kind: 'add', filter: 'filter-dump' });
    const { chain, chainObjects, ...others } = page.made!;
    const inputs = { ...others, chain: { ...chain!, ...changed }, chainObjects: chainObjects! };
    const { decodeFile, encodeFile } = await import('../share/container.ts');
    const file = await decodeFile('x', await encodeFile({ inputs, hash: '' }));
    const other = new Page();
    await other.wish({ type: 'open-inputs', inputs: file.inputs });
    return other;
  };
  const dump = { id: 'd', kind: 'filter-dump', queue: 'all', status: 'on', properties: [] };

  test.each<[string, object, string]>([
    ['a filter that QEMU would refuse', { filters: [dump] }, "dump filter needs 'file'"],
    [
      'two of one id',
      { filters: [1, 2].map(() => ({ ...dump, properties: [['file', 'x']] })) },
      "duplicate property 'd'",
    ],
    ['vhost', { netdev: { id: 'n', options: 'tap,id=n,vhost=on' } }, 'Vhost is not supported'],
  ])('%s is shown as a problem, and nothing flows', async (_title, changed, words) => {
    const page = await sent(changed);
    expect(page.chain.problem).toContain(words);
    await expect(page.wish({ type: 'chain-order', order: 'start' })).rejects.toThrow();
  });

  test.each<[string, object]>([
    ['an object that is not there', { filters: [{ ...dump, kind: 'filter-ubpf', object: 7 }] }],
    ['a kind that is none', { filters: [{ ...dump, kind: 'filter-magic' }] }],
    ['more filters than there may be', { filters: Array.from({ length: 33 }, () => dump) }],
  ])('%s: the session is refused', async (_title, changed) => {
    await expect(sent(changed)).rejects.toThrow('is damaged');
  });

  test('what is typed and cannot be is refused at its field', async () => {
    const page = await opened();
    const { traffic } = page.chain;
    const change = (changed: object) =>
      page.change({ kind: 'traffic', traffic: { ...traffic, ...changed } });
    await expect(
      change({ generator: { ...traffic.generator, count: Number.NaN } }),
    ).rejects.toThrow('a whole number');
    await expect(change({ direction: { rule: 'guest', address: 'me' } })).rejects.toThrow('"me"');
    expect(page.chain.traffic).toEqual(traffic);
  });
});

describe('what a person sets in variables and maps of the session', () => {
  const bytes = new Uint8Array(readFileSync('core/testdata/netdev/every-third.o'));

  async function third(): Promise<Page> {
    const page = new Page();
    await page.wish({ type: 'open-file', name: 'every-third.o', bytes });
    await page.wish({ type: 'set-hook', hook: 'filter-ubpf' });
    const capture = pcapOf([1, 2, 3, 4].map((tag) => ({ bytes: frame(tag) })));
    await page.wish({ type: 'open-file', name: 'x.pcap', bytes: capture });
    return page;
  }
  const dropsOf = async (page: Page): Promise<number[]> => {
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    return page.run.drops.rows.map(({ packet }) => packet).sort();
  };

  test('is given to filters that run its object', async () => {
    const page = await third();
    expect(await dropsOf(page)).toEqual([3]);
    await page.wish({ type: 'set-variable', map: '.bss', variable: 'seen', value: '2' });
    await page.wish({ type: 'chain-order', order: 'stop' });
    expect(await dropsOf(page)).toEqual([1, 4]);
    const { packet, id, version, direction } = page.run.drops.rows[0];
    expect(packet).toBe(4);
    await page.wish({ type: 'chain-open', drop: { packet, id, version, direction } });
    // Behind the three packets in front of it: 2 + 3.
    expect(page.made!.maps.at(-1)).toMatchObject({ map: '.bss', value: '05000000' });
    expect((await page.wish({ type: 'go', go: { how: 'end' } })).snapshot!.verdict!.action).toBe(
      'drop',
    );
  });

  test('another way to look at packets leaves what the filter has counted', async () => {
    const page = await third();
    await page.wish({ type: 'set-variable', map: '.bss', variable: 'seen', value: '1' });
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.wish({ type: 'chain-order', order: 'pause' });
    await page.change({ kind: 'set', id: 'f1', property: 'ip-mode', value: 'off' });
    await page.wish({ type: 'chain-order', order: 'start' });
    await page.flow();
    expect(page.run.drops.rows.map(({ packet }) => packet)).toEqual([2]);
  });

  test('is not given to another object, which is said', async () => {
    const page = await third();
    const again = { name: 'copy.o', bytes: bytes.slice() };
    await page.change({ kind: 'add', filter: 'filter-ubpf', object: again });
    const [own, other] = page.chain.filters;
    expect(own.notes).toEqual([]);
    expect(other.notes).toEqual([expect.stringMatching(/begin as the object has them/)]);
  });
});

test('a mirror that sends lengths of vnet headers says that it changes nothing here', async () => {
  const page = await opened();
  await page.change({ kind: 'add', filter: 'filter-mirror' });
  expect(page.chain.filters.at(-1)!.notes).toEqual([]);
  const property = 'vnet_hdr_support';
  await page.change({ kind: 'set', id: 'mirror1', property, value: 'on' });
  expect(page.chain.filters.at(-1)!.notes).toEqual([
    expect.stringMatching(/^vnet_hdr_support changes nothing that is seen here/),
  ]);
});
