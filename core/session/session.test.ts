import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { viewOf } from '../testing/page.ts';
import { openSession, session } from '../testing/run.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { inputsFor } from './inputs.ts';
import { outcomeHash, outcomeOf } from './outcome.ts';
import { finish, type Session } from './session.ts';

const stepToEnd = (stepped: Session) => {
  while (stepped.machine!.status === 'running') finish(stepped.go({ how: 'into' }));
};

describe.each(EXAMPLES.map(({ name, packets }) => [name, packets] as const))(
  'example %s',
  (name, packets) => {
    test('has packets of different verdicts', () => {
      const { outcomes } = openExample(name);
      expect(outcomes.length).toBe(packets.length);
      expect(
        new Set(
          outcomes.map(
            (outcome) => `${outcome!.verdict.name} ${outcome!.packetOut.length} ${outcome!.steps}`,
          ),
        ).size,
      ).toBeGreaterThan(1);
    });
    test.each(packets.map((packet, i) => [packet.name, i] as const))(
      'stepping through %s comes to the outcome of the whole run',
      (_packet, index) => {
        const stepped = openExample(name, index);
        const { outcome, bypass } = stepped;
        if (bypass === undefined) stepToEnd(stepped);
        const now = () =>
          outcomeOf(stepped.machine!, stepped.hook, stepped.options, stepped.frame, bypass);
        const hash = finish(stepped.hash());
        expect(now()).toEqual(outcome);
        expect(outcomeHash(now(), stepped.machine!)).toBe(hash);
        finish(stepped.go({ how: 'reset' }));
        finish(stepped.go({ how: 'end' }));
        expect(now()).toEqual(outcome);
        expect(outcomeHash(now(), stepped.machine!)).toBe(hash);
      },
    );
  },
);

describe('maps keep what earlier packets left', () => {
  test('the firewall counts both packets of the blocked address', () => {
    const last = openExample('xdp-firewall', 2);
    finish(last.go({ how: 'end' }));
    const [entry] = snapshotOf(last).maps[0].entries;
    expect(entry).toMatchObject({ key: '0a000042', changed: true });
    expect(entry.valueText).toBe('{ packets: 2, bytes: 125 }');
  });
});

describe('stepping', () => {
  const calls = 'r6 = 1; call pc f; r6 += 1; r0 = r6; exit; f: r0 = 0; r0 += 1; exit';
  const at = (debugged: Session) => debugged.machine!.pc;
  test('over a call goes to the instruction behind it', () => {
    const debugged = session(calls);
    finish(debugged.go({ how: 'into' }));
    finish(debugged.go({ how: 'over' }));
    expect([at(debugged), debugged.machine!.steps]).toEqual([2, 5]);
  });
  test('into a call and out again', () => {
    const debugged = session(calls);
    finish(debugged.go({ how: 'to-step', step: 2 }));
    expect(snapshotOf(debugged).frames.length).toBe(2);
    finish(debugged.go({ how: 'out' }));
    expect([at(debugged), snapshotOf(debugged).frames.length]).toEqual([2, 1]);
  });
  test('run stops at each breakpoint, back-run at the one before', () => {
    const debugged = session('r0 = 0; again: r0 += 1; if r0 < 5 goto again; exit');
    debugged.inputs.breakpoints = [1];
    const stops: number[] = [];
    for (;;) {
      finish(debugged.go({ how: 'run' }));
      if (debugged.machine!.status !== 'running') break;
      stops.push(debugged.machine!.steps);
    }
    expect(stops).toEqual([1, 3, 5, 7, 9]);
    expect(debugged.stopped).toBe('end of the program');
    const back: number[] = [];
    while (debugged.machine!.steps > 0) {
      finish(debugged.go({ how: 'back-run' }));
      back.push(debugged.machine!.steps);
    }
    expect(back).toEqual([9, 7, 5, 3, 1, 0]);
  });
  test('a breakpoint inside a call that is stepped over still stops', () => {
    const debugged = session(calls);
    debugged.inputs.breakpoints = [6];
    finish(debugged.go({ how: 'into' }));
    finish(debugged.go({ how: 'over' }));
    expect(at(debugged)).toBe(6);
  });
  test('run to the cursor', () => {
    const debugged = session(calls);
    finish(debugged.go({ how: 'to-pc', pc: 3 }));
    expect(at(debugged)).toBe(3);
  });
  test('back from the end and from a fault', () => {
    const faulty = session('r0 = 1; r1 = 0; r0 = *(u8 *)(r1 + 0); exit');
    finish(faulty.go({ how: 'end' }));
    expect(snapshotOf(faulty)).toMatchObject({ status: 'faulted', step: 3, totalSteps: 3 });
    finish(faulty.go({ how: 'back' }));
    expect(snapshotOf(faulty)).toMatchObject({ status: 'paused', step: 2, pc: 2 });
  });
});

describe('a snapshot tells what the last step did', () => {
  const at = (source: string, step: number, packet = '') => {
    const debugged = session(source, { packet });
    finish(debugged.go({ how: 'to-step', step }));
    return snapshotOf(debugged);
  };
  test('a load: register with the value before, bytes read, in words', () => {
    const snapshot = at('r0 = 5; r0 = *(u16 *)(r1 + 2); exit', 2, '00010203');
    expect(snapshot.registers[0]).toMatchObject({
      hex: '0x0000000000000302',
      written: true,
      before: '0x5',
    });
    expect(snapshot.registers[1]).toMatchObject({ meaning: 'memory+0', read: true });
    expect(snapshot.packetMemory).toMatchObject({
      read: [[2, 4]],
      everRead: [[2, 4]],
      carets: [{ register: 'r1', offset: 0 }],
    });
    expect(snapshot.last).toMatchObject({
      pc: 1,
      text: 'reads 2 bytes at memory+2 (0203); r0 = 0x302',
    });
  });
  test('a store: stack bytes and what they were', () => {
    const snapshot = at('*(u32 *)(r10 - 8) = 7; *(u32 *)(r10 - 8) = 9; r0 = 0; exit', 2);
    expect(snapshot.frames[0]).toMatchObject({ written: [[504, 508]], initialised: [[504, 508]] });
    expect(snapshot.last!.accesses).toEqual([
      { kind: 'write', place: 'stack-8', size: 4, before: '07000000', after: '09000000' },
    ]);
  });
  test('a context field, and which of them only that step touched', () => {
    const source = 'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 16); r0 = 2; exit';
    const debugged = session(source, { hook: 'xdp', packet: '00'.repeat(14) });
    const touched = [1, 2, 3, 4].map((step) => {
      finish(debugged.go({ how: 'to-step', step }));
      return snapshotOf(debugged).context.flatMap(({ field, read, written }) =>
        read || written ? [field] : [],
      );
    });
    expect(touched).toEqual([['data'], ['rx_queue_index'], [], []]);
  });
  test('a branch: taken or not', () => {
    expect(at('r0 = 0; if r0 == 0 goto out; r0 = 1; out: exit', 2).last).toMatchObject({
      branch: 'taken',
      text: 'jumps to 3',
    });
    expect(at('r0 = 1; if r0 == 0 goto out; r0 = 2; out: exit', 2).last).toMatchObject({
      branch: 'not taken',
    });
  });
  test('registers nobody wrote are marked as unset', () => {
    expect(
      at('r0 = 0; exit', 1, '00')
        .registers.filter((register) => register.unset)
        .map((register) => register.name),
    ).toEqual(['r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9']);
  });
});

describe('the view', () => {
  test('names maps, helpers, lines and the hook of an example', () => {
    const view = viewOf(openExample('xdp-firewall'));
    expect(view).toMatchObject({ program: 'firewall', hook: 'xdp', hookRecognised: true });
    const comments = view.code.rows.map((row) => row.comment);
    expect(comments).toContain('map blocked');
    expect(comments).toContain('bpf_map_lookup_elem');
    expect(view.code.rows.every((row) => row.line !== undefined)).toBe(true);
    expect(view.sources[0].text).toContain('bpf_map_lookup_elem(&blocked, &ip->saddr)');
  });
  test('an instruction that is not defined: the program is refused, the session opens', () => {
    const bytes = fromHex('b7000000010000009500000000000000ff00000000000000')!;
    const broken = openSession({
      ...inputsFor('x', bytes),
      packets: [{ name: 'p', bytes: new Uint8Array(14) }],
    });
    expect(viewOf(broken).programError).toBe(
      'program "raw", instruction 2: opcode 0xff is not defined',
    );
    expect(snapshotOf(broken).status).toBe('unrunnable');
    expect(toHex(viewOf(broken).packetBytes)).toBe('00'.repeat(14));
  });
  test('QEMU lines follow the options', () => {
    const seed = openExample('seed-filter-trap');
    expect(viewOf(seed).qemu).toMatchObject({
      commandLine:
        '-object filter-ubpf,id=ubpf1,netdev=hn0,queue=all,ip-mode=off,ubpf-handler=program.o',
    });
    expect(JSON.parse(viewOf(seed).qemu!.qmp)).toMatchObject({
      execute: 'object-add',
      arguments: { 'qom-type': 'filter-ubpf', 'ip-mode': false },
    });
  });
});

test(
  'a run back stops at a breakpoint where its condition holds, ' +
    'however often it has to be reached on the way forward',
  () => {
    const opened = session('r1 = 0; r1 += 1; if r1 < 9 goto -2; r0 = r1; exit', {
      hook: 'xdp',
      packet: '00'.repeat(14),
    });
    const { inputs } = opened;
    const looped = openSession({
      ...inputs,
      breakpoints: [1],
      rules: [{ pc: 1, condition: 'r1 > 2', hits: 2 }],
    });
    finish(looped.go({ how: 'run' }));
    expect(looped.machine!.registers[1]).toBe(4n);
    finish(looped.go({ how: 'end' }));
    finish(looped.go({ how: 'back-run' }));
    expect(looped.machine!.registers[1]).toBe(8n);
    expect(looped.stopped).toBe('breakpoint at instruction 1');
  },
);

test('back over a call, and back out of it to where it was made', () => {
  const opened = session('r6 = 1; call pc f; r6 += r0; r0 = r6; exit; f: r0 = 3; r0 += 1; exit', {
    hook: 'xdp',
    packet: '00'.repeat(14),
  });
  const at = () => [opened.machine!.steps, opened.machine!.pc];
  finish(opened.go({ how: 'to-step', step: 5 }));
  expect(at()).toEqual([5, 2]);
  finish(opened.go({ how: 'back-over' }));
  expect(at()).toEqual([1, 1]);
  finish(opened.go({ how: 'to-step', step: 4 }));
  finish(opened.go({ how: 'back-over' }));
  expect(at()).toEqual([3, 6]);
  finish(opened.go({ how: 'back-out' }));
  expect(at()).toEqual([1, 1]);
  finish(opened.go({ how: 'back-out' }));
  expect(at()).toEqual([0, 0]);
});
