import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { InputError } from '../errors.ts';
import { readArguments, USAGE } from './arguments.ts';
import { conformanceCommand } from './conformance.ts';
import { disasmCommand, inspectCommand } from './inspect.ts';
import { runCommand } from './run.ts';
import { testCommand } from './test.ts';

/** What stands on standard input. */
let standardInput = '';
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    readFileSync: (path: number | string, encoding?: 'utf8') =>
      path === 0 ? standardInput : fs.readFileSync(path, encoding),
  };
});

const example = (name: string): string => `public/examples/${name}/program.o`;
const tests = (name: string) => `public/examples/${name}/${name}.test.json`;
const SYN =
  '52540012345652540065432108004500002800010000400666c50a0000420a000001' +
  '9c4001bb00000001000000005002200000000000';
const UDP = '020000000001020000000002080045000020000040003c1100000a0102030a0908070fa00035000c0000';
const KCONFIG = 'core/testdata/objects/externs.clang-19-v3-g.o';
const run = (name: string, ...more: string[]): string[] => ['run', example(name), ...more];

const CALLS: readonly (readonly string[])[] = [
  run('xdp-firewall', '--packet', SYN),
  run('xdp-firewall', '--packet', SYN, '--trace'),
  run('xdp-firewall', '--packet', SYN, '--json'),
  run('xdp-firewall', '--packet', SYN, '--json', '--maps', 'all'),
  run('xdp-firewall', '--packet', SYN, '--json', '--maps', 'none'),
  run('xdp-firewall', '--packet', ''),
  run('xdp-firewall'),
  run('xdp-firewall', '--packet', SYN, '--max-steps', '3'),
  run('xdp-firewall', '--packet', SYN, '--max-steps', '3x'),
  run('xdp-firewall', '--packet', SYN, '--map', 'blocked:max_entries=7', '--json'),
  run('xdp-firewall', '--packet', SYN, '--map', 'blocked:max_entries=x'),
  run('xdp-firewall', '--packet', SYN, '--map', 'blocked:size=3'),
  run('xdp-firewall', '--packet', SYN, '--map', 'blocked'),
  run('xdp-firewall', '--packet', SYN, '--map', 'other:max_entries=1'),
  run('tail-calls', '--packet', SYN, '--json'),
  run('tail-calls', '--packet', UDP, '--trace'),
  run('tail-calls', '--packet', UDP, '--program', 'udp'),
  run('rate-limit', '--packet', SYN, '--json', '--set', 'time=99', '--set', 'cpus=2'),
  run('rate-limit', '--packet', SYN, '--json', '--set', 'cpu=1', '--set', 'cpus=2'),
  run('events', '--packet', UDP, '--json', '--set', 'perf_reader=on'),
  run('events', '--packet', UDP, '--set', 'perf_reader=maybe'),
  run('events', '--packet', UDP, '--json', '--maps', 'all', '--set', 'pid=5', '--set', 'comm=me'),
  run('cgroup-accounting', '--packet', UDP, '--json', '--set', 'cgroup=1/7', '--set', 'uid=3'),
  run('cgroup-accounting', '--packet', UDP, '--set', 'cgroup=1/x'),
  run('cgroup-accounting', '--packet', UDP, '--json', '--set', 'classid=9', '--set', 'gid=4'),
  run('tc-rewrite', '--packet', UDP, '--json', '--set', 'context:mark=3', '--set', 'seed=4'),
  run('tc-rewrite', '--packet', UDP, '--set', 'mark=x'),
  run('tc-rewrite', '--packet', UDP, '--set', 'mark'),
  run('tc-rewrite', '--packet', UDP, '--set', 'nothing=1'),
  run('tc-rewrite', '--packet', UDP, '--set', 'variable:nothing=1'),
  run('seed-filter', '--packet', SYN, '--ip-mode', 'off', '--json'),
  run('seed-filter', '--packet', SYN, '--set', 'ip-mode=off', '--set', 'queue=tx', '--json'),
  run('seed-filter', '--packet', SYN, '--set', 'option:queue=none'),
  run('seed-filter', '--packet', SYN, '--engine', 'interpreter'),
  run('out-of-bounds', '--packet', SYN.slice(0, 68)),
  run('out-of-bounds', '--packet', SYN.slice(0, 68), '--trace'),
  run('subprograms', '--packet', UDP, '--trace'),
  run('balancer', '--packet', UDP, '--json', '--maps', 'all'),
  run('router', '--packet', SYN, '--json', '--set', 'ingress_ifindex=2'),
  run('nat', '--packet', UDP, '--packet-file', 'x'),
  run('nat', '--as', 'hex'),
  run('nat', '--packet', SYN, '--as', 'none'),
  run('nat', '--pcap', 'core/testdata/captures/manyif.pcapng'),
  run('nat', '--pcap', 'core/testdata/captures/manyif.pcapng', '--each'),
  run('nat', '--packet-file', 'core/testdata/captures/ec.erf'),
  run('nat', '--packet-file', 'public/examples/nat/program.c'),
  run('nat', '--packet', `${SYN}\n${UDP}`),
  run('nat', 'second'),
  ['run', KCONFIG, '--set', 'CONFIG_HZ=250', '--packet', SYN],
  ['inspect', KCONFIG],
  ['inspect', 'core/testdata/debug/locals-clang19.o'],
  ['inspect', 'core/testdata/core-relocations/kernel.clang-19.o', '--btf', 'own'],
  ['inspect', 'core/testdata/core-relocations/kernel.clang-19.o', '--btf', 'bundled', '--json'],
  ['inspect', example('tunnel'), '--btf', 'package.json'],
  ['inspect', 'core/testdata'],
  ['disasm', example('subprograms')],
  ['disasm', example('subprograms'), '--json'],
  ['disasm', example('tail-calls'), '--program', 'dispatch'],
  ['disasm', example('tail-calls'), '--program', 'dispatch', '--json'],
  ['disasm', example('tail-calls'), '--program', 'nobody'],
  ['disasm', 'core/testdata/debug/printed-1.clang-19-O2-v4-eb.o'],
  ['test', tests('nat'), tests('rate-limit')],
  ['test', tests('seed-filter'), '--object', example('seed-filter-trap'), '--engine', 'jit'],
  ['test', tests('xdp-firewall'), '--object', example('lpm-firewall')],
  ['test', tests('icmp-echo'), '--object', example('vlan-rewrite')],
  ['test'],
  ['disasm'],
  ['inspect', '--unknown'],
  [],
];

const COMMANDS = {
  test: testCommand,
  run: runCommand,
  inspect: inspectCommand,
  disasm: disasmCommand,
  conformance: conformanceCommand,
};

/** What a call writes: its lines, with `! ` what goes to standard error, and how it ends. */
async function said(argv: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  try {
    const args = readArguments(argv)!;
    const status = await COMMANDS[args.command as keyof typeof COMMANDS](
      args,
      (line) => lines.push(line),
      (line) => lines.push(`! ${line}`),
    );
    return [...lines, `status ${status}`];
  } catch (error) {
    if (error instanceof InputError) return [...lines, `! ${error.message}`, 'status 2'];
    throw error;
  }
}

/**
 * What programs do is compared with the kernel elsewhere, and what the command line takes has
 * tests beside this one; this keeps all that it writes.
 */
test('what the command line writes', async () => {
  const texts: string[] = [];
  for (const argv of CALLS) texts.push([`$ ${argv.join(' ')}`, ...(await said(argv))].join('\n'));
  const golden = join(import.meta.dirname, '../testdata/cli/said.txt');
  await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot(golden);
});

describe('the plugin of bpf_conformance', () => {
  const conformance = (program: string, ...memory: string[]): Promise<string[]> => {
    standardInput = program;
    return said(['conformance', ...memory]);
  };
  const EXIT = '9500000000000000';
  test.each([
    ['r0 is printed in hex', [`b7000000ff000000${EXIT}`], ['ff', 'status 0']],
    ['with white space between', [`b7 00 00 00 0a 00 00 00\n${EXIT}\n`], ['a', 'status 0']],
    ['r1 is the memory', [`7110010000000000${EXIT}`, '0aff'], ['ff', 'status 0']],
    ['as many bytes as are given', [`7110020000000000${EXIT}`, '0a0b0c'], ['c', 'status 0']],
    ['a program that is no hex', ['xy'], ['! standard input: is not hex', 'status 2']],
    ['memory that is no hex', [EXIT, 'xy'], ['! memory: is not hex', 'status 2']],
  ] as const)('%s', async (_, given, written) =>
    expect(await conformance(...(given as readonly [string, ...string[]]))).toEqual(written),
  );
  test('a fault is one line on standard error, and status 1', async () => {
    const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await conformance(`7110020000000000${EXIT}`, '0a0b')).toEqual(['status 1']);
    expect(errors.mock.calls).toEqual([
      ['instruction 0 reads 1 byte at memory+2, the memory has 2 bytes\n'],
    ]);
    errors.mockRestore();
  });
});

describe('the program itself', () => {
  const { argv } = process;
  afterEach(() => {
    process.argv = argv;
    process.exitCode = undefined;
    vi.restoreAllMocks();
  });
  async function called(...given: string[]): Promise<[status: unknown, out: string, err: string]> {
    const written = { out: '', err: '' };
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.out += text;
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.err += text;
      return true;
    });
    process.exitCode = undefined;
    process.argv = [argv[0], 'ebpf-playground', ...given];
    vi.resetModules();
    await import('./main.ts');
    await vi.waitFor(() => expect(process.exitCode).toBeDefined(), { timeout: 5000 });
    return [process.exitCode, written.out, written.err];
  }
  test('says how it is called', async () =>
    expect(await called('--help')).toEqual([0, `${USAGE}\n`, '']));
  test('a result is on standard output, what was read on standard error', async () =>
    expect(await called('run', example('xdp-firewall'), '--packet', SYN)).toEqual([
      0,
      expect.stringMatching(/^packet 0: .*XDP_PASS.*\n$/),
      '--packet: read as hex stream, 1 packet\n',
    ]));
  test('a program that faults', async () =>
    expect((await called('run', example('out-of-bounds'), '--packet', SYN.slice(0, 68)))[0]).toBe(
      1,
    ));
  test('a command that is none', async () =>
    expect(await called('walk')).toEqual([
      2,
      '',
      'usage: "walk" is not one of inspect, disasm, run, chain, link, test, conformance\n',
    ]));
});
