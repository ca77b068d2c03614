import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { viewOf } from '../testing/page.ts';
import { openSession } from '../testing/run.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { evaluate, variablesOf } from '../view/variables-view.ts';
import { explainResult } from '../why/why.ts';
import { inputsFor } from './inputs.ts';
import { finish } from './session.ts';

const example = join(import.meta.dirname, '../../public/examples/seed-filter/program.o');
const IPV4 =
  '52540012345652540065432108004500002800010000400666c50a0000420a0000019c4001bb00' +
  '000001000000005002200000000000';
const ARP = 'ffffffffffff52540065432108060001080006040001525400654321c0a80001000000000000c0a80002';
const VLAN = '52540012345652540065432181000064080045000028000100004006';

const opened = (packet: number) =>
  openSession({
    ...inputsFor('program.o', new Uint8Array(readFileSync(example))),
    packets: [IPV4, ARP, VLAN, IPV4].map((hex, i) => ({
      name: `packet ${i}`,
      bytes: fromHex(hex)!,
    })),
    packet,
  });

describe('a packet that the hook does not give to the program is shown as itself', () => {
  test.each([
    ['ARP', 1, ARP, 'only IPv4 is looked at'],
    ['a tagged frame', 2, VLAN, '802.1Q'],
  ])('%s', (_title, packet, hex, why) => {
    const session = opened(packet);
    const snapshot = snapshotOf(session);
    expect(snapshot).toMatchObject({
      status: 'bypassed',
      step: 0,
      totalSteps: 0,
      frames: [],
      context: [],
      output: [],
    });
    expect(snapshot.stopped).toBe(session.bypass);
    expect(session.bypass).toContain(why);
    expect(snapshot.verdict).toEqual({
      name: 'pass',
      action: 'pass',
      text: 'QEMU filter-ubpf: pass, the program did not run',
      reason: `The program did not run: ${session.bypass}.`,
    });
    expect(toHex(snapshot.packetMemory.bytes)).toBe(hex);
    const { bytes: _, ...marks } = snapshot.packetMemory;
    expect(marks).toEqual({
      changed: [],
      read: [],
      written: [],
      everRead: [],
      everWritten: [],
      carets: [],
    });
    expect(snapshot.registers.map(({ unset, hex: value }) => [unset, BigInt(value)])).toEqual(
      Array.from({ length: 11 }, (_, n) => [true, n === 10 ? expect.anything() : 0n]),
    );
    expect(snapshot.regions.map(({ name }) => name)).toEqual([]);
    expect(snapshot.pc).toBeUndefined();
    expect(variablesOf(session, 0, new Map()).scopes).toEqual([]);
    expect(evaluate(session, 0, 'r1')).toMatchObject({ error: 'has no value here' });
    expect(toHex(session.outcome!.packetOut)).toBe(hex);
    expect(viewOf(session).packetRows.rows.map(({ verdict }) => verdict?.name)).toEqual([
      'pass',
      'pass',
      'pass',
      'pass',
    ]);
  });
  test('the packets around it run as ever', () => {
    const snapshot = snapshotOf(opened(3));
    expect(snapshot).toMatchObject({ status: 'paused', step: 0 });
    expect(toHex(snapshot.packetMemory.bytes)).toBe(IPV4);
    expect(snapshot.registers[1]).toMatchObject({ unset: false, meaning: 'packet+14' });
  });
});

test('why its verdict: because the program did not run, by the bytes that say what it is', () => {
  const session = opened(1);
  const { text, pcs, steps, totalSteps, causes, branches, lookups } = finish(
    explainResult(session, undefined),
  );
  expect(text).toBe(`QEMU filter-ubpf: pass, the program did not run: ${session.bypass}.`);
  expect({ pcs, steps, totalSteps, branches, lookups }).toEqual({
    pcs: [],
    steps: 0,
    totalSteps: 0,
    branches: [],
    lookups: [],
  });
  expect(causes.map(({ what, says }) => `${what} ${says}`)).toEqual([
    'byte 12 keeps the program from running',
    'byte 13 keeps the program from running',
    'byte 14 keeps the program from running',
  ]);
});
