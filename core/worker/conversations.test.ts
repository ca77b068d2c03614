import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { folderOf, inputsOfExample } from '../protocol/example.ts';
import type {
  ChainChange,
  ChainSpeed,
  CodeView,
  ObjectView,
  Reply,
  Wish,
} from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { fingerprint } from '../session/outcome.ts';
import type { Progress } from '../session/session.ts';
import type { EditTarget, SessionInputs, WatchTarget } from '../session/types.ts';
import type { HookName } from '../spec/program-types.ts';
import type { RegionId } from '../spec/regions.ts';
import { DNS_PACKET, debugObject } from '../testing/debug-objects.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { Random } from '../testing/random.ts';
import { Controller } from './controller.ts';

/** Of a row of a block and a character in it, as the page draws them. */
const SIZES = { row: 18, head: 24, character: 7.3, side: 20 };

type Done = Omit<Extract<Reply, { kind: 'done' }>, 'id' | 'kind'>;

const FOLDER = join(import.meta.dirname, '../..');
const linear = new WebAssembly.Memory({ initial: 1 });

/** As text; bytes that a compressor made may be others in another browser. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (key, part) =>
    key === 'fragment'
      ? undefined
      : typeof part === 'bigint'
        ? `${part}n`
        : part instanceof Uint8Array
          ? toHex(part)
          : part instanceof Map
            ? [...part]
            : part,
  ) ?? '';

/** Compiled code is read in tests of its own, and becomes another with each that is faster. */
function toldOf(value: Done['value']): unknown {
  if (value?.kind === 'snapshot-file') return value.name;
  return value?.kind === 'compiled' ? [value.entry, value.lines.length > 0] : value;
}

/** One who asks for things: of what there is, of the first, the last, and what is not there. */
class Asker {
  private readonly random: Random;
  private readonly controller: Controller;
  private readonly progress: Progress[] = [];
  /** What was last told of each part. */
  private known: Record<string, unknown> = {};
  private ended = false;
  private names: string[] = ['ctx'];

  constructor(seed: number) {
    this.random = new Random(seed);
    this.controller = new Controller(linear, async (work) => {
      for (let next = work.next(); !next.done; next = work.next()) this.progress.push(next.value);
      return { stopped: false };
    });
  }

  /** What comes of it: an error in full, anything else as a fingerprint. */
  async ask(wish: Wish): Promise<[said: string, done: Done | undefined]> {
    this.progress.length = 0;
    try {
      const done = await this.controller.carryOut(wish);
      this.remember(done);
      const parts = [
        ...Object.entries(done.view ?? {}),
        ['snapshot', done.snapshot],
        ['notice', done.notice],
        ['value', toldOf(done.value)],
        ['progress', this.progress],
      ].map(([name, part]) => (part === undefined ? '' : `${name} ${textOf(part)}`));
      const prints = fingerprint(parts.join('\n')).slice(0, 6);
      const notice = done.notice === undefined ? '' : ` "${done.notice}"`;
      return [`${prints}${notice} at ${done.snapshot?.step ?? '-'}`, done];
    } catch (error) {
      if (error instanceof InputError)
        return [`refused, ${error.place}: ${error.reason}`, undefined];
      throw error;
    }
  }

  private remember({ view = {}, snapshot, value }: Done): void {
    if (snapshot) this.ended = snapshot.status !== 'paused';
    this.known = { ...this.known, ...view };
    if (value && 'scopes' in value) {
      const { scopes } = value as { scopes: { variables: { name: string }[] }[] };
      const names = scopes.flatMap(({ variables }) => variables.map(({ name }) => name));
      if (names.length > 0) this.names = names;
    }
  }

  private get inputs(): SessionInputs {
    return this.controller.made!;
  }
  private get object() {
    return (this.known.object as { object: ObjectView }).object;
  }
  private number(most: number): number {
    const { random } = this;
    return random.chance(4)
      ? random.pick([-1, 0, most, most + 1])
      : random.below(Math.max(0, most) + 1);
  }
  private map(): { name: string; keySize: number; valueSize: number } {
    const maps = this.object.maps;
    return maps.length === 0 || this.random.chance(20)
      ? { name: 'none', keySize: 4, valueSize: 8 }
      : this.random.pick(maps);
  }
  private hex(size: number): string {
    const exact = this.random.chance(6) ? size + 1 : size;
    const most = this.random.chance(2) ? 3 : 256;
    return Array.from({ length: Math.min(exact, 64) }, () =>
      this.random.below(most).toString(16).padStart(2, '0'),
    ).join(' ');
  }
  private region(): RegionId {
    const { random } = this;
    const { name: map } = this.map();
    return random.pick<() => RegionId>([
      () => ({ kind: 'packet' }),
      () => ({ kind: 'stack', depth: this.random.below(2) }),
      () => ({ kind: 'global', map }),
      () => ({ kind: 'value', map, at: '0' }),
      () => ({ kind: 'memory' }),
      () => ({ kind: 'other', name: 'context' }),
    ])();
  }
  private watched(): WatchTarget {
    const { name, keySize } = this.map();
    return this.random.pick<() => WatchTarget>([
      () => ({ kind: 'register', index: this.number(10) }),
      () => ({
        kind: 'memory',
        region: this.region(),
        offset: this.number(60),
        length: this.random.pick([1, 2, 4, 8]),
      }),
      () => ({ kind: 'map', map: name, key: this.hex(keySize).replaceAll(' ', '') }),
    ])();
  }
  private edited(): [EditTarget, string] {
    const { name, keySize, valueSize } = this.map();
    const { random } = this;
    return random.pick<() => [EditTarget, string]>([
      () => [{ kind: 'register', index: this.number(10) }, random.pick(['0', '-1', '0x10', 'x'])],
      () => [
        { kind: 'memory', region: this.region(), offset: this.number(60) },
        this.hex(random.pick([1, 2, 4])),
      ],
      () => [{ kind: 'context', field: 'ingress_ifindex' }, String(this.number(5))],
      () => [
        { kind: 'map', map: name, key: this.hex(keySize).replaceAll(' ', '') },
        random.chance(5) ? '' : this.hex(valueSize),
      ],
    ])();
  }
  private expression(): string {
    const { random } = this;
    const name = random.pick(this.names);
    const other = random.pick(this.names);
    return random.pick([
      name,
      `*${name}`,
      `&${name}`,
      `${name}[0]`,
      `${name}[1]`,
      `${name}[-1]`,
      `${name}->${other}`,
      `${name}.${other}`,
      `${name} + 1`,
      `${name} == ${other}`,
      `!${name}`,
      `-${name} % 7`,
      `~${name} >> 3`,
      `${name} < ${other} && ${name} != 0`,
      `(${name} | 1) ^ ${other}`,
      `bpf_ntohs(${name})`,
      `packet[${random.below(60)}:${random.below(9)}]`,
      `*(u${random.pick([8, 16, 32, 64])} *)(r10 - ${random.below(64)})`,
      `*(s16 *)(r1 + ${random.below(20)})`,
      `r${random.below(11)} * 3 / w${random.below(11)}`,
      `step > 3 || ${name}`,
      `${name} +`,
      `nothing_like_it`,
      `(${name}`,
    ]);
  }

  private chainChange(): ChainChange {
    const { random } = this;
    const id = random.pick(['f1', 'f2', 'dump1', 'mirror1', 'nobody']);
    return random.pick<() => ChainChange>([
      () => ({ kind: 'add', filter: random.pick(['filter-dump', 'filter-mirror']) }),
      () => ({ kind: 'remove', id }),
      () => ({ kind: 'move', id, to: this.number(2) }),
      () => ({ kind: 'set', id, property: 'status', value: random.pick(['on', 'off', 'maybe']) }),
      () => ({ kind: 'swap', id, object: 'open' }),
    ])();
  }

  /** The same of what asks for work along a session or changes what stands beside it. */
  wishBeside(): Wish {
    const { random, inputs } = this;
    const { valueSize } = this.map();
    const { code } = this.known.code as { code: CodeView };
    const rows = code.rows.length > 0 ? code.rows : [{ pc: 0 }];
    return random.pick<() => Wish>([
      () => ({ type: 'cover' }),
      () => ({ type: 'compiled', entry: random.pick(rows).pc }),
      () => ({
        type: 'keep-expectations',
        packetOut: random.chance(2),
        maps: random.chance(2),
      }),
      () => ({
        type: 'set-expectation',
        packet: this.number(inputs.packets.length - 1),
        verdict: random.pick(['XDP_DROP', 'pass', 'drop', '', 'no such verdict']),
      }),
      () => ({ type: 'expected-entries', packet: this.number(inputs.packets.length - 1) }),
      () => ({
        type: 'set-expected-entry',
        packet: this.number(inputs.packets.length - 1),
        index: this.number(1),
        part: random.pick(['key', 'value']),
        text: random.pick(['none', '', '0', 'x = 1', this.hex(valueSize)]),
      }),
      () => ({ type: 'drop-expectations' }),
      () => ({ type: 'save-tests' }),
      () => ({ type: 'chain-change', change: this.chainChange() }),
      () => ({ type: 'chain-order', order: random.pick(['start', 'pause', 'stop']) }),
      () => ({ type: 'chain-speed', speed: random.pick(SPEEDS) }),
      () => ({ type: 'chain-dump', filter: random.pick(['dump1', 'f1']) }),
    ])();
  }

  /** Anything that may be asked for. */
  wish(): Wish {
    const { random, inputs } = this;
    const { name: map, keySize, valueSize } = this.map();
    const packet = inputs.packets[inputs.packet]?.bytes ?? new Uint8Array();
    const { code } = this.known.code as { code: CodeView };
    // Maps that the kernel would refuse leave a program without code.
    const rows = code.rows.length > 0 ? code.rows : [{ pc: 0 }];
    const pc = () => random.pick([rows[0], rows.at(-1)!, random.pick(rows)]).pc;
    const wishes: (() => Wish)[] = [
      () => ({ type: 'select-program', name: random.pick(this.object.programs).name }),
      () => ({
        type: 'set-hook',
        hook: random.pick(HOOKS),
      }),
      () => ({ type: 'set-option', name: 'ip-mode', value: random.pick(['on', 'off', '?']) }),
      () => ({
        type: 'set-settings',
        settings: random.pick([{ seed: 5 }, { cpus: 2, cpu: 1 }, { time: '77' }, { maxSteps: 9 }]),
      }),
      () => ({ type: 'set-kernel-types', kernelTypes: random.pick(['own', undefined]) }),
      () => ({
        type: 'set-extern',
        name: this.object.externs[0]?.name ?? 'CONFIG_HZ',
        value: random.pick(['1', 'y', '', '?']),
      }),
      () => ({
        type: 'set-map-size',
        map: map.startsWith('.') ? 'none' : map,
        field: 'max_entries',
        value: random.pick(['1', '9', '', '-1']),
      }),
      () => ({
        type: 'set-variable',
        map: random.pick(['.rodata', '.data', '.bss', map]),
        variable: random.pick(this.names),
        value: random.pick(['0', '1', 'true', '"ab"', '[1, 2]', '', '?']),
      }),
      () => ({ type: 'select-packet', index: this.number(inputs.packets.length - 1) }),
      () => ({ type: 'show-packets', from: this.number(3), count: this.number(300) }),
      () => ({
        type: 'add-packet',
        text: random.pick([toHex(packet), toHex(packet.slice(14)), 'zz']),
      }),
      () => ({ type: 'read-packet-as', dialect: random.pick(['hex', 'ethernet', 'none']) }),
      () => ({ type: 'remove-packet', index: this.number(inputs.packets.length - 1) }),
      () => ({ type: 'set-packet-text', text: `${toHex(packet)}00` }),
      () => ({
        type: 'edit-packet',
        offset: this.number(packet.length - 1),
        bytes: Uint8Array.of(random.below(256)),
      }),
      () => ({ type: 'resize-packet', length: this.number(100) }),
      () => ({
        type: 'edit-field',
        name: random.pick(['ip.dst', 'ip.ttl', 'eth.type', 'tcp.dstport', 'udp.dstport']),
        offset: random.pick([12, 22, 30, 36]),
        text: random.pick(['1', '8.8.8.8', '300', '0x800', '?']),
        fixChecksums: random.chance(2),
      }),
      () => ({ type: 'fix-checksums' }),
      () => ({
        type: 'set-context',
        field: random.pick(['ingress_ifindex', 'rx_queue_index', 'mark', 'nothing']),
        value: random.pick(['1', '0x10', '-1', '']),
      }),
      () => ({
        type: 'set-map-entry',
        map,
        key: random.chance(3) ? String(random.below(3)) : this.hex(keySize),
        value: random.chance(3) ? String(random.below(300)) : this.hex(valueSize),
        ...(random.chance(4) && { cpu: this.number(1) }),
      }),
      () => ({ type: 'delete-map-entry', map, key: this.hex(keySize) }),
      () => ({ type: 'export-map', map }),
      () => ({
        type: 'import-map',
        map,
        text: random.pick(['[]', '[{"key":["0x00"],"value":1}]', '{']),
      }),
      () => ({ type: 'toggle-breakpoint', pc: pc() }),
      () => ({ type: 'toggle-breakpoint', pc: random.pick(rows).pc }),
      () => ({ type: 'toggle-line', file: this.file(), line: random.below(60) }),
      () => ({ type: 'count-breakpoints' }),
      () => ({
        type: 'set-rule',
        rule: {
          pc: inputs.breakpoints[0] ?? pc(),
          ...(random.chance(2) && { condition: this.expression() }),
          ...(random.chance(3) && { hits: this.number(3) }),
          ...(random.chance(3) && { log: `it is {${this.expression()}} here` }),
        },
      }),
      () => ({ type: 'toggle-watchpoint', target: this.watched() }),
      () => {
        const [target, value] = this.edited();
        return { type: 'edit', target, value };
      },
      () => ({ type: 'undo' }),
      () => ({ type: 'explain', ...(random.chance(2) && { target: this.watched() }) }),
      () => ({ type: 'flow', all: random.chance(2), sizes: SIZES }),
      () => ({ type: 'variables', frame: random.below(3) }),
      () => ({ type: 'evaluate', expression: this.expression(), frame: random.below(3) }),
      () => ({ type: 'evaluate', expression: this.expression(), frame: 99 }),
      () => ({
        type: 'assign',
        expression: this.expression(),
        value: random.pick(['0', '7', '-1', "'a'", 'x']),
        frame: 99,
      }),
      () => ({ type: 'set-expressions', expressions: [this.expression(), this.expression()] }),
      () => ({ type: 'marks' }),
      () => ({
        type: 'set-note',
        packet: this.number(inputs.packets.length - 1),
        step: this.number(60),
        text: random.pick(['Look at `r1`.', 'The **end**.', '']),
      }),
      () => ({ type: 'go-to-note', index: this.number(3) }),
      () => ({ type: 'export-trace', format: random.pick(['text', 'json', 'csv']) }),
      () => ({ type: 'save-snapshot' }),
      () => ({
        type: 'read-memory',
        region: this.region(),
        offset: this.number(64),
        length: random.pick([0, 1, 16, 600]),
      }),
      () => ({ type: 'open-text', text: toHex(packet), as: 'packet' }),
      () => ({ type: 'open-file', name: 'program.c', bytes: new TextEncoder().encode('int x;') }),
    ];
    const ways = [
      ...['line-into', 'line-over', 'line-out', 'line-back', 'line-back-out', 'into', 'over'],
      ...['out', 'run', 'end', 'back', 'back-over', 'back-out', 'back-run', 'reset', 'into'],
      ...['line-over', 'run', 'back'],
    ];
    if (!random.chance(3)) return random.pick(wishes)();
    // Behind the end there is little to see.
    if (this.ended && random.chance(2)) return { type: 'go', go: { how: 'reset' } };
    if (random.chance(8)) return { type: 'go', go: { how: 'to-pc', pc: pc() } };
    if (random.chance(6)) return { type: 'go', go: { how: 'to-step', step: this.number(60) } };
    if (random.chance(6)) {
      const how = random.pick(['back-to-change', 'run-to-change'] as const);
      return { type: 'go', go: { how, target: this.watched() } };
    }
    return { type: 'go', go: { how: random.pick(ways) as 'into' } };
  }

  private file(): string {
    const { code } = this.known.code as { code: CodeView };
    const { lines } = code;
    return lines.length === 0 ? 'none.c' : this.random.pick(lines).file;
  }
}

const WISHES = 46;
const BESIDE = 16;
const SPEEDS: readonly ChainSpeed[] = [
  { kind: 'max' },
  { kind: 'times', factor: 10 },
  { kind: 'rate', perSecond: 0 },
];
const HOOKS: readonly HookName[] = ['xdp', 'tc', 'socket_filter', 'ubpf', 'cgroup_skb'];
const debug = readdirSync(join(FOLDER, 'core/testdata/debug')).filter((name) =>
  /^(?:printed-[12].*(?:O2-v2|19-O0|O1)|locals).*\.o$/.test(name),
);
const CONVERSATIONS: readonly (readonly [string, () => SessionInputs])[] = [
  ...EXAMPLES.map((example): [string, () => SessionInputs] => [
    example.name,
    () => {
      const folder = join(FOLDER, 'public/examples', folderOf(example));
      const bytes = new Uint8Array(readFileSync(join(folder, example.object)));
      const texts = example.sources.map((file) => readFileSync(join(folder, file), 'utf8'));
      const inputs = inputsOfExample(example, bytes, texts);
      return { ...inputs, packets: inputs.packets.slice(0, 4) };
    },
  ]),
  ...debug.map((name): [string, () => SessionInputs] => [
    name,
    () => ({
      ...inputsFor(name, debugObject(name)),
      packets: [{ name: 'packet', bytes: DNS_PACKET }],
    }),
  ]),
];

/**
 * Each wish has tests of its own; this keeps what is said to one who asks for anything in any
 * order: errors in full, the rest as fingerprints.
 */
test.each(CONVERSATIONS)('anything asked of %s', async (name, inputs) => {
  const asker = new Asker(name.length * 31 + name.charCodeAt(name.length - 4));
  const [opened] = await asker.ask({ type: 'open-inputs', inputs: inputs() });
  const lines = [`open: ${opened}`, (await asker.ask({ type: 'variables', frame: 99 }))[0]];
  for (let i = 0; i < WISHES; i++) {
    const wish = asker.wish();
    const [said, done] = await asker.ask(wish);
    lines.push(`${textOf(wish).slice(8)}: ${said}`);
    // What a file or link holds is what opens again.
    if (done?.value?.kind === 'snapshot-file') {
      const { bytes, name: file } = done.value;
      lines.push(`  ${(await asker.ask({ type: 'open-file', name: file, bytes }))[0]}`);
    }
  }
  for (const keeps of ['variables', 'lines', 'program'] as const) {
    const [said, done] = await asker.ask({ type: 'share', keeps });
    lines.push(`a link that keeps ${keeps}: ${said}`);
    if (done?.value?.kind !== 'share') continue;
    const { fragment } = done.value;
    lines.push(`  ${(await asker.ask({ type: 'open-link', fragment }))[0]}`);
  }
  for (let i = 0; i < BESIDE; i++)
    for (const wish of [asker.wishBeside(), asker.wish()])
      lines.push(`${textOf(wish).slice(8)}: ${(await asker.ask(wish))[0]}`);
  const golden = join(FOLDER, 'core/testdata/sessions', `${name}.asked.txt`);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});
