// Many packets in one call against each packet alone by the interpreter: what came of each, and
// the machine behind the last of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { JIT } from '../jit/jit.ts';
import type { Engine } from '../machine/engine.ts';
import { folderOf, inputsOfExample } from '../protocol/example.ts';
import { helperByName } from '../spec/helpers.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import type { HookName } from '../spec/program-types.ts';
import {
  accessBatchDifferences,
  batchDifferences,
  framesOf,
  helperBatchDifferences,
  loopBatchDifferences,
  randomBatchDifferences,
  variations,
} from '../testing/compare-batch.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { ARP, TCP4, TCP6, UDP4, UDP6 } from '../testing/frames.ts';
import { Random } from '../testing/random.ts';
import { objectWithMaps } from '../testing/with-maps.ts';
import { inputsFor } from './inputs.ts';
import { PacketBatch } from './packet-batch.ts';
import { finish, Session } from './session.ts';
import type { SessionInputs } from './types.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

/** Of each packet, and behind the last, what is otherwise than alone by the interpreter. */
const differences = (inputs: SessionInputs, packets: readonly Uint8Array[]): string[] =>
  batchDifferences((engine) => {
    const session = new Session({ ...inputs, packets: [] }, linear);
    session.runBy(engine);
    return session;
  }, packets);

test.each(EXAMPLES)('$name of the gallery', (example) => {
  const file = join(process.cwd(), 'public/examples', folderOf(example), example.object);
  const inputs = inputsOfExample(example, new Uint8Array(readFileSync(file)), []);
  const packets = variations(
    inputs.packets.map(({ bytes }) => bytes),
    700,
    new Random(1),
  );
  expect(differences(inputs, packets)).toEqual([]);
});

const program = (source: string, hook: HookName, gap = '0'): SessionInputs => {
  const inputs = inputsFor('test', assemble(source));
  return { ...inputs, hook, settings: { ...inputs.settings, gap, maxSteps: 5000 } };
};

describe('packets of random length', () => {
  const random = new Random(7);
  const packets = Array.from({ length: 900 }, () =>
    Uint8Array.from({ length: random.below(40) }, () => random.below(256)),
  );
  test.each([
    [
      'a sum',
      'r0 = 0; r3 = r1; r3 += r2; again: if r1 >= r3 goto out; ' +
        'r4 = *(u8 *)(r1 + 0); r0 += r4; r1 += 1; goto again; out: exit',
    ],
    ['some of them fault', 'r0 = *(u8 *)(r1 + 17); exit'],
    ['its own address', 'r0 = r1; exit'],
    ['stores into the packet', 'if r2 == 0 goto out; *(u8 *)(r1 + 0) = 7; out: r0 = r2; exit'],
    [
      'what the packet before left on the stack',
      'r0 = *(u64 *)(r10 - 8); *(u64 *)(r10 - 8) = r2; exit',
    ],
    ['for ever where it is odd', 'r0 = r2; r2 &= 1; again: if r2 != 0 goto again; exit'],
    ['a register that is not used', 'r0 = 1; exit'],
  ])('%s', (_what, source) => {
    expect(differences(program(source, 'ubpf', '100'), packets)).toEqual([]);
  });
  test('the context', () => {
    const source =
      'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r0 = r3; r0 -= r2; ' +
      'r4 = *(u32 *)(r1 + 12); r0 += r4; exit';
    expect(differences(program(source, 'xdp'), packets)).toEqual([]);
    const skb =
      'r0 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 16); r0 += r2; *(u32 *)(r1 + 8) = r0; ' +
      'r0 = *(u32 *)(r1 + 8); r3 = *(u16 *)(r1 + 4); r0 += r3; exit';
    expect(differences(program(skb, 'tc'), packets)).toEqual([]);
  });
});

test('a packet has the number of one far in front of it, not its length', () => {
  // Nothing is known of the pointer, for all that nothing is added; packets between do not use it.
  const source =
    'if r2 < 30 goto out; r3 = r1; r4 = r2; r4 &= 3; r3 |= r4; r0 = *(u8 *)(r3 + 40); exit; ' +
    'out: r0 = r2; exit';
  for (let period = 252; period < 264; period++) {
    const packets = Array.from({ length: 5 * period }, (_, i) =>
      new Uint8Array(i % period > 0 ? 20 : (i / period) % 2 === 0 ? 64 : 32).fill(i),
    );
    expect([period, differences(program(source, 'ubpf'), packets)]).toEqual([period, []]);
  }
});

describe('a helper is lent the packet', () => {
  const random = new Random(9);
  const packets = Array.from({ length: 700 }, () =>
    Uint8Array.from({ length: 14 + random.below(40) }, () => random.below(3)),
  );
  const maps = [MAP_TYPE_ID.hash, MAP_TYPE_ID.lru_hash, MAP_TYPE_ID.array].map((type, i) => ({
    type,
    maxEntries: 6,
    ...(i === 0 && { flags: MAP_FLAGS.BPF_F_NO_PREALLOC }),
  }));
  const opened = (hook: HookName, source: string, gap: string) => {
    const bytes = assemble(source, { helper: (name) => helperByName(name)?.id });
    const inputs = inputsFor('test', bytes);
    const settings = { ...inputs.settings, gap };
    return (engine: Engine): Session => {
      const object = objectWithMaps(bytes, maps);
      const session = new Session({ ...inputs, hook, settings, packets: [] }, linear, object);
      session.runBy(engine);
      return session;
    };
  };
  const DATA =
    'r9 = r1; r6 = *(u32 *)(r1 + 0); r7 = *(u32 *)(r1 + 4); r8 = r6; r8 += 14; ' +
    'if r8 > r7 goto out; ';
  const SKB_DATA = DATA.replace('r1 + 0', 'r1 + 76').replace('r1 + 4', 'r1 + 80');
  const END = 'out: r0 = 2; exit';
  const call = (map: number, helper: string, key: string, value = 'r3 = r6; r3 += 4') =>
    `ld_pseudo r1, 0x1, ${map}; ${key}; ${value}; r4 = 0; call ${helper}; `;
  const [IN_PACKET, ON_STACK] = ['r2 = r6', '*(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4'];
  const stored = '*(u64 *)(r10 - 16) = r0; r3 = r10; r3 += -16';

  test.each<[what: string, hook: HookName, source: string]>([
    [
      'keys and values in the packet',
      'xdp',
      `${DATA}${call(0, 'bpf_map_update_elem', IN_PACKET)}r5 = r0; ` +
        `r8 = *(u8 *)(r6 + 13); if r8 != 0 goto more; ` +
        `${call(0, 'bpf_map_delete_elem', 'r2 = r6; r2 += 1')}` +
        `more: ${call(1, 'bpf_map_update_elem', 'r2 = r6; r2 += 2')}r0 += 2; exit; ${END}`,
    ],
    [
      'bytes of a packet onto the stack, some of which it has not',
      'tc',
      'r6 = r1; r2 = 30; r3 = r10; r3 += -8; r4 = 8; call bpf_skb_load_bytes; ' +
        'r7 = r0; r1 = r6; r2 = 0; r3 = r10; r3 += -8; r4 = 4; call bpf_skb_load_bytes; ' +
        'r0 = *(u64 *)(r10 - 8); r0 += r7; exit',
    ],
    [
      'bytes of a packet over others of it',
      'tc',
      `${SKB_DATA}r1 = r9; r2 = 4; r3 = r6; r4 = 4; call bpf_skb_load_bytes; ` +
        `r0 = *(u32 *)(r6 + 0); exit; ${END}`,
    ],
    [
      'the same where it stores to the packet as well',
      'tc',
      `${SKB_DATA}*(u8 *)(r6 + 5) = 7; r1 = r9; r2 = 4; r3 = r6; r4 = 4; ` +
        `call bpf_skb_load_bytes; r0 = *(u32 *)(r6 + 0); exit; ${END}`,
    ],
    [
      'a length, and sums of bytes',
      'xdp',
      `${DATA}r1 = r9; call bpf_xdp_get_buff_len; r8 = r0; r1 = r6; r2 = 8; r3 = r10; ` +
        '*(u32 *)(r10 - 4) = 5; r3 += -4; r4 = 4; r5 = 0; call bpf_csum_diff; r0 += r8; exit; ' +
        END,
    ],
    [
      'the clock and chance',
      'xdp',
      'call bpf_ktime_get_ns; r6 = r0; call bpf_get_prandom_u32; r6 += r0; ' +
        'call bpf_jiffies64; r0 += r6; exit',
    ],
    [
      'a pointer into a packet that is over',
      'xdp',
      `${DATA}${call(2, 'bpf_map_lookup_elem', ON_STACK)}if r0 == 0 goto out; r8 = r0; ` +
        'r2 = *(u64 *)(r8 + 0); *(u64 *)(r8 + 0) = r6; if r2 == 0 goto out; ' +
        `ld_pseudo r1, 0x1, 0; call bpf_map_delete_elem; r0 += 2; exit; ${END}`,
    ],
    [
      'now and then something that is told of a packet',
      'xdp',
      `${DATA}call bpf_get_prandom_u32; r8 = r0; ` +
        `${call(0, 'bpf_map_update_elem', ON_STACK, stored)}` +
        'r8 &= 31; if r8 != 0 goto more; r1 = r9; r2 = 0; call bpf_xdp_adjust_head; ' +
        `more: ${call(0, 'bpf_map_delete_elem', ON_STACK)}call bpf_get_prandom_u32; ` +
        `${call(0, 'bpf_map_update_elem', ON_STACK, stored)}r0 += 2; exit; ${END}`,
    ],
    [
      'bytes and checksums that a helper writes',
      'tc',
      'r6 = r1; *(u32 *)(r10 - 4) = 0x01020304; r2 = 3; r3 = r10; r3 += -4; r4 = 4; r5 = 0; ' +
        'call bpf_skb_store_bytes; r7 = r0; r1 = r6; r2 = 24; r3 = 5; r4 = 7; r5 = 2; ' +
        'call bpf_l3_csum_replace; r7 += r0; r1 = r6; r2 = 40; r3 = 5; r4 = 7; r5 = 0x12; ' +
        'call bpf_l4_csum_replace; r0 += r7; exit',
    ],
    [
      'bytes that a helper writes from what is nowhere, where it is told of a packet',
      'xdp',
      `${DATA}r8 = *(u8 *)(r6 + 13); r1 = r9; r2 = 2; r3 = r6; r3 += r8; r3 += 60; r4 = 3; ` +
        `call bpf_xdp_store_bytes; r0 += 2; exit; ${END}`,
    ],
    [
      'functions of the program, one in another',
      'xdp',
      `${DATA}r1 = r6; r2 = r7; call sum; r8 = r0; r1 = r8; call twice; ` +
        'r0 += r6; r0 -= r6; exit; ' +
        `${END}; twice: r6 = r1; call more; r0 += r6; exit; more: r0 = r1; r0 += 1; exit; ` +
        'sum: r0 = 0; next: r4 = r1; r4 += 1; if r4 > r2 goto done; r5 = *(u8 *)(r1 + 0); ' +
        '*(u64 *)(r10 - 8) = r5; r0 += r5; r1 = r4; goto next; done: exit',
    ],
    [
      'functions that ask for the context, helpers and too much',
      'xdp',
      `${DATA}r1 = r9; r2 = r6; call look; r8 = r0; r1 = r6; r1 += 20; call byte; r0 += r8; ` +
        `exit; ` +
        `${END}; look: r6 = r2; r0 = *(u32 *)(r1 + 12); r7 = r0; call bpf_get_prandom_u32; ` +
        'r0 &= 1; r0 += r7; r1 = *(u8 *)(r6 + 3); r0 += r1; exit; ' +
        'byte: r0 = *(u8 *)(r1 + 0); exit',
    ],
    [
      'functions that store to the packet, and call themselves',
      'tc',
      `${SKB_DATA}r1 = r6; r2 = *(u8 *)(r6 + 0); r2 <<= 2; call down; exit; ${END}; ` +
        'down: r0 = r2; if r2 == 0 goto back; *(u8 *)(r1 + 1) = r2; r2 -= 1; call down; ' +
        'back: exit',
    ],
    [
      'functions that load what the context says, and some that store to it',
      'tc',
      `${SKB_DATA}r1 = r9; r2 = r6; call look; r8 = r0; r1 = r9; r2 = r6; call look; r0 += r8; ` +
        `exit; ${END}; look: r6 = *(u8 *)(r2 + 13); r0 = *(u32 *)(r1 + 16); ` +
        'r3 = *(u32 *)(r1 + 0); ' +
        'r0 += r3; r3 = *(u32 *)(r1 + 76); r4 = *(u32 *)(r1 + 80); r4 -= r3; r0 += r4; ' +
        'r4 = *(u8 *)(r3 + 2); r0 += r4; r3 = *(u32 *)(r1 + 8); r0 += r3; if r6 != 1 goto back; ' +
        '*(u32 *)(r1 + 8) = r4; back: exit',
    ],
    [
      'functions that ask for too much of the context, or what is none of it',
      'xdp',
      `${DATA}r8 = *(u8 *)(r6 + 3); r1 = r9; r1 += r8; call look; exit; ${END}; ` +
        'look: r0 = *(u32 *)(r1 + 12); r2 = *(u32 *)(r1 + 8); r0 += r2; exit',
    ],
    [
      'a callback for each entry, which counts on the stack of another function',
      'xdp',
      'goto main; r5 = *(u64 *)(r3 + 0); r0 = *(u64 *)(r4 + 0); r0 += r5; *(u64 *)(r4 + 0) = r0; ' +
        `r0 = 0; exit; main: ${DATA}*(u64 *)(r10 - 16) = 0; ld_pseudo r1, 0x1, 2; ` +
        'ld_pseudo r2, 0x4, -16; r3 = r10; r3 += -16; r4 = *(u8 *)(r6 + 5); r4 >>= 1; ' +
        'call bpf_for_each_map_elem; r7 = r0; ' +
        `${call(2, 'bpf_map_update_elem', ON_STACK)}r0 = *(u64 *)(r10 - 16); r0 += r7; exit; ` +
        END,
    ],
    ['a key that is nowhere', 'xdp', `${call(0, 'bpf_map_delete_elem', 'r2 = 77')}exit`],
  ])('%s', (_what, hook, source) => {
    for (const gap of ['0', '1000'])
      expect(batchDifferences(opened(hook, source, gap), packets)).toEqual([]);
  });

  const PRINT =
    'r1 = 0x6425 ll; *(u64 *)(r10 - 8) = r1; r1 = r10; r1 += -8; r2 = 3; r3 = *(u8 *)(r6 + 3); ' +
    'call bpf_trace_printk; ';
  const PERF =
    'r1 = r9; ld_pseudo r2, 0x1, 0; r3 = 0xa00000000 ll; r4 = r10; r4 += -8; r5 = 8; ' +
    'call bpf_perf_event_output; ';
  const events = [{ type: MAP_TYPE_ID.perf_event_array, valueSize: 4, maxEntries: 4 }];

  test('what it has put out is there where the packet is brought into the machine later', () => {
    const source =
      `${DATA}${PRINT}${PERF}r7 = *(u8 *)(r6 + 4); if r7 != 1 goto out; r1 = r9; r2 = 0; ` +
      `call bpf_xdp_adjust_head; ${END}`;
    const bytes = assemble(source, { helper: (name) => helperByName(name)?.id });
    const putOut = (isTogether: boolean): string[] => {
      const inputs = { ...inputsFor('test', bytes), hook: 'xdp' as const, packets: [] };
      const session = new Session(inputs, linear, objectWithMaps(bytes, events));
      session.runBy(JIT);
      session.load(64);
      const { machine } = session;
      const all = packets.map(() => '');
      const note = (index: number) => {
        const { printk, records } = machine!;
        all[index] = JSON.stringify([printk, records.map((record) => [...record.bytes])]);
      };
      if (isTogether) {
        const batch = new PacketBatch(session);
        batch.onLooked = note;
        finish(batch.run(0, framesOf(packets)));
      } else
        for (const [i, packet] of packets.entries()) {
          finish(session.runFrame(i, packet));
          note(i);
        }
      return all;
    };
    const [alone, together] = [putOut(false), putOut(true)];
    const looked = together.filter((text, i) => text !== '' && i > 300);
    expect(looked.length).toBeGreaterThan(50);
    expect(looked.length).toBeLessThan(300);
    for (const [i, text] of together.entries()) if (text !== '') expect(text).toBe(alone[i]);
  });

  test.each([
    ['a helper', `${DATA}${call(0, 'bpf_map_update_elem', IN_PACKET)}${END}`],
    ['bpf_printk', `${DATA}${PRINT}${END}`],
    ['a function', `${DATA}r1 = r6; call f; exit; ${END}; f: r0 = *(u8 *)(r1 + 3); exit`],
    [
      'a function that loads of the context, and asks a helper',
      `${DATA}r1 = r9; call f; exit; ${END}; f: r6 = *(u32 *)(r1 + 12); ` +
        'call bpf_get_prandom_u32; r0 += r6; exit',
    ],
  ])('without bringing it into the machine: %s', (_what, source) => {
    const session = opened('xdp', source, '0')(JIT);
    session.load(64);
    const begun = vi.spyOn(session, 'beginFrame');
    const batch = new PacketBatch(session);
    const many = Array.from({ length: 3000 }, () => new Uint8Array(60));
    expect(finish(batch.run(0, framesOf(many))).count).toBe(3000);
    expect(begun.mock.calls.length).toBeLessThan(300);
  });
});

test('each by itself: none finds what the one before it has left', () => {
  const example = inputsOfExample(
    EXAMPLES.find(({ name }) => name === 'xdp-firewall')!,
    new Uint8Array(readFileSync('public/examples/xdp-firewall/program.o')),
    [],
  );
  const settings = { ...example.settings, each: 'fresh' as const };
  const packets = variations(
    example.packets.map(({ bytes }) => bytes),
    300,
    new Random(1),
  );
  expect(differences({ ...example, settings }, packets)).toEqual([]);
});

test('what is kept for the sockets of packets keeps them, too: their addresses stay taken', () => {
  const storage = {
    type: MAP_TYPE_ID.sk_storage,
    maxEntries: 0,
    flags: 1,
    keyType: 1,
    valueType: 1,
  };
  const source =
    'r6 = *(u64 *)(r1 + 168); ld_pseudo r1, 0x1, 0; r2 = r6; r3 = 0; r4 = 1; ' +
    'call bpf_sk_storage_get; if r0 == 0 goto out; r1 = *(u64 *)(r0 + 0); r1 += 1; ' +
    '*(u64 *)(r0 + 0) = r1; r0 = r6; r0 += r1; out: exit';
  const bytes = assemble(source, { helper: (name) => helperByName(name)?.id });
  const inputs = { ...inputsFor('test', bytes), hook: 'cgroup_skb' as const, packets: [] };
  const object = objectWithMaps(bytes, [storage]);
  const open = (engine: Engine): Session => {
    const session = new Session(inputs, linear, object);
    session.runBy(engine);
    return session;
  };
  expect(
    batchDifferences(
      open,
      Array.from({ length: 60 }, () => TCP4),
    ),
  ).toEqual([]);
});

describe('packets of a hook whose context names a socket, or that begins behind the link', () => {
  const random = new Random(11);
  const packets = variations(
    [TCP4, UDP4, TCP6, UDP6, TCP4.slice(0, 14), TCP4.slice(0, 9)],
    900,
    random,
  );
  const maps = [{ type: MAP_TYPE_ID.array, maxEntries: 2 }];
  const opened =
    (hook: HookName, source: string, options: [string, string][] = []) =>
    (engine: Engine): Session => {
      const bytes = assemble(source, { helper: (name) => helperByName(name)?.id });
      const inputs = { ...inputsFor('test', bytes), hook, options, packets: [] };
      const session = new Session(inputs, linear, objectWithMaps(bytes, maps));
      session.runBy(engine);
      return session;
    };
  const BYTES =
    'r6 = r1; r2 = 9; r3 = r10; r3 += -8; r4 = 2; call bpf_skb_load_bytes; ' +
    'r7 = *(u16 *)(r10 - 8); r0 += r7; ';
  const DATA =
    'r2 = *(u32 *)(r1 + 76); r3 = *(u32 *)(r1 + 80); r0 = r3; r0 -= r2; r4 = r2; r4 += 10; ' +
    'if r4 > r3 goto out; r5 = *(u8 *)(r2 + 9); r0 += r5; out: exit';
  const PROGRAMS: Record<string, string> = {
    'lengths and protocols': 'r0 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 16); r0 += r2; exit',
    'bytes by a helper': `${BYTES}exit`,
    'bytes by pointers': DATA,
    'a store to the packet':
      'r2 = *(u32 *)(r1 + 76); r3 = *(u32 *)(r1 + 80); r4 = r2; r4 += 2; r0 = 1; ' +
      'if r4 > r3 goto out; *(u8 *)(r2 + 1) = 7; out: exit',
    'its socket':
      `${BYTES}r0 = 1; if r7 < 0x8000 goto out; r2 = *(u64 *)(r6 + 168); ` +
      'if r2 == 0 goto out; r0 = *(u32 *)(r2 + 44); out: exit',
    'addresses of itself, and of what is over':
      '*(u32 *)(r10 - 4) = 0; r6 = r1; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ' +
      'call bpf_map_lookup_elem; if r0 == 0 goto out; r7 = *(u64 *)(r0 + 0); ' +
      '*(u64 *)(r0 + 0) = r6; if r7 == 0 goto out; r0 = *(u32 *)(r7 + 0); out: r0 = r6; exit',
  };
  test.each<[HookName, [string, string][]]>([
    ['socket_filter', []],
    ['socket_filter', [['start', 'network']]],
    ['socket_filter', [['start', 'transport']]],
    ['cgroup_skb', []],
    ['cgroup_skb', [['direction', 'egress']]],
    ['tc', [['socket', 'own']]],
    ['lwt_in', []],
    ['lwt_xmit', []],
    ['sk_skb', []],
  ])('%s %j', (hook, options) => {
    for (const [what, source] of Object.entries(PROGRAMS))
      expect([what, ...batchDifferences(opened(hook, source, options), packets)]).toEqual([what]);
  });

  test.each<[HookName, Uint8Array]>([
    ['cgroup_skb', TCP4.slice(0, 9)],
    ['filter-ubpf', ARP],
  ])('bytes of the last that ran stay there behind those that pass by: %s', (hook, passing) => {
    const source =
      hook === 'cgroup_skb' ? PROGRAMS['bytes by pointers'] : 'r0 = *(u8 *)(r1 + 9); exit';
    for (const trailing of [1, 40, 600]) {
      const many = [...packets.slice(0, 400), ...Array.from({ length: trailing }, () => passing)];
      expect(batchDifferences(opened(hook, source), many)).toEqual([]);
    }
  });

  test.each<[HookName, [string, string][]]>([
    ['socket_filter', []],
    ['cgroup_skb', []],
    ['tc', [['socket', 'own']]],
    ['lwt_out', []],
  ])('are not brought into the machine: %s', (hook, options) => {
    for (const frame of [TCP4, UDP4]) {
      const session = opened(hook, PROGRAMS['bytes by a helper'], options)(JIT);
      session.load(64);
      const begun = vi.spyOn(session, 'beginFrame');
      const many = Array.from({ length: 3000 }, () => frame);
      expect(finish(new PacketBatch(session).run(0, framesOf(many))).count).toBe(3000);
      expect(begun.mock.calls.length).toBeLessThan(400);
    }
  });

  test('what a socket filter keeps is cut off, and depends on the length of each', () => {
    const session = opened('socket_filter', 'r0 = 50; exit')(JIT);
    session.load(64);
    const many = Array.from({ length: 900 }, (_, i) => new Uint8Array(20 + (i % 60)));
    const judged = finish(new PacketBatch(session).run(0, framesOf(many)));
    const [short, long] = [610, 650].map((index) => judged.outcome(index));
    expect([short.packetOut.length, short.verdict.text]).toEqual([
      30,
      'socket filter: keep 30 bytes (50)',
    ]);
    expect([long.packetOut.length, long.verdict.action]).toEqual([50, 'truncate']);
    expect([judged.isUsual(610), judged.isUsual(650)]).toEqual([false, false]);
  });
});

describe('packets that a program does not write to', () => {
  const values = [{ type: MAP_TYPE_ID.array, maxEntries: 1 }];
  const count =
    '*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; call bpf_map_lookup_elem; ' +
    'if r0 == 0 goto out; r1 = *(u64 *)(r0 + 0); r1 += 1; *(u64 *)(r0 + 0) = r1; ';
  const opened =
    (source: string) =>
    (engine: Engine): Session => {
      const bytes = assemble(source, { helper: (name) => helperByName(name)?.id });
      const inputs = { ...inputsFor('test', bytes), hook: 'xdp' as const, packets: [] };
      const session = new Session(inputs, linear, objectWithMaps(bytes, values));
      session.runBy(engine);
      return session;
    };
  const many = Array.from({ length: 600 }, () => TCP4);
  /** All packets are the same bytes, which those that are changed could not be. */
  const isOneFrame = (source: string): boolean => {
    const session = opened(source)(JIT);
    session.load(64);
    const starts = new Uint32Array(many.length);
    const lengths = starts.map(() => TCP4.length);
    const judged = finish(new PacketBatch(session).run(0, { bytes: TCP4, starts, lengths }));
    return judged.count === many.length && judged.isUsual(500);
  };

  test('may share bytes, although it writes to values of a map', () => {
    expect(isOneFrame(`${count}out: r0 = 2; exit`)).toBe(true);
    expect(isOneFrame(`r6 = *(u32 *)(r1 + 0); *(u8 *)(r6 + 1) = 1; r0 = 2; exit`)).toBe(false);
  });

  test('are changed where a pointer to the stack was led to one of them', () => {
    const outcomesOf = (source: string) => {
      const session = opened(source)(JIT);
      session.load(64);
      return many.map((frame, i) => finish(session.runFrame(i, frame)));
    };
    const away = outcomesOf(`r6 = r1; ${count}out: r0 = *(u32 *)(r6 + 0); r0 -= r10; exit`)[500];
    // The others fault: their packets have other addresses.
    const source = `${count}out: r6 = ${away.r0} ll; r6 += r10; *(u8 *)(r6 + 3) = 99; r0 = 2; exit`;
    expect(batchDifferences(opened(source), many)).toEqual([]);
    const outcomes = outcomesOf(source);
    expect(outcomes.filter(({ packetOut }) => packetOut?.[3] === 99).length).toBeGreaterThan(0);
  });
});

/** Others in each run of the suite, so that it may find something new. */
const FIRST = Date.now() % 1_000_000_000;

test.each([
  ['kernel', false],
  ['world', false],
  ['world', true],
] as const)(`random programs from seed ${FIRST} on: %s, damaged %s`, (kind, isDamaged) => {
  const seeds = Array.from({ length: 12 }, (_, i) => FIRST + i);
  const different = seeds.flatMap((seed) =>
    randomBatchDifferences(seed, kind, isDamaged).map((text) => `seed ${seed}: ${text}`),
  );
  expect(different).toEqual([]);
});

test(`random pointers from seed ${FIRST} on`, () => {
  const seeds = Array.from({ length: 40 }, (_, i) => FIRST + i);
  const different = seeds.flatMap((seed) =>
    accessBatchDifferences(seed).map((text) => `seed ${seed}: ${text}`),
  );
  expect(different).toEqual([]);
});

test(`random loops from seed ${FIRST} on`, () => {
  const seeds = Array.from({ length: 120 }, (_, i) => FIRST + i);
  const different = seeds.flatMap((seed) =>
    loopBatchDifferences(seed).map((text) => `seed ${seed}: ${text}`),
  );
  expect(different).toEqual([]);
});

test(`random programs of helpers from seed ${FIRST} on`, () => {
  const seeds = Array.from({ length: 6 }, (_, i) => FIRST + i);
  const different = seeds.flatMap((seed) =>
    helperBatchDifferences(seed).map((text) => `seed ${seed}: ${text}`),
  );
  expect(different).toEqual([]);
});

test.each(['xdp-firewall', 'seed-filter', 'out-of-bounds'])('thousands of packets: %s', (name) => {
  const example = EXAMPLES.find((candidate) => candidate.name === name)!;
  const file = join(process.cwd(), 'public/examples', folderOf(example), example.object);
  const inputs = inputsOfExample(example, new Uint8Array(readFileSync(file)), []);
  const packets = variations(
    inputs.packets.map(({ bytes }) => bytes),
    5000,
    new Random(2),
  );
  expect(differences(inputs, packets)).toEqual([]);
});

test('compiled code goes through packets by itself', () => {
  const session = new Session({ ...program('r0 = r2; exit', 'ubpf'), packets: [] }, linear);
  session.runBy(JIT);
  session.load(64);
  const alone = vi.spyOn(session, 'runFrame');
  const batch = new PacketBatch(session);
  const packets = Array.from({ length: 5000 }, (_, i) => new Uint8Array(1 + (i % 64)));
  const { count, r0Low } = finish(batch.run(0, framesOf(packets)));
  expect(count).toBe(5000);
  expect([...r0Low]).toEqual(packets.map(({ length }) => length));
  // Those in front, until regions are used again, and the last.
  expect(alone.mock.calls.length).toBeLessThan(300);
});

describe('as many packets go into one call as there is room for', () => {
  const ROOM = 3 * 1024 * 1024;
  const countOf = (source: string, lengths: number[]) => {
    const session = new Session(program(source, 'xdp'), linear);
    session.runBy(JIT);
    session.load(65_536);
    const starts = new Uint32Array(lengths.length);
    for (let i = 1; i < lengths.length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
    const bytes = new Uint8Array(starts.at(-1)! + lengths.at(-1)!);
    const frames = { bytes, starts, lengths: Uint32Array.from(lengths) };
    return finish(new PacketBatch(session).run(0, frames)).count;
  };
  const alike = (length: number, count: number): number[] => Array(count).fill(length);
  describe.each([
    ['that a program does not write to', 'r0 = 2; exit'],
    [
      'that it writes to',
      'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 1; if r4 > r3 goto +1; ' +
        '*(u8 *)(r2 + 0) = 1; r0 = 2; exit',
    ],
  ])('%s', (_title, source) => {
    test.each([
      ['one', [60], 1],
      ['all of a few', alike(60, 700), 700],
      ['no more than the most', alike(60, 16_390), 16_384],
      ['long ones', alike(1000, 4000), Math.floor(ROOM / 1000)],
      ['those that fill it to the last byte', alike(1024, 4000), ROOM / 1024],
      ['one byte more than that', [...alike(1024, 3071), 1025], 3071],
      ['of uneven length', Array.from({ length: 600 }, (_, i) => 10 * i), 600],
      ['the longest', alike(65_535, 100), Math.floor(ROOM / 65_535)],
    ])('%s', (_what, lengths, count) => expect(countOf(source, lengths)).toBe(count));
  });
});
