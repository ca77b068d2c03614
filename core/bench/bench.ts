// npm run bench: the engines in Node and in Chromium, and the page's worker against the frame.
// Figures are medians of alternating rounds; nothing here is asserted by a test.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Browser, chromium } from 'playwright';
import { againstNative } from './against-native.ts';
import { captureTimes } from './captures.ts';
import { coresTimes } from './cores.ts';
import { coverTimes } from './cover.ts';
import { pageLane, threadLane } from './filter-lanes.ts';
import { libraryTimes } from './library.ts';
import { longRun } from './long-run.ts';
import { machineFactor } from './machine-speed.ts';
import { longPacketsTimes, manyPacketsTimes } from './many-packets.ts';
import { geometricMean, median } from './measure.ts';
import { pageTimes } from './page.ts';
import { FLAVOURS, type Flavour } from './workloads.ts';

const root = process.cwd();
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(join(root, path)));
const workloads = read('core/testdata/bench/workloads.o');
const PORT = 4187;

/**
 * The prototype this interpreter was planned by (BigInt registers, million instructions a second),
 * on another machine.
 */
const PROTOTYPE: Record<string, { node: number; chromium: number }> = {
  seed: { node: 64, chromium: 53 },
  parser: { node: 115, chromium: 127 },
  checksum: { node: 168, chromium: 171 },
  siphash: { node: 104, chromium: 146 },
  histogram: { node: 83, chromium: 129 },
};

/** Million instructions a second. */
type SpeedRow = { readonly workload: string } & Readonly<Record<Flavour, number>>;

/** One flavour in a realm of its own: runs a round of a workload, answers its speed. */
interface Realm {
  round(workload: string): Promise<number>;
  close(): Promise<unknown>;
}

const ROUNDS = 11;
const WARM_UP = 2;

/**
 * The flavours in turns, so that a machine that is busy for a while is busy for all; fresh realms
 * for each workload, since a worker of the page runs one program in one flavour.
 */
async function measure(makeRealm: (flavour: Flavour) => Promise<Realm>): Promise<SpeedRow[]> {
  const rows: SpeedRow[] = [];
  for (const workload of Object.keys(PROTOTYPE)) {
    const speeds: Record<Flavour, number[]> = { plain: [], recording: [], jit: [] };
    const realms = new Map<Flavour, Realm>();
    for (const flavour of FLAVOURS) realms.set(flavour, await makeRealm(flavour));
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      for (const [flavour, realm] of realms) {
        const speed = await realm.round(workload);
        if (round >= 0) speeds[flavour].push(speed);
      }
    }
    await Promise.all([...realms.values()].map((realm) => realm.close()));
    const { plain, recording, jit } = speeds;
    rows.push({
      workload,
      plain: median(plain),
      recording: median(recording),
      jit: median(jit),
    });
  }
  return rows;
}

function printSpeeds(
  where: 'node' | 'chromium',
  rows: readonly SpeedRow[],
  factor: number | undefined,
): void {
  console.log(
    `\nengines in ${where}, million instructions a second (median of ${ROUNDS} alternating ` +
      `rounds)`,
  );
  console.log(
    'workload    plain  recording  recording/plain  prototype  plain/prototype    jit  jit/plain',
  );
  for (const { workload, plain, recording, jit } of rows) {
    const prototype = PROTOTYPE[workload][where];
    const cells = [
      plain.toFixed(0).padStart(5),
      recording.toFixed(0).padStart(9),
      (recording / plain).toFixed(2).padStart(15),
      String(prototype).padStart(9),
      (plain / prototype).toFixed(2).padStart(15),
      jit.toFixed(0).padStart(5),
      (jit / plain).toFixed(1).padStart(9),
    ];
    console.log(`${workload.padEnd(10)} ${cells.join('  ')}`);
  }
  const mean = (flavour: 'plain' | 'recording', machine = 1) =>
    (
      geometricMean(rows.map((row) => row[flavour] / PROTOTYPE[row.workload][where])) / machine
    ).toFixed(2);
  console.log(
    `geometric mean against the prototype: plain ${mean('plain')}, recording ${mean('recording')}`,
  );
  const compiled = geometricMean(rows.map(({ jit, plain }) => jit / plain));
  console.log(`geometric mean of jit/plain: ${compiled.toFixed(1)}`);
  if (factor !== undefined)
    console.log(
      `on one machine: ` +
        `plain ${mean('plain', factor)}, recording ${mean('recording', factor)} (this one ` +
        `is ${factor.toFixed(2)} times as fast)`,
    );
}

async function threadRealm(flavour: Flavour): Promise<Realm> {
  const thread = new Worker(join(root, 'node_modules/.cache/tools/realm.mjs'), {
    workerData: { objectBytes: workloads, flavour },
  });
  thread.on('error', (error) => {
    throw error;
  });
  return {
    round: (workload) =>
      new Promise((resolve) => {
        thread.once('message', resolve);
        thread.postMessage(workload);
      }),
    close: () => thread.terminate(),
  };
}

async function pageRealm(browser: Browser, flavour: Flavour): Promise<Realm> {
  const page = await browser.newPage();
  const content = readFileSync(join(root, 'node_modules/.cache/tools/browser.mjs'), 'utf8');
  await page.addScriptTag({ content, type: 'module' });
  await page.waitForFunction('typeof roundsOf === "function"');
  await page.evaluate(
    `globalThis.rounds = ` +
      `roundsOf('${flavour}', Uint8Array.from(${JSON.stringify([...workloads])})); 0`,
  );
  return {
    round: (workload) => page.evaluate(`rounds.round(${JSON.stringify(workload)})`),
    close: () => page.close(),
  };
}

const workerName = (): string =>
  readdirSync(join(root, 'dist/assets')).find(
    (name) => /^worker-.*\.js$/.test(name) && !name.includes('editor'),
  )!;

/**
 * Code of a page that talks to the worker of the build: `send`, and `time`, which answers how long
 * it took.
 */
const TALK = (worker: string): string => `
    const worker = new Worker('/assets/${worker}', { type: 'module' });
    let id = 0; const waiting = new Map();
    worker.onmessage = ({ data }) => {
      if (data.kind === 'progress') return;
      waiting.get(data.id)(data);
      waiting.delete(data.id);
    };
    const send = (wish) => new Promise((resolve) => {
      id += 1;
      waiting.set(id, resolve);
      worker.postMessage({ ...wish, id });
    });
    const time = async (wish) => {
      const started = performance.now();
      const reply = await send(wish);
      if (reply.kind === 'error') throw new Error(reply.error.message);
      return performance.now() - started;
    };
    const go = (how, more) => time({ type: 'go', go: { how, ...more } });`;

const row = (what: string, values: number[]): void =>
  console.log(
    `${what.padEnd(52)} median ${median(values).toFixed(1).padStart(7)} ms  worst ${Math.max(
      ...values,
    )
      .toFixed(1)
      .padStart(7)} ms`,
  );

/**
 * Milliseconds from a wish to its reply, through the real worker of the build, as a page sees them.
 */
async function workerTimes(browser: Browser): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${PORT}/manifest.webmanifest`);
  const large = read('core/testdata/bench/large.o');
  // r0 = 0; r1 = 0; loop: r1 += 1; r0 += r1; if r1 < 333333 goto loop; exit
  const loop =
    'b700000000000000b7010000000000000701000001000000' +
    '0f10000000000000a501fdff15160500' +
    '9500000000000000';
  const code = `(async () => {
    ${TALK(workerName())}
    const hex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
    const frame = '5254001234565254006543210800450000280001400040062ecb0a0000020101' +
      '01019c40005000000001000000005002faf0f5270000';
    const base64 = '${Buffer.from(large).toString('base64')}';
    const large = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const out = { open: [], step: [], stepLarge: [], back: [], forward: [], middle: [] };
    for (let i = 0; i < 9; i++) {
      out.open.push(await time({ type: 'open-file', name: 'large.o', bytes: large }));
      if (i === 0) await time({ type: 'open-text', text: frame, as: 'packet' });
    }
    for (let i = 0; i < 40; i++) out.stepLarge.push(await go('into'));
    await time({ type: 'open-text', text: '${loop}', as: 'object' });
    for (let i = 0; i < 200; i++) out.step.push(await time({ type: 'go', go: { how: 'into' } }));
    for (let i = 0; i < 9; i++) {
      await time({ type: 'go', go: { how: 'reset' } });
      out.forward.push(await time({ type: 'go', go: { how: 'end' } }));
      out.back.push(await time({ type: 'go', go: { how: 'back' } }));
      out.middle.push(await go('to-step', { step: Math.floor(Math.random() * 1000000) }));
    }
    return out;
  })()`;
  const out = (await page.evaluate(code)) as Record<string, number[]>;
  console.log('\nthe page in Chromium, from a wish to its reply (a frame is 16 ms)');
  row(`open a ${(large.length / 1e6).toFixed(2)} MB object (80 programs, -g)`, out.open);
  row('answer a step in it', out.stepLarge);
  row('answer a step in a small program', out.step);
  row('run 1,000,000 instructions to the end', out.forward);
  row('from there one step back', out.back);
  row('to any step of the 1,000,000', out.middle);
  await page.close();
}

/**
 * A run of 1,000,000 steps in the page itself: any step shown, the explanation, and memory. Times
 * are the worker's replies as the page gets them, with the snapshot cloned; memory is the resident
 * size of all of Chromium's renderer processes less that of a page that has nothing open: it counts
 * WebAssembly memory, typed arrays and code, which heap figures leave out.
 */
async function longRunTimes(browser: Browser): Promise<void> {
  const client = await browser.newBrowserCDPSession();
  const renderers = async (): Promise<number> => {
    const { processInfo } = await client.send('SystemInfo.getProcessInfo');
    const sizes = processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) => residentBytes(id));
    return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  };
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${PORT}/manifest.webmanifest`);
  const empty = await renderers();
  const object = [...read('core/testdata/bench/long.o')];
  const inputs = JSON.stringify(longRun(new Uint8Array()), (_, value) =>
    value instanceof Uint8Array ? [...value] : value,
  );
  const code = `(async () => {
    ${TALK(workerName())}
    const inputs = ${inputs};
    inputs.object.bytes = Uint8Array.from(${JSON.stringify(object)});
    for (const packet of inputs.packets) packet.bytes = Uint8Array.from(packet.bytes);
    const out = { steps: 0, open: [], any: [], held: [], explain: [], flow: [], marks: [] };
    const opened = await send({ type: 'open-inputs', inputs });
    out.steps = opened.view.setUp.outcome.steps;
    let state = 7;
    const chance = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    for (let i = 0; i < 200; i++) {
      const step = Math.floor(chance() * out.steps);
      const started = performance.now();
      const reply = await send({ type: 'go', go: { how: 'to-step', step } });
      out.any.push(performance.now() - started);
      const { snapshot } = reply;
      if (snapshot.step !== step) throw new Error('stands at ' + snapshot.step + ', not ' + step);
    }
    let at = Math.floor(out.steps * 0.9);
    await time({ type: 'go', go: { how: 'to-step', step: at } });
    for (let i = 0; i < 100; i++) out.held.push(await go('to-step', { step: at -= 1 }));
    for (let i = 0; i < 5; i++) out.explain.push(await time({ type: 'explain' }));
    const flow = {
      type: 'flow', all: false, sizes: { row: 18, head: 24, character: 7.3, side: 20 },
    };
    for (let i = 0; i < 3; i++) out.flow.push(await time(flow));
    for (let i = 0; i < 3; i++) out.marks.push(await time({ type: 'marks' }));
    await go('end');
    out.lineBack = [await go('line-back')];
    const packet = { kind: 'memory', region: { kind: 'packet' } };
    const ttl = { ...packet, offset: 22, length: 1, field: 'ip.ttl' };
    await time({ type: 'toggle-watchpoint', target: ttl });
    await time({ type: 'go', go: { how: 'reset' } });
    out.watch = [await go('run'), await go('back-run')];
    await go('end');
    out.change = [await go('back-to-change', { target: { ...packet, offset: 13, length: 1 } })];
    return out;
  })()`;
  const { steps, ...times } = (await page.evaluate(code)) as { steps: number } & Record<
    string,
    number[]
  >;
  console.log(`\na run of ${steps.toLocaleString('en')} steps, from a wish to its reply`);
  row('any step shown (200 at random)', times.any);
  row('one step back, as by a held key (100)', times.held);
  row('why this verdict, all of it', times.explain);
  row('flow over all steps', times.flow);
  row('marks of the timeline', times.marks);
  row('back to the line before, from the end', times.lineBack);
  row('run and run back with a watchpoint that never stops', times.watch);
  row('back to a change that never was, from the end', times.change);
  console.log(
    `renderers: ${empty.toFixed(0)} MB with nothing ` +
      `open, ${((await renderers()) - empty).toFixed(0)} MB more after all of it`,
  );
  await page.close();
}

/** A session of 4,000 packets whose map holds 1,000 entries, in Node, replies cloned. */
async function packetTimes(): Promise<void> {
  const object = read('public/examples/rate-limit/program.o');
  const { regions, ...times } = await manyPacketsTimes(object, 5);
  console.log('\n4,000 packets and a map of 1,000 entries, in Node, from a wish to its reply');
  row('open all of it', times.open);
  row('toggle a breakpoint', times.toggle);
  row('answer a step', times.step);
  row('select another packet', times.select);
  row('change a byte of a packet', times.edit);
  console.log(
    `table of regions: ${regions[0]} rows after 1,000 packets, ${regions[1]} after all of them`,
  );
}

async function longPacketTimes(): Promise<void> {
  const { open, select, change, all } = await longPacketsTimes(5);
  console.log('\n2,000 packets of 10,000 steps each, in Node, from a wish to its reply');
  row('open, the first packet', open);
  row('select any packet, at its own state', select);
  row('change a setting at a late packet', change);
  row('all verdicts, in parts', all);
}

/** A million packets in the page, from the drop to all verdicts. */
async function printCaptures(browser: Browser): Promise<void> {
  const object = read('public/examples/seed-filter/program.o');
  const times = await captureTimes(browser, `http://127.0.0.1:${PORT}/`, object);
  const { tcpdump, all, filter, frames, heap, packets, many } = times;
  console.log(`\na capture of ${packets.toLocaleString('en')} packets, 130 MB, seed filter`);
  row('from the drop to all verdicts', [...all]);
  row('a display filter over all of it', [...filter]);
  row(`a frame of the list while it is scrolled (${frames.length})`, [...frames]);
  if (tcpdump.length === 0) console.log('tcpdump is not here: nothing to compare with');
  else {
    row("tcpdump -r FILE -w /dev/null 'dst host 1.1.1.1'", [...tcpdump]);
    console.log(
      `drop to verdicts / tcpdump: ${(median([...all]) / median([...tcpdump])).toFixed(1)}`,
    );
  }
  console.log(`heap with ${many.toLocaleString('en')} packets, in Node: ${heap.toFixed(0)} MB`);
}

/** A filter that takes long, on one core and on all that there are. */
async function printCores(browser: Browser): Promise<void> {
  const cores = Math.min(8, cpus().length);
  const { packets, one, all } = await coresTimes(browser, `http://127.0.0.1:${PORT}/`, cores);
  console.log(`\na filter of 20,000 instructions over ${packets.toLocaleString('en')} packets`);
  row('from the drop to all verdicts on one core', [...one]);
  row(`on ${cores} cores`, [...all]);
  console.log(`one core / ${cores} cores: ${(median([...one]) / median([...all])).toFixed(2)}`);
}

/** Packets made on the page for each example, from the press to what came of it. */
async function printCover(browser: Browser): Promise<void> {
  console.log('\nCover in Chromium, each example of the gallery');
  for await (const { name, said, milliseconds } of coverTimes(browser, `http://127.0.0.1:${PORT}/`))
    console.log(`${name.padEnd(20)} ${(milliseconds / 1000).toFixed(2).padStart(6)} s  ${said}`);
}

/** A million packets by the package, beside the engine alone. */
async function printLibrary(): Promise<void> {
  const object = read('public/examples/seed-filter/program.o');
  const { library, engine, packets } = await libraryTimes(object);
  console.log(`\n${packets.toLocaleString('en')} packets by the seed filter, in Node`);
  row('judge of the library', library);
  row('compiled code alone', engine);
  console.log(`library / compiled code: ${(median(library) / median(engine)).toFixed(2)}`);
}

/** Resident memory of a process, as Linux counts it; NaN elsewhere. */
function residentBytes(id: number): number {
  const [, pages] = existsSync(`/proc/${id}/statm`)
    ? readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')
    : [];
  return Number(pages) * 4096;
}

/** The address of a module of this project that is not bundled. */
const { BROWSER_ARGUMENTS, browserPath } = (await import(
  pathToFileURL(join(root, 'e2e/browser.mjs')).href
)) as {
  BROWSER_ARGUMENTS: string[];
  browserPath: () => string;
};
console.log(
  `Node ${process.version}, ${cpus()[0].model}, ${cpus().length} cores, ` +
    `${new Date().toISOString().slice(0, 10)}`,
);
/** `npm run bench -- PART...`: these parts alone; behind `native` may stand names of filters. */
const PARTS = {
  packets: 'sessions of many packets, and of long ones',
  library: 'a million packets by the package',
  engines: 'the interpreter and compiled code',
  native: 'compiled code against native code',
  page: 'what a person waits for on the page',
  worker: 'what the worker of the page takes',
  long: 'a run of 1,000,000 steps',
  captures: 'a million packets in the page, beside tcpdump',
  cores: 'a capture by a slow filter, on one core and on all',
  cover: 'packets made for each example',
} as const;
type Part = keyof typeof PARTS;
const words = process.argv.slice(2);
const asked = words.filter((word) => word in PARTS);
if (!asked.includes('native') && asked.length < words.length) {
  for (const [name, what] of Object.entries(PARTS)) console.error(`${name.padEnd(10)} ${what}`);
  process.exit(2);
}
const wants = (...parts: Part[]): boolean =>
  asked.length === 0 || parts.some((part) => asked.includes(part));

if (wants('packets')) {
  await packetTimes();
  await longPacketTimes();
}
if (wants('library')) await printLibrary();
const factor = wants('engines') ? machineFactor(read('core/testdata/bench/kernel.o')) : undefined;
if (wants('engines')) printSpeeds('node', await measure(threadRealm), factor);
const inPage = wants('page', 'worker', 'long', 'captures', 'cores', 'cover');
if (!inPage && !wants('engines', 'native')) process.exit(0);
const server = spawn(
  'npx',
  ['vite', 'preview', '--host', '127.0.0.1', '--port', String(PORT), '--strictPort'],
  {
    stdio: 'ignore',
    detached: true,
  },
);
const browser = await chromium.launch({ executablePath: browserPath(), args: BROWSER_ARGUMENTS });
try {
  console.log(`Chromium ${browser.version()}`);
  if (wants('engines', 'native'))
    await againstNative(
      async (filter) => [
        threadLane(filter, 'jit'),
        await pageLane(browser, filter),
        threadLane(filter, 'interpreter'),
      ],
      asked.includes('native') ? process.argv.slice(process.argv.indexOf('native') + 1) : [],
    );
  if (wants('engines'))
    printSpeeds('chromium', await measure((flavour) => pageRealm(browser, flavour)), factor);
  for (let tries = 0; inPage; tries++) {
    const up = await fetch(`http://127.0.0.1:${PORT}/`).then(
      () => true,
      () => false,
    );
    if (up) break;
    if (tries > 100) throw new Error('vite preview did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (wants('page')) {
    console.log('\nthe page in Chromium, from an act to what is drawn of it');
    for (const [what, times] of await pageTimes(browser, `http://127.0.0.1:${PORT}/`))
      row(what, times);
  }
  if (wants('worker')) await workerTimes(browser);
  if (wants('long')) await longRunTimes(browser);
  if (wants('captures')) await printCaptures(browser);
  if (wants('cores')) await printCores(browser);
  if (wants('cover')) await printCover(browser);
} finally {
  await browser.close();
  process.kill(-server.pid!);
}
