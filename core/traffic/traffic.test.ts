import { beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { JIT } from '../jit/jit.ts';
import { dissect } from '../packet/dissect.ts';
import type { TrafficColumn, TrafficQuery } from '../protocol/traffic.ts';
import { finish, Session } from '../session/session.ts';
import { openExample } from '../testing/examples.ts';
import { TCP4, TCP6, UDP4, UDP6 } from '../testing/frames.ts';
import { pcapOf } from '../testing/pcap.ts';
import { Random } from '../testing/random.ts';
import { randomPacket } from '../testing/random-packet.ts';
import { withMaps } from '../testing/with-maps.ts';
import { CaptureFile } from './capture-file.ts';
import type { Drive } from './errand.ts';
import { ResultExport } from './export-results.ts';
import { sessionPacket } from './open-packet.ts';
import { isStop } from './summary.ts';
import { Traffic } from './traffic.ts';

const COUNT = 500;
const START = 1_700_000_000_000_000_000n;
const EVERY: TrafficQuery = { text: '', sort: 'number', descending: false };

const { inputs, object } = openExample('xdp-firewall');
const [{ bytes: usual }] = inputs.packets;

/** Packets of the example with any source, usual headers and anything else, at uneven times. */
function packetsOf(random: Random) {
  let time = START;
  return Array.from({ length: COUNT }, () => {
    const from = usual.slice();
    from[29] = 60 + random.below(10);
    const bytes = random.pick([from, from, TCP4, UDP4, TCP6, UDP6, randomPacket(random)]);
    time += BigInt(random.below(3)) * 1_000_000n;
    return { bytes, timestamp: time };
  });
}
const packets = packetsOf(new Random(3));

interface Expected {
  readonly name: string;
  readonly isStop: boolean;
  readonly isChanged: boolean;
  readonly steps: number;
}

/** One packet behind the other by the interpreter. */
function expectedOf(): Expected[] {
  const session = new Session({ ...inputs, packets: [] }, new WebAssembly.Memory({ initial: 1 }));
  session.load(65_536);
  return packets.map(({ bytes }, i) => {
    const { verdict, steps, packetOut } = finish(session.runFrame(i, bytes));
    const isChanged = Buffer.compare(packetOut, bytes) !== 0;
    return { name: verdict.name, isStop: isStop(verdict), isChanged, steps };
  });
}

const all: Drive = async (work) => {
  for (let next = work.next(); !next.done; next = work.next());
  return false;
};

function opened(bytes: Uint8Array): Traffic {
  const file = new CaptureFile('x.pcap', new Blob([bytes as BlobPart]), false);
  const traffic = new Traffic(file, new WebAssembly.Memory({ initial: 1 }));
  traffic.begin({ inputs, object, engine: JIT });
  return traffic;
}

async function finished(traffic: Traffic): Promise<Traffic> {
  for (let pieces = 0; traffic.hasWork; pieces++) {
    await traffic.work(all);
    expect(pieces).toBeLessThan(100);
  }
  return traffic;
}

let traffic: Traffic;
let expected: Expected[];
beforeAll(async () => {
  expected = expectedOf();
  traffic = await finished(opened(pcapOf(packets)));
});

test('sums are those of the packets one by one', () => {
  const found = traffic.statistics()!;
  expect(found.judged).toBe(COUNT);
  expect(found.steps).toBe(expected.reduce((sum, { steps }) => sum + steps, 0));
  expect(found.changed).toBe(expected.filter(({ isChanged }) => isChanged).length);
  const names = new Set(expected.map(({ name }) => name));
  expect(new Set(found.outcomes.map(({ name }) => name))).toEqual(names);
  for (const { name, count, first, slowest, parts } of found.outcomes) {
    const places = [...expected.keys()].filter((i) => expected[i].name === name);
    expect([count, first]).toEqual([places.length, places[0]]);
    const most = Math.max(...places.map((i) => expected[i].steps));
    expect(slowest).toEqual({ index: places.find((i) => expected[i].steps === most), steps: most });
    const inParts = (part: number) => places.filter((i) => Math.floor(i / found.partSize) === part);
    expect(parts).toEqual(parts.map((_, part) => inParts(part).length));
    expect(parts.reduce((sum, times) => sum + times, 0)).toBe(count);
  }
  expect(found.flows.every(({ stopped, count }) => stopped <= count)).toBe(true);
  const kinds = found.protocols.reduce((sum, { count }) => sum + count, found.otherProtocols);
  expect(kinds).toBe(COUNT);
  const counted = found.protocols.map((row) =>
    row.outcomes.reduce((sum, { count }) => sum + count, 0),
  );
  expect(counted).toEqual(found.protocols.map(({ count }) => count));
});

test('a file that cannot be read any further says so, until it is run anew', async () => {
  const broken = opened(pcapOf(packets));
  await broken.work(all);
  broken.fail(new InputError('x.pcap', 'is gone'));
  expect(broken.hasWork).toBe(false);
  expect(broken.view).toMatchObject({ problem: 'x.pcap: is gone.', hasWork: false });
  broken.begin({ inputs, object, engine: JIT });
  expect(broken.view.problem).toBeUndefined();
  await finished(broken);
  expect(broken.statistics()!.judged).toBe(COUNT);
});

test('a flow is listed with its packets, those that were stopped, and the first', () => {
  const { flows, flowCount, otherFlows } = traffic.statistics()!;
  expect([flowCount > flows.length, otherFlows]).toEqual([true, 0]);
  for (const { name, filter, count, stopped, first } of flows.slice(0, 8)) {
    const frame = packets[first].bytes;
    const mine = [...packets.keys()].filter((i) => packets[i].bytes === frame);
    if (frame === TCP4 || frame === TCP6 || frame === UDP4 || frame === UDP6) {
      expect([count, first]).toEqual([mine.length, mine[0]]);
      expect(stopped).toBe(mine.filter((i) => expected[i].isStop).length);
      expect(filter).toContain(name.endsWith('TCP') ? 'tcp.srcport' : 'udp.srcport');
    }
  }
});

const headersOf = packets.map(({ bytes }) =>
  dissect(bytes, 'ethernet').layers.map(({ name }) => name),
);

/** What the list has to show. */
function placesOf({ text, verdict, sort, descending }: TrafficQuery): number[] {
  const isThere = (i: number): boolean =>
    (verdict === undefined || expected[i].name === verdict) &&
    (text === '' || headersOf[i].includes(text));
  const keys: Record<TrafficColumn, (i: number) => number | string> = {
    number: (i) => i,
    time: (i) => Number(packets[i].timestamp - START),
    length: (i) => packets[i].bytes.length,
    verdict: (i) => expected[i].name,
    steps: (i) => expected[i].steps,
  };
  const key = keys[sort];
  const order = descending ? -1 : 1;
  const compared = (a: number, b: number): number =>
    key(a) < key(b) ? -order : key(a) > key(b) ? order : 0;
  return [...packets.keys()].filter(isThere).sort(compared);
}

describe('the list', () => {
  const columns: TrafficColumn[] = ['number', 'time', 'length', 'verdict', 'steps'];
  test.each(columns)('sorted by %s', async (sort) => {
    for (const descending of [false, true])
      for (const text of ['', 'udp'])
        for (const verdict of [undefined, text === '' ? 'XDP_DROP' : 'XDP_PASS']) {
          const query = { text, sort, descending, ...(verdict && { verdict }) };
          traffic.ask(query);
          await finished(traffic);
          const places = placesOf(query);
          expect(places.length).toBeGreaterThan(3);
          const { rows } = await traffic.rows(3, COUNT);
          expect(rows.map(({ index }) => index)).toEqual(places.slice(3));
          expect(traffic.view.query).toMatchObject({
            matching: places.length,
            shown: places.length,
            isDone: true,
          });
          for (const row of [0, 1, places.length - 1]) expect(traffic.rowOf(places[row])).toBe(row);
          const hidden = [...packets.keys()].find((i) => !places.includes(i));
          if (hidden !== undefined) expect(traffic.rowOf(hidden)).toBeUndefined();
        }
    traffic.ask(EVERY);
  });

  test.each([
    ['one word', '50000'],
    ['two, in any order', '20.0.0.2 10.0.0.1:8080'],
    ['one that is nowhere', 'nowhere-at-all'],
  ])('narrowed by words of what is said of packets: %s', async (_title, text) => {
    traffic.ask({ ...EVERY, text });
    await finished(traffic);
    const said = packets.map(({ bytes }, i) => {
      const { summary, layers } = dissect(bytes, 'ethernet');
      return `${i + 1} ${summary} ${layers.map(({ label }) => label).join(' ')}`.toLowerCase();
    });
    const places = [...packets.keys()].filter((i) =>
      text.split(' ').every((word) => said[i].includes(word)),
    );
    const { rows } = await traffic.rows(0, COUNT);
    expect(rows.map(({ index }) => index)).toEqual(places);
    expect(places.length).toBeLessThan(COUNT);
    expect(traffic.view.query).toMatchObject({ takenFor: 'words' });
    traffic.ask(EVERY);
  });

  test.each<[title: string, query: Partial<TrafficQuery>]>([
    ['a verdict', { verdict: 'XDP_DROP' }],
    ['another, which the last has', { verdict: 'XDP_PASS' }],
    ['a verdict and a header', { verdict: 'XDP_PASS', text: 'udp' }],
    ['a header', { text: 'tcp' }],
    ['what became of packets', { text: 'verdict == "XDP_DROP"' }],
  ])('narrowed to %s while packets run, it misses none', async (_title, narrow) => {
    // A few packets at a time, then the list again.
    const few: Drive = async (work) => {
      for (let left = 30; left > 0; left--) if (work.next().done) return false;
      return true;
    };
    const running = opened(pcapOf(packets));
    running.ask({ ...EVERY, ...narrow });
    const judged = new Set<number>();
    for (let pieces = 0; running.hasWork; pieces++) {
      await running.work(few);
      judged.add(running.view.judged);
      expect(pieces).toBeLessThan(1000);
    }
    expect(judged.size).toBeGreaterThan(2);
    traffic.ask({ ...EVERY, ...narrow });
    await finished(traffic);
    const shown = async (list: Traffic) =>
      (await list.rows(0, COUNT)).rows.map(({ index }) => index);
    expect(await shown(running)).toEqual(await shown(traffic));
    expect(running.view.query).toMatchObject({ scanned: COUNT, isDone: true });
    traffic.ask(EVERY);
  });

  test('rows say what is known of their packets', async () => {
    const { rows } = await traffic.rows(0, COUNT);
    for (const { index, time, length, verdict, steps, changed, faulted } of rows) {
      const { name, isChanged, steps: taken } = expected[index];
      expect([verdict?.name, steps, changed, faulted]).toEqual([name, taken, isChanged, false]);
      expect(length).toBe(packets[index].bytes.length);
      const since = packets[index].timestamp - packets[0].timestamp;
      expect(time).toBeCloseTo(Number(since) / 1e9, 9);
    }
  });

  test('the next that is sought stands behind any packet', () => {
    for (const behind of [-1, 0, 1, 300, COUNT - 2, COUNT - 1, COUNT]) {
      const next = (isIt: (one: Expected) => boolean) => {
        const found = expected.findIndex((one, i) => i > behind && isIt(one));
        return found < 0 ? undefined : found;
      };
      expect(traffic.seek(behind, 'drop')).toBe(next((one) => one.isStop));
      expect(traffic.seek(behind, 'fault')).toBeUndefined();
      const own = expected[behind]?.name;
      if (own !== undefined)
        expect(traffic.seek(behind, 'change')).toBe(next(({ name }) => name !== own));
      expect(traffic.seek(behind, 'difference')).toBeUndefined();
    }
  });
});

test.each(['csv', 'json'] as const)('results are a row of %s for each packet', async (format) => {
  const { index, batch } = traffic;
  const file = new ResultExport(index, batch!.summary.outcomes, format, `x.${format}`);
  expect([file.total, file.isDone]).toEqual([COUNT, false]);
  let breaths = 0;
  while (!file.isDone)
    await file.piece(async (work) => {
      for (let next = work.next(); !next.done; next = work.next()) breaths++;
      return false;
    });
  expect(breaths).toBe(Math.floor(COUNT / 4096));
  const { blob, packets: written } = file.result();
  expect(written).toBe(COUNT);
  const text = await blob.text();
  const rows: { verdict: string; steps: string | number }[] =
    format === 'json'
      ? JSON.parse(text)
      : text
          .trimEnd()
          .split('\r\n')
          .slice(1)
          .map((line) => {
            const head = text.slice(0, text.indexOf('\r\n')).split(',');
            const cells = line.split(',');
            return Object.fromEntries(head.map((name, i) => [name, cells[i]])) as never;
          });
  expect(rows.map(({ verdict, steps }) => [verdict, Number(steps)])).toEqual(
    expected.map(({ name, steps }) => [name, steps]),
  );
});

test('it is paused, goes on, and is given up', async () => {
  const paused = opened(pcapOf(packets));
  paused.order('pause');
  await finished(paused);
  expect(paused.view).toMatchObject({ packets: COUNT, isWhole: true, judged: 0, state: 'paused' });
  paused.order('go-on');
  await finished(paused);
  expect(paused.view).toMatchObject({ judged: COUNT, state: 'done' });
  paused.order('cancel');
  expect(paused.view.state).toBe('done');
  const given = opened(pcapOf(packets));
  given.order('cancel');
  await finished(given);
  expect(given.view).toMatchObject({ packets: COUNT, judged: 0, state: 'cancelled' });
});

test('stopped while the list is looked for, nothing else is begun', async () => {
  const stopped = opened(pcapOf(packets));
  stopped.order('pause');
  await finished(stopped);
  stopped.ask({ ...EVERY, text: 'udp' });
  stopped.order('go-on');
  const begun: string[] = [];
  const stop: Drive = async (work) => {
    const { value } = work.next();
    if (value) begun.push(value.what);
    return true;
  };
  expect(await stopped.work(stop)).toBe(true);
  expect(stopped.view.judged).toBe(0);
  expect(begun).toEqual(['filtering']);
  await finished(stopped);
  expect(stopped.view).toMatchObject({ judged: COUNT, state: 'done' });
});

test('a file that cannot be read any more stays as far as it is known', async () => {
  const broken = opened(pcapOf(packets));
  while (broken.view.packets === 0) await broken.work(all);
  broken.fail(new InputError('x.pcap', 'was changed'));
  expect(broken.hasWork).toBe(false);
  expect(broken.view.problem).toBe('x.pcap: was changed.');
  expect(broken.view.packets).toBe(COUNT);
});

test('any packet is read again alone, as an input of a session', async () => {
  for (const place of [0, 7, COUNT - 1]) {
    const { bytes, timestamp } = packets[place];
    expect(sessionPacket(await traffic.packet(place))).toEqual({
      name: `x.pcap #${place + 1}`,
      bytes,
      time: String(timestamp),
    });
  }
  const packet = { name: 'a', bytes: TCP4 };
  const largest = 10n ** 19n;
  for (const timestamp of [-1n, largest, largest + 5n])
    expect(sessionPacket({ ...packet, timestamp })).not.toHaveProperty('time');
  for (const timestamp of [0n, largest - 1n])
    expect(sessionPacket({ ...packet, timestamp }).time).toBe(String(timestamp));
  expect(sessionPacket({ ...packet, originalLength: 90 })).toMatchObject({ wireLength: 90 });
});

test('the next packet that faults, or not as the one before', async () => {
  const source =
    'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r0 = r3; r0 -= r2; r4 = 2; ' +
    'if r0 < 62 goto out; r0 = *(u8 *)(r2 + 62); r4 = 1; out: r0 = r4; exit';
  const lengths = [60, 60, 62, 63, 60, 62, 60];
  const session = withMaps(source, []);
  const file = pcapOf(lengths.map((length) => ({ bytes: new Uint8Array(length) })));
  const made = new Traffic(
    new CaptureFile('x.pcap', new Blob([file as BlobPart]), false),
    new WebAssembly.Memory({ initial: 1 }),
  );
  made.begin({ inputs: session.inputs, object: session.object, engine: JIT });
  await finished(made);
  const found = (what: 'drop' | 'fault' | 'change') =>
    [-1, ...lengths.keys()].map((behind) => made.seek(behind, what));
  expect(found('fault')).toEqual([2, 2, 2, 5, 5, 5, undefined, undefined]);
  expect(found('drop')).toEqual([2, 2, 2, 3, 5, 5, undefined, undefined]);
  expect(found('change')).toEqual([0, 2, 2, 3, 4, 5, 6, undefined]);
});
