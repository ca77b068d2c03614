import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { InputError } from '../errors.ts';
import { inputsFor } from '../session/inputs.ts';
import { encodeFile } from '../share/container.ts';
import { readArguments } from './arguments.ts';
import { disasmCommand, inspectCommand } from './inspect.ts';
import { linkCommand } from './link.ts';
import { runCommand } from './run.ts';

const root = join(import.meta.dirname, '../..');
const example = (name: string) => join(root, 'public/examples', name, 'program.o');
const SYN =
  '52540012345652540065432108004500002800010000400666c50a0000420a0000019c4001bb00' +
  '000001000000005002200000000000';

async function call(
  ...argv: string[]
): Promise<{ status: number; lines: string[]; notes: string[] }> {
  const lines: string[] = [];
  const notes: string[] = [];
  const args = readArguments(argv)!;
  const commands = {
    run: runCommand,
    link: linkCommand,
    inspect: inspectCommand,
    disasm: disasmCommand,
  };
  const status = await commands[args.command as keyof typeof commands](
    args,
    (line) => lines.push(line),
    (line) => notes.push(line),
  );
  return { status, lines, notes };
}

describe('run --json is a contract', () => {
  test('one object a packet, with exactly these keys', async () => {
    const { status, lines } = await call('run', example('xdp-firewall'), '--packet', SYN, '--json');
    expect(status).toBe(0);
    const [result] = lines.map((line) => JSON.parse(line));
    expect(Object.keys(result)).toEqual([
      'packet',
      'program',
      'hook',
      'ran',
      'verdict',
      'r0',
      'steps',
      'fault',
      'packetOut',
      'maps',
      'printk',
    ]);
    expect(result).toMatchObject({
      packet: 0,
      program: 'firewall',
      hook: 'xdp',
      ran: true,
      verdict: { name: 'XDP_PASS', code: 2, action: 'pass' },
      r0: '0x2',
      fault: null,
      packetOut: SYN,
      maps: { blocked: [] },
      printk: [],
    });
  });
  test('r0 is in hex, as a number without sign', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'r0-'));
    const of = async (source: string) => {
      const path = join(folder, 'x.bin');
      writeFileSync(path, assemble(source));
      const { lines } = await call('run', path, '--hook', 'ubpf', '--packet', '00', '--json');
      return JSON.parse(lines[0]).r0;
    };
    expect(await of('r0 = 18; exit')).toBe('0x12');
    expect(await of('r0 = -2; exit')).toBe('0xfffffffffffffffe');
  });
  test('a fault ends with status 1', async () => {
    const { status, lines } = await call(
      'run',
      example('out-of-bounds'),
      '--packet',
      SYN.slice(0, 68),
      '--json',
    );
    expect(status).toBe(1);
    expect(JSON.parse(lines[0])).toMatchObject({
      verdict: { name: 'XDP_ABORTED', action: 'aborted' },
      fault: { kind: 'out-of-bounds', pc: 7, message: expect.stringContaining('packet+36') },
      r0: null,
    });
  });
  test('a frame that bypasses the program did not run', async () => {
    const { lines } = await call(
      'run',
      example('seed-filter'),
      '--packet',
      'ffffffffffff5254006543210806',
      '--json',
    );
    expect(JSON.parse(lines[0])).toMatchObject({
      ran: false,
      verdict: { name: 'pass', code: null, action: 'pass' },
      steps: 0,
    });
  });
  test('maps go on from packet to packet', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cli-'));
    const packets = ['a', 'b'].map((name) => ({
      name,
      bytes: Uint8Array.from(Buffer.from(SYN, 'hex')),
    }));
    const inputs = {
      ...inputsFor('program.o', new Uint8Array(readFileSync(example('xdp-firewall')))),
      packets,
      maps: [{ map: 'blocked', key: '0a000042', value: '00'.repeat(16) }],
    };
    writeFileSync(join(folder, 'session'), await encodeFile({ inputs, hash: '' }));
    const { lines } = await call('run', join(folder, 'session'), '--json');
    expect(lines.map((line) => JSON.parse(line).maps.blocked[0].value.slice(0, 2))).toEqual([
      '01',
      '02',
    ]);
  });
  test('a link runs as what it was made from', async () => {
    const {
      lines: [link],
    } = await call('link', example('seed-filter'), '--packet', SYN, '--ip-mode', 'off');
    const { lines } = await call('run', link, '--json');
    const direct = await call(
      'run',
      example('seed-filter'),
      '--packet',
      SYN,
      '--ip-mode',
      'off',
      '--json',
    );
    expect(lines).toEqual(direct.lines);
  });
});

describe('how packets were read is said on standard error', () => {
  /** What a call writes there, without the name of the file. */
  async function saidOf(text: string | Uint8Array, ...more: string[]): Promise<string[]> {
    const file = join(mkdtempSync(join(tmpdir(), 'cli-')), 'packet.txt');
    writeFileSync(file, text);
    const { notes } = await call('run', example('xdp-firewall'), '--packet-file', file, ...more);
    return notes.map((line) => line.replace(`${file}: `, ''));
  }

  test('dialect, what was left out, what was made up', async () =>
    expect(
      await saidOf(
        'IP 10.0.0.2.1 > 1.1.1.1.2: UDP, length 1\n\t0x0000: ' +
          ' 4500 001d 0001 0000 4011 6ecd 0a00 0002\n\t0x0010:  0101 0101 0001 0002 0009 0000 61\n',
      ),
    ).toEqual([
      'read as tcpdump -x, 1 packet',
      'Ethernet header made up for 1 packet: tcpdump -x does not show it.',
      '1 line without bytes skipped.',
    ]));

  test('other readings, and --as takes one', async () => {
    const line = '0102030405060708090a0b0c0d0e0f10';
    const text = `${line}\n${line}\n`;
    expect(await saidOf(text)).toEqual([
      'read as hex stream in lines (xxd -p), 1 packet',
      'could also be read as hex digits, a packet in each line: --as hex-lines',
    ]);
    expect((await saidOf(text, '--as', 'hex-lines'))[0]).toBe(
      'read as hex stream in lines (xxd -p), 2 packets',
    );
  });

  test('UTF-16 of Windows', async () =>
    expect(await saidOf(new Uint8Array(Buffer.from(`\ufeff${SYN}`, 'utf16le')))).toEqual([
      'read as hex stream, 1 packet',
    ]));

  test('a text that is no packet is called by its file and what it is', async () =>
    await expect(saidOf('int main(void) {\n  return 0;\n}\n')).rejects.toThrow(
      /packet\.txt: line 1: is C source/,
    ));
});

describe('bad input is an InputError, which ends with status 2', () => {
  test.each([
    [['run', 'nowhere.o'], 'nowhere.o: does not exist'],
    [['run', example('seed-filter'), '--program', 'x'], 'has no program "x"'],
    [['run', example('seed-filter'), '--packet', 'zz'], 'is not a hex digit'],
    [['run', example('seed-filter'), '--hook', 'kprobe'], '--hook: "kprobe" is not one of'],
    [
      ['run', example('seed-filter'), '--engine', 'native'],
      '--engine: "native" is not one of interpreter, jit',
    ],
    [['run', example('seed-filter'), '--max-steps', '0'], 'is not a number of steps'],
    [['run'], 'takes one object'],
    [['run', 'a', '--packet', '00', '--pcap', 'x'], 'give one of'],
    [['run', 'a', '--packet', '00', '--each'], '--each and --write-pcap are for captures'],
    [['run', 'a', '--write-pcap', 'x'], '--each and --write-pcap are for captures'],
    [['inspect', join(root, 'package.json')], 'neither ELF'],
  ])('%j', async (argv, message) => {
    await expect(call(...argv).catch((error) => Promise.reject(error))).rejects.toThrow(InputError);
    await expect(call(...argv)).rejects.toThrow(message);
  });
});

describe('inspect and disasm', () => {
  test('inspect tells programs, hooks, maps', async () => {
    const { lines } = await call('inspect', example('tail-calls'), '--json');
    const view = JSON.parse(lines[0]);
    expect(
      view.programs.map((row: { name: string; hook: string }) => [row.name, row.hook]).sort(),
    ).toEqual([
      ['dispatch', 'xdp'],
      ['tcp', 'xdp'],
      ['udp', 'xdp'],
    ]);
    expect(view.maps[0]).toMatchObject({ name: 'protocols', type: 'prog_array' });
  });
  test('inspect tells the variables of the source and where they are', async () => {
    const { lines } = await call('inspect', example('xdp-firewall'), '--json');
    const { variables } = JSON.parse(lines[0]).debug;
    expect(variables).toEqual(
      expect.arrayContaining([
        { scope: 'firewall', declaration: 'struct xdp_md *ctx', places: ['0..32: DW_OP_reg1'] },
        {
          scope: 'firewall',
          declaration: 'struct iphdr *ip',
          places: ['24..200: DW_OP_breg7 +14, DW_OP_stack_value'],
        },
        { scope: 'firewall', declaration: 'void *data', places: [] },
      ]),
    );
  });
  test('disasm gives LLVM text', async () => {
    const { lines } = await call('disasm', example('seed-filter'), '--json');
    expect(lines.map((line) => JSON.parse(line).text)).toEqual([
      'r1 = *(u32 *)(r1 + 0x10)',
      'r0 = 0x1',
      'if r1 == 0x1010101 goto +0x1',
      'r0 = 0x0',
      'exit',
    ]);
  });
  test('disasm of a program shows names and source lines', async () => {
    const { lines } = await call('disasm', example('xdp-firewall'), '--program', 'firewall');
    expect(lines.join('\n')).toMatch(/bpf_map_lookup_elem[\s\S]*/);
    expect(lines.some((line) => /^; .*program\.c:\d+: /.test(line))).toBe(true);
  });
});

describe('CO-RE relocations', () => {
  const relocated = (name: string) => join(root, 'core/testdata/core-relocations', name);
  const object = relocated('programs.clang-19-v3.o');

  test('inspect shows what became of each, with the types that --btf names', async () => {
    const own = await call('inspect', object, '--json');
    // None of the types are the kernel's, and still it is the kernel that a loader asks.
    expect(JSON.parse(own.lines[0]).kernelTypes).toBe('Linux 6.18, bundled');
    const folder = mkdtempSync(join(tmpdir(), 'ebpf-'));
    const elf = new Uint8Array(readFileSync(relocated('target.clang-19.o')));
    elf[18] = 62;
    writeFileSync(join(folder, 'vmlinux'), elf);
    writeFileSync(join(folder, 'vmlinux.gz'), gzipSync(elf));
    for (const name of ['vmlinux', 'vmlinux.gz']) {
      const { lines } = await call('inspect', object, '--btf', join(folder, name));
      const text = lines.join('\n');
      expect(text).toContain(`CO-RE relocations, with the types of ${name}`);
      expect(text).toMatch(/field_byte_offset +struct moved.second +4 +-> 8/);
      expect(text).toMatch(/struct gone.missing +4 +poisoned: no such field in the target types/);
    }
    await expect(call('inspect', object, '--btf', example('xdp-firewall'))).rejects.toThrow(
      'is neither BTF nor',
    );
  });

  test('a run stops at an instruction that has none', async () => {
    const { status, lines } = await call(
      'run',
      object,
      '--program',
      'read_missing',
      '--btf',
      'bundled',
      '--json',
    );
    expect(status).toBe(1);
    expect(JSON.parse(lines[0]).fault).toMatchObject({ kind: 'failed-relocation', pc: 0 });
  });
});

describe('captures on the command line', () => {
  const capture = (name: string) => join(root, 'core/testdata/captures', name);
  const firewall = example('xdp-firewall');

  test('c02: what was left out is said, and packets say their number in the file', async () => {
    const { lines, notes } = await call(
      'run',
      firewall,
      '--pcap',
      capture('manyif.pcapng'),
      '--each',
    );
    expect(notes).toContain(`${capture('manyif.pcapng')}: 1 packet of IEEE 802.11 left out.`);
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'packet 0',
      'packet 1',
      'packet 2',
      'packet 3 (manyif.pcapng #5)',
    ]);
    const { lines: json } = await call(
      'run',
      firewall,
      '--pcap',
      capture('manyif.pcapng'),
      '--json',
    );
    expect(json.map((line) => JSON.parse(line).name)).toEqual(
      [1, 2, 3, 5].map((n) => `manyif.pcapng #${n}`),
    );
  });

  test.each(['gz.pcap.gz', 'gz.pcapng.gz', 'zst.pcap.zst', 'kuznetzov.pcap', 'ec.snoop'])(
    'c03: %s',
    async (name) => {
      for (const option of [['--each', '--pcap'], ['--packet-file']]) {
        const { lines, notes, status } = await call('run', firewall, ...option, capture(name));
        expect([lines.length, notes, status]).toEqual([8, [`${capture(name)}: read 8 packets`], 0]);
      }
    },
  );

  test('every packet of a long capture is run', async () => {
    const header = new Uint8Array(Uint32Array.of(0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1).buffer);
    const bytes = Buffer.concat([
      header,
      ...Array.from({ length: 5000 }, () =>
        Buffer.from(Uint32Array.of(1, 0, 14, 14, 0, 0, 0, 0).buffer).subarray(0, 30),
      ),
    ]);
    const path = join(mkdtempSync(join(tmpdir(), 'capture-')), 'long.pcap');
    writeFileSync(path, bytes);
    const { lines, notes } = await call('run', firewall, '--pcap', path, '--each');
    expect([lines.length, notes]).toEqual([5000, [`${path}: read 5000 packets`]]);
    const link = await call('link', firewall, '--pcap', path);
    expect(link.notes).toEqual([
      `${path}: read 4096 packets`,
      `${path}: Only the first 4096 of 5000 packets were read.`,
    ]);
  });
});
