import { describe, expect, test } from 'vitest';
import { finish, type Session } from '../session/session.ts';
import { run, session } from '../testing/run.ts';
import { runWithMaps, withMaps } from '../testing/with-maps.ts';
import {
  describeNext,
  describeStep,
  hex64,
  placeOf,
  registerText,
  writtenRegisters,
} from './describe.ts';

const PACKET = '0102030405060708090a0b0c0d0e';

/** What is said of each step of a program, the last one included. */
function said(opened: Session): string[] {
  const texts: string[] = [];
  finish(opened.go({ how: 'reset' }));
  expect(describeStep(opened.machine!, opened.hook, [])).toBeUndefined();
  while (opened.machine!.status === 'running') {
    finish(opened.go({ how: 'into' }));
    const step = describeStep(opened.machine!, opened.hook, opened.object.externs)!;
    texts.push(`${step.pc}: ${step.text}${step.branch ? ` [${step.branch}]` : ''}`);
  }
  return texts;
}
const xdp = (source: string) => said(session(source, { hook: 'xdp', packet: PACKET }));

describe('what the next step comes to', () => {
  const next = (source: string, step: number): string | undefined => {
    const opened = session(source, { hook: 'xdp', packet: PACKET });
    finish(opened.go({ how: 'to-step', step }));
    return describeNext(opened.machine!);
  };
  const SOURCE = 'r2 = *(u32 *)(r1 + 0); r3 = r2; w4 = -1; r5 = -1; r0 = 2; exit';
  test.each([
    ['a pointer that is copied', 1, 'r3 becomes packet+0.'],
    ['a 32-bit move clears the upper half', 2, 'r4 becomes 0xffffffff.'],
    ['a 64-bit move extends the sign', 3, 'r5 becomes 0xffffffffffffffff.'],
    ['a load is told by its own sentence', 0, undefined],
    ['so is exit', 5, undefined],
  ])('%s', (_title, step, text) => expect(next(SOURCE, step)).toBe(text));
  test('a register that was never written becomes nothing: it is a fault', () =>
    expect(next('r3 = r9; r0 = 0; exit', 0)).toBeUndefined());
});

describe('what a step did, in a line', () => {
  test('numbers and addresses', () =>
    expect(xdp('r2 = *(u32 *)(r1 + 0); r3 = r2; r3 += 14; r0 = 0x1234; w0 += 1; exit')).toEqual([
      '0: r2 = packet+0',
      '1: r3 = packet+0',
      '2: r3 = packet+14',
      '3: r0 = 0x1234',
      '4: r0 = 0x1235',
      '5: returns 0x1235',
    ]));
  test('memory: how much, where, what', () =>
    expect(
      xdp(
        'r2 = *(u32 *)(r1 + 0); r3 = *(u16 *)(r2 + 12); r4 = *(u8 *)(r2 + 0); ' +
          '*(u32 *)(r10 - 8) = 7; r0 = 2; exit',
      ),
    ).toEqual([
      '0: r2 = packet+0',
      '1: reads 2 bytes at packet+12 (0d0e); r3 = 0xe0d',
      '2: reads 1 byte at packet+0 (01); r4 = 0x1',
      '3: writes 4 bytes at stack-8 (07000000)',
      '4: r0 = 0x2',
      '5: returns 0x2',
    ]));
  test('branches', () =>
    expect(
      xdp('r2 = 5; if r2 > 4 goto +1; r0 = 1; if r2 > 5 goto +1; goto +0; r0 = 2; exit'),
    ).toEqual([
      '0: r2 = 0x5',
      '1: jumps to 3 [taken]',
      '3: does not jump [not taken]',
      '4: jumps',
      '5: r0 = 0x2',
      '6: returns 0x2',
    ]));
  test('calls of helpers with 0, 2, 3 and 5 arguments', () =>
    expect(
      xdp(
        'r6 = r1; call bpf_get_smp_processor_id; r1 = r6; r2 = 0; call bpf_xdp_adjust_head; ' +
          'r1 = 3; r2 = 0; call bpf_redirect; r0 = 2; exit',
      ).filter((text) => text.includes('(')),
    ).toEqual([
      '1: bpf_get_smp_processor_id() = 0x0',
      '4: bpf_xdp_adjust_head(context+0, 0x0) = 0x0',
      '7: bpf_redirect(0x3, 0x0) = 0x4',
    ]));
  test('failures by their name', () => {
    expect(xdp('r6 = r1; r2 = 9999; call bpf_xdp_adjust_head; r0 = 2; exit')[2]).toBe(
      '2: bpf_xdp_adjust_head(context+0, 0x270f) = -EINVAL (-22, an argument is not valid)',
    );
    const source =
      '*(u32 *)(r10 - 4) = 9; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ' +
      'call bpf_map_delete_elem; r0 = 2; exit';
    expect(said(withMaps(source, [{ type: 1 }]))[4]).toBe(
      '5: bpf_map_delete_elem(map m0, stack-4) = -ENOENT (-2, there is no such entry); ' +
        'reads 4 bytes at stack-4 (09000000)',
    );
  });
  test('a comparison that answers a negative number has not failed', () => {
    const source =
      '*(u64 *)(r10 - 8) = 0x61; *(u64 *)(r10 - 16) = 0x62; r1 = r10; r1 += -8; r2 = 2; ' +
      'r3 = r10; r3 += -16; call bpf_strncmp; r0 = 2; exit';
    expect(xdp(source).find((text) => text.includes('strncmp'))).toMatch(
      /^7: bpf_strncmp\(stack-8, 0x2, stack-16\) = -1; /,
    );
  });
  test('a map value, and the pointer to it', () => {
    const source =
      '*(u32 *)(r10 - 4) = 3; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ' +
      'call bpf_map_lookup_elem; r0 += 1; *(u8 *)(r0 + 2) = 9; r0 = 2; exit';
    expect(said(withMaps(source, [{}])).slice(3)).toEqual([
      '3: r1 = map m0',
      '5: bpf_map_lookup_elem(map m0, stack-4) = map m0[3]+0; reads 4 bytes at stack-4 (03000000)',
      '6: r0 = map m0[3]+1',
      '7: writes 1 byte at map m0[3]+3 (09)',
      '8: r0 = 0x2',
      '9: returns 0x2',
    ]);
  });
  test('functions of the program', () =>
    expect(xdp('call pc f; exit; f: r0 = 9; exit')).toEqual([
      '0: enters the function',
      '2: r0 = 0x9',
      '3: returns 0x9',
      '1: returns 0x9',
    ]));
  test('the address of a callback', () =>
    expect(xdp('ld_pseudo r2, 0x4, 2; r0 = 2; exit; r0 = 0; exit')[0]).toBe(
      '0: r2 = function at 3',
    ));
  test('a fault', () =>
    expect(xdp('r2 = *(u32 *)(r1 + 0); r0 = *(u8 *)(r2 + 14); exit')).toEqual([
      '0: r2 = packet+0',
      '1: instruction 1 reads 1 byte at packet+14, the packet has 14 bytes',
    ]));
  test('more than eight bytes are cut', () => {
    const source =
      'r6 = r1; r2 = 0; r3 = r10; r3 += -16; r4 = 9; call bpf_xdp_load_bytes; r0 = 2; exit';
    expect(xdp(source)[5]).toBe(
      '5: bpf_xdp_load_bytes(context+0, 0x0, stack-16, 0x9) = 0x0; ' +
        'reads 9 bytes at packet+0 (0102030405060708…); ' +
        'writes 9 bytes at stack-16 (0102030405060708…)',
    );
  });
});

test('registers a step wrote, with what they held', () => {
  const opened = session('r6 = 5; r6 = 7; r7 = 0; exit', { hook: 'xdp', packet: PACKET });
  const written = () => [...writtenRegisters(opened.machine!)];
  finish(opened.go({ how: 'reset' }));
  expect(written()).toEqual([]);
  finish(opened.go({ how: 'into' }));
  expect(written()).toEqual([[6, 0n]]);
  finish(opened.go({ how: 'into' }));
  expect(written()).toEqual([[6, 5n]]);
  finish(opened.go({ how: 'into' }));
  expect(written()).toEqual([[7, 0n]]);
});

test('numbers, names of values and of places', () => {
  expect([hex64(0n), hex64(1n), hex64((1n << 64n) - 1n)]).toEqual([
    '0x0000000000000000',
    '0x0000000000000001',
    '0xffffffffffffffff',
  ]);
  const opened = session('r0 = 2; exit', { hook: 'xdp', packet: PACKET });
  const machine = opened.machine!;
  const { data, end } = machine.packet;
  expect([
    placeOf(machine, data),
    placeOf(machine, end - 1),
    placeOf(machine, machine.memory.top + 99),
  ]).toEqual(['packet+0', 'packet+13', 'packet']);
  expect([registerText(machine, 0n), registerText(machine, machine.registers[10])]).toEqual([
    '0x0',
    'stack+0',
  ]);
});

describe('lines of bpf_trace_printk', () => {
  /** Puts text on the stack, NUL behind it, and prints it with three values. */
  function printed(format: string, values: string[] = []) {
    const bytes = [...new TextEncoder().encode(`${format}\0`)];
    const room = Math.ceil(bytes.length / 8) * 8;
    const stores = bytes.map((byte, i) => `*(u8 *)(r10 - ${room - i}) = ${byte}`);
    const loads = [3, 4, 5].map((register, i) => `r${register} = ${values[i] ?? '0'}`);
    const source = [
      ...stores,
      'r6 = r1',
      `r1 = r10; r1 += -${room}`,
      `r2 = ${bytes.length}`,
      ...loads,
      'call bpf_trace_printk',
      'exit',
    ];
    const opened = session(source.join('; '), { hook: 'xdp', packet: PACKET });
    finish(opened.go({ how: 'end' }));
    return [opened.outcome!.r0, opened.machine!.printk.map(({ text }) => text)];
  }
  const EINVAL = BigInt.asUintN(64, -22n);
  test.each<[string, string[], bigint, string[]]>([
    ['plain', [], 5n, ['plain']],
    ['a line\n', [], 7n, ['a line']],
    ['%d %u %x', ['-1', '7', '255'], 7n, ['-1 7 ff']],
    ['%lld', ['-5'], 2n, ['-5']],
    ['100%%', [], 4n, ['100%']],
    ['%c%c', ['72', '105'], 2n, ['Hi']],
    ['%5d|', ['42'], 6n, ['   42|']],
    // bpf_bprintf_prepare: a string that cannot be read is an empty one.
    ['%s', ['0'], 0n, ['']],
    ['%s!', ['0x1234567'], 1n, ['!']],
    ['%d %d %d %d', ['1', '2', '3'], EINVAL, []],
    ['%y', ['1'], EINVAL, []],
  ])('%s', (format, values, length, lines) =>
    expect(printed(format, values)).toEqual([length, lines]),
  );
  test('%s of text that is there', () => {
    const source = `*(u64 *)(r10 - 8) = 0x7325; *(u64 *)(r10 - 16) = 0x6f6c6568; r6 = r1
      r1 = r10; r1 += -8; r2 = 3; r3 = r10; r3 += -16; call bpf_trace_printk; exit`;
    const opened = session(source, { hook: 'xdp', packet: PACKET });
    finish(opened.go({ how: 'end' }));
    expect([opened.outcome!.r0, opened.machine!.printk]).toEqual([4n, [{ step: 9, text: 'helo' }]]);
  });
  test('a format without its end is refused', () => {
    const source =
      '*(u64 *)(r10 - 8) = 0x61616161; r1 = r10; r1 += -8; r2 = 4; call bpf_trace_printk; exit';
    expect(run(source, { hook: 'xdp', packet: PACKET }).r0).toBe(EINVAL);
  });
});

describe('dynptrs of memory and of the packet', () => {
  const FROM_MEM =
    '*(u64 *)(r10 - 16) = 0x11223344; *(u64 *)(r10 - 8) = 0x55; r6 = r1; ld_pseudo r1, 0x2, 0; ' +
    'r2 = 8; r3 = 0; r4 = r10; r4 += -32; call bpf_dynptr_from_mem';
  const GLOBALS = {
    name: '.bss',
    origin: 'global',
    initialValue: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    maxEntries: 1,
  } as const;
  const kfuncs = [
    'bpf_dynptr_slice',
    'bpf_dynptr_size',
    'bpf_dynptr_adjust',
    'bpf_dynptr_is_null',
    'bpf_dynptr_from_xdp',
  ];
  const answer = (source: string) => {
    const { r0, fault } = runWithMaps(`${source}; exit`, [GLOBALS], { kfuncs, packet: PACKET });
    return fault ? fault.message : r0;
  };
  const slice = (offset: number, length: number) =>
    `r1 = r10; r1 += -32; r2 = ${offset}; r3 = 0; r4 = ${length}; call btf 0 mod 0`;
  test('a slice of memory is the memory itself', () => {
    expect(answer(`${FROM_MEM}; ${slice(0, 8)}; r0 = *(u64 *)(r0 + 0)`)).toBe(
      0x0807_0605_0403_0201n,
    );
    expect(answer(`${FROM_MEM}; ${slice(7, 1)}; r0 = *(u8 *)(r0 + 0)`)).toBe(8n);
    expect(answer(`${FROM_MEM}; ${slice(8, 0)}; r0 = *(u8 *)(r0 + 0)`)).toMatch(
      /reads 1 byte at \.bss\+8/,
    );
    expect([answer(`${FROM_MEM}; ${slice(8, 1)}`), answer(`${FROM_MEM}; ${slice(0, 9)}`)]).toEqual([
      0n,
      0n,
    ]);
  });
  test('one of a part counts from the part', () => {
    const adjust = (start: number, end: number) =>
      `r1 = r10; r1 += -32; r2 = ${start}; r3 = ${end}; call btf 2 mod 0`;
    expect(answer(`${FROM_MEM}; ${adjust(2, 6)}; ${slice(0, 1)}; r0 = *(u8 *)(r0 + 0)`)).toBe(3n);
    expect(answer(`${FROM_MEM}; ${adjust(2, 6)}; ${slice(3, 1)}; r0 = *(u8 *)(r0 + 0)`)).toBe(6n);
    expect(answer(`${FROM_MEM}; ${adjust(2, 6)}; ${slice(4, 1)}`)).toBe(0n);
    expect(answer(`${FROM_MEM}; ${adjust(2, 6)}; r1 = r10; r1 += -32; call btf 1 mod 0`)).toBe(4n);
    const [EINVAL, ERANGE] = [-22n, -34n].map((number) => BigInt.asUintN(64, number));
    expect([
      answer(`${FROM_MEM}; ${adjust(3, 2)}`),
      answer(`${FROM_MEM}; ${adjust(0, 9)}`),
      answer(`${FROM_MEM}; ${adjust(8, 8)}`),
    ]).toEqual([EINVAL, ERANGE, 0n]);
  });
  test('a slice of the packet', () => {
    const made = 'r6 = r1; r2 = 0; r3 = r10; r3 += -32; call btf 4 mod 0';
    expect(answer(`${made}; ${slice(13, 1)}; r0 = *(u8 *)(r0 + 0)`)).toBe(0x0en);
    expect(answer(`${made}; ${slice(13, 2)}`)).toBe(0n);
    expect(answer(`${made}; r1 = r10; r1 += -32; call btf 1 mod 0`)).toBe(14n);
    expect(answer(`${made}; r1 = r10; r1 += -32; call btf 3 mod 0`)).toBe(0n);
    expect(
      answer(
        'r6 = r1; r2 = 1; r3 = r10; r3 += -32; call btf 4 mod 0; r1 = r10; r1 += -32; ' +
          'call btf 3 mod 0',
      ),
    ).toBe(1n);
  });
  test('reading and writing', () => {
    const [E2BIG, EINVAL] = [-7n, -22n].map((number) => BigInt.asUintN(64, number));
    const read = (offset: number, length: number, flags = 0) =>
      `r1 = r10; r1 += -48; r2 = ${length}; r3 = r10; r3 += -32; ` +
      `r4 = ${offset}; r5 = ${flags}; call bpf_dynptr_read`;
    expect(
      answer(`${FROM_MEM}; *(u64 *)(r10 - 48) = 0; ${read(6, 2)}; r0 = *(u64 *)(r10 - 48)`),
    ).toBe(0x0807n);
    expect([answer(`${FROM_MEM}; ${read(6, 3)}`), answer(`${FROM_MEM}; ${read(0, 1, 1)}`)]).toEqual(
      [E2BIG, EINVAL],
    );
    const write = (offset: number, length: number) =>
      `r1 = r10; r1 += -32; r2 = ${offset}; r3 = r10; r3 += -16; r4 = ${length}; r5 = 0; ` +
      `call bpf_dynptr_write`;
    expect(answer(`${FROM_MEM}; ${write(5, 3)}; ${slice(0, 8)}; r0 = *(u64 *)(r0 + 0)`)).toBe(
      0x2233_4405_0403_0201n,
    );
    expect(answer(`${FROM_MEM}; ${write(6, 3)}`)).toBe(E2BIG);
  });
});
