import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { finish } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { TCP4 } from '../testing/frames.ts';
import { session } from '../testing/run.ts';
import { withMaps } from '../testing/with-maps.ts';
import type { Machine } from './machine.ts';

/** All of a machine that a run may change, as plain data. */
const plain = (machine: Machine) => structuredClone(JSON.parse(text(machine.save())));
const text = (value: unknown): string =>
  JSON.stringify(value, (key, item) => {
    if (key === 'typed')
      return (item as [number, unknown, unknown][]).map(([region, , saved]) => [region, saved]);
    if (typeof item === 'bigint') return String(item);
    if (item instanceof Map) return [...item];
    return ArrayBuffer.isView(item)
      ? `${item.constructor.name} ${[...(item as Uint8Array)].join(' ')}`
      : item;
  });

/** A program that has something of everything in it by its end. */
const BUSY = `r6 = r1; r2 = 1; *(u32 *)(r6 + 48) = r2; *(u64 *)(r10 - 8) = 5
  *(u32 *)(r10 - 12) = 1; r2 = r10; r2 += -12; ld_pseudo r1, 0x1, 0; call bpf_map_lookup_elem
  if r0 == 0 goto out; *(u64 *)(r0 + 0) = 77
  call bpf_get_prandom_u32
  r1 = 3; r2 = 0; call bpf_redirect
  r1 = r6; r2 = 0x99; call bpf_set_hash
  call pc f
  out: r0 = 7; exit
  f: r6 = 9; *(u64 *)(r10 - 8) = 6; r0 = 0; exit`;

describe('a machine that is saved and restored', () => {
  test('is as it was at every step, whatever came after', () => {
    const opened = withMaps(BUSY, [{}], { hook: 'tc', packet: toHex(TCP4) });
    const machine = opened.machine!;
    const images = [];
    const states = [];
    for (;;) {
      images.push(machine.save());
      states.push(plain(machine));
      if (machine.status !== 'running') break;
      finish(opened.go({ how: 'into' }));
    }
    expect(machine.registers[0]).toBe(7n);
    expect(machine.redirect).toMatchObject({ ifindex: 3, flags: 0n });
    expect(states.at(-1)).not.toEqual(states[0]);
    for (const step of [0, images.length - 1, 5, 1, images.length - 3]) {
      machine.restore(images[step]);
      expect(plain(machine)).toEqual(states[step]);
      expect([machine.steps, machine.pc]).toEqual([images[step].steps, images[step].pc]);
    }
  });
  test('shares nothing with its image', () => {
    const opened = withMaps(BUSY, [{}], { hook: 'tc', packet: toHex(TCP4) });
    const machine = opened.machine!;
    const image = machine.save();
    const before = text(image);
    finish(opened.go({ how: 'end' }));
    machine.surroundings.time = 99n;
    machine.packet.data = 1;
    machine.skb.linkLength = 1;
    expect(text(image)).toBe(before);
    machine.restore(image);
    machine.packet.data = 2;
    machine.skb.linkLength = 2;
    machine.surroundings.random = 2;
    machine.registers[0] = 123n;
    expect(text(image)).toBe(before);
  });
});

describe('a new run', () => {
  test('leaves nothing of the one before but maps, time and chance', () => {
    const opened = withMaps(BUSY, [{}], { hook: 'tc', packet: toHex(TCP4) });
    const machine = opened.machine!;
    finish(opened.go({ how: 'end' }));
    const { random } = machine.surroundings;
    const region = machine.packet.region;
    machine.beginRun();
    expect({
      pc: machine.pc,
      steps: machine.steps,
      status: machine.status,
      fault: machine.fault,
      frames: machine.frames,
      tailCalls: machine.tailCalls,
      programDepth: machine.programDepth,
      loops: machine.loops,
      printk: machine.printk,
      records: machine.records,
      deadline: machine.deadline,
      returned: machine.returned,
      redirect: machine.redirect,
      ownSocket: machine.ownSocket,
      contextRegion: machine.contextRegion,
      context: machine.context,
      packet: machine.packet,
      skb: machine.skb,
    }).toEqual({
      pc: 0,
      steps: 0,
      status: 'running',
      fault: undefined,
      frames: [],
      tailCalls: 0,
      programDepth: 0,
      loops: 8_388_608,
      printk: [],
      records: [],
      deadline: undefined,
      returned: undefined,
      redirect: undefined,
      ownSocket: undefined,
      contextRegion: 0,
      context: undefined,
      packet: { region: 0, data: 0, end: 0, linear: 0, meta: 0, hidden: 0, low: 0, high: 0 },
      skb: {
        networkOffset: 14,
        linkLength: 14,
        macLength: 0,
        transportOffset: undefined,
        encapsulation: false,
        checksumLevel: undefined,
        hashed: false,
        ingress: false,
        tunnel: undefined,
      },
    });
    expect(machine.surroundings.random).toBe(random);
    expect(machine.memory.info[region]).toMatchObject({
      kind: 'stale',
      was: 'the packet of an earlier run',
    });
    expect([...machine.recorder!.marks].every((mark) => mark === 0)).toBe(true);
  });
});

describe('the clock from packet to packet', () => {
  const clock = (gap: string) => {
    const opened = withMaps('call bpf_ktime_get_ns; exit', [], { gap, packets: 3 });
    return opened.outcomes.map((outcome) => outcome!.r0);
  };
  test('stands still where no time passes between them', () => {
    const [first, ...others] = clock('0');
    expect(others).toEqual([first, first]);
  });
  test('goes on by what the program took, 1 ns an instruction, and the gap', () => {
    const [first, second, third] = clock('1000');
    expect([second! - first!, third! - second!]).toEqual([1002n, 1002n]);
  });
});

describe('timers', () => {
  /** A value with a struct bpf_timer at 0 and a number at 16; the callback adds to it. */
  const map = {
    type: MAP_TYPE_ID.array,
    valueSize: 24,
    maxEntries: 2,
    special: [{ kind: 'timer', offset: 0 }],
  } as never;
  const armed = (
    ns: number,
    flags = 0,
  ) => `*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; call bpf_map_lookup_elem
    if r0 == 0 goto out; r6 = r0; r7 = *(u64 *)(r6 + 16)
    r1 = r6; ld_pseudo r2, 0x1, 0; r3 = 1; call bpf_timer_init
    r1 = r6; ld_pseudo r2, 0x4, 10; call bpf_timer_set_callback
    r1 = r6; r2 = ${ns}; r3 = ${flags}; call bpf_timer_start
    r8 = r0; r0 = r7
    out: exit
    r0 = *(u64 *)(r3 + 16); r0 += 1; *(u64 *)(r3 + 16) = r0; r0 = 0; exit`;
  const runs = (ns: number, gap: string, flags = 0) => {
    const opened = withMaps(armed(ns, flags), [map], { gap, packets: 3 });
    return opened.outcomes.map((outcome) => outcome?.fault?.message ?? outcome?.r0);
  };
  test('fire before the next packet where they are due by then; r0 of the program stands', () => {
    expect(runs(100, '1000')).toEqual([0n, 1n, 2n]);
  });
  test('not before they are due', () => expect(runs(100_000, '1000')).toEqual([0n, 0n, 0n]));
  test('exactly at the end of the gap', () => {
    const steps = 20;
    const last = (ns: number) => runs(ns, '1000')[1];
    const first = Array.from({ length: 2 * steps }, (_, i) => 1000 + i).find(
      (ns) => last(ns) === 0n,
    )!;
    expect(last(first - 1)).toBe(1n);
    // The program has ended 4 ns after the call of bpf_timer_start began: that, r8, r0 and exit.
    expect(first - 1).toBe(1000 + 4 - 1);
  });
  test('a callback finds the clock at its expiry, be that no more than 1 ns away', () => {
    const clocked = (ns: number) =>
      armed(ns)
        .replace('r7 = *(u64 *)(r6 + 16)', 'call bpf_ktime_get_ns; r9 = r0; r7 = *(u64 *)(r6 + 16)')
        .replace('r8 = r0; r0 = r7', '*(u64 *)(r6 + 16) = r9; r0 = r7')
        .replace(
          'r0 = *(u64 *)(r3 + 16); r0 += 1; *(u64 *)(r3 + 16) = r0; r0 = 0',
          'r6 = r3; call bpf_ktime_get_ns; r1 = *(u64 *)(r6 + 16); r0 -= r1; ' +
            '*(u64 *)(r6 + 16) = r0; r0 = 0',
        );
    const passed = (ns: number) => {
      const opened = withMaps(clocked(ns), [map], { gap: '1000', packets: 2 });
      return opened.outcomes[1]?.fault?.message ?? opened.outcomes[1]?.r0;
    };
    // From the program's reading of the clock to bpf_timer_start, and in the callback up to its own
    // reading, the instructions are the same: only the wait differs.
    const apart = Array.from({ length: 20 }, (_, i) => Number(passed(100 + i)));
    expect(apart).toEqual(apart.map((_, i) => apart[0] + i));
    const late = passed(0) as bigint;
    const due = Array.from({ length: 30 }, (_, ns) => passed(ns));
    expect(due.filter((ns) => ns === late).length).toBeGreaterThan(1);
    expect([...new Set(due)]).toEqual(
      Array.from({ length: new Set(due).size }, (_, i) => late + BigInt(i)),
    );
  });
});

test('a session stands on the packet that was chosen, whatever others left', () => {
  const opened = session('r0 = *(u32 *)(r1 + 4); r2 = *(u32 *)(r1 + 0); r0 -= r2; exit', {
    hook: 'xdp',
    packet: '00'.repeat(14),
  });
  expect(opened.outcome!.r0).toBe(14n);
});
