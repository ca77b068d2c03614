import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parseElf } from '../object/elf/elf.ts';
import { readArguments } from './arguments.ts';
import { disasmCommand, inspectCommand } from './inspect.ts';
import { linkCommand } from './link.ts';
import { runCommand } from './run.ts';

const root = join(import.meta.dirname, '../..');
const example = (name: string) => join(root, 'public/examples', name, 'program.o');
const SYN =
  '52540012345652540065432108004500002800010000400666c50a0000420a0000019c4001bb00' +
  '000001000000005002200000000000';

async function call(...argv: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const args = readArguments(argv)!;
  const commands = {
    run: runCommand,
    link: linkCommand,
    inspect: inspectCommand,
    disasm: disasmCommand,
  };
  const quiet = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const command = commands[args.command as keyof typeof commands];
    return {
      status: await command(
        args,
        (line) => lines.push(line),
        () => {},
      ),
      lines,
    };
  } finally {
    quiet.mockRestore();
  }
}

describe('exit status and lines', () => {
  test.each([
    ['a link', ['link', example('xdp-firewall'), '--packet', SYN]],
    ['inspect', ['inspect', example('xdp-firewall')]],
    ['inspect of bytecode as JSON', ['inspect', example('xdp-firewall'), '--json']],
    ['disasm', ['disasm', example('xdp-firewall')]],
    ['disasm of a program', ['disasm', example('xdp-firewall'), '--program', 'firewall']],
    ['disasm as JSON', ['disasm', example('xdp-firewall'), '--json']],
    ['a run', ['run', example('xdp-firewall'), '--packet', SYN]],
  ])('%s ends with 0', async (_title, argv) => expect((await call(...argv)).status).toBe(0));
  test('link is one line, a fragment', async () => {
    const { lines } = await call('link', example('xdp-firewall'), '--packet', SYN);
    expect(lines.map((line) => /^#v2\.[\w-]+$/.test(line))).toEqual([true]);
  });
  test('inspect --json is one line of JSON', async () => {
    const { lines } = await call('inspect', example('xdp-firewall'), '--json');
    expect(lines.length).toBe(1);
    expect(JSON.parse(lines[0])).toMatchObject({
      name: 'program.o',
      programs: [{ name: 'firewall' }],
    });
  });
  test('two operands are one too many', async () =>
    expect(call('inspect', 'a', 'b')).rejects.toThrow(
      'usage: inspect takes one object, 2 were given',
    ));
  test('a file that is not there', async () =>
    expect(call('inspect', '/no/such/file.o')).rejects.toThrow('/no/such/file.o: does not exist'));
});

describe('flags', () => {
  const verdict = async (...argv: string[]) => {
    const { lines } = await call('run', ...argv, '--json');
    return JSON.parse(lines[0]) as { hook: string; verdict: { name: string }; program: string };
  };
  test('--hook is what the program runs as', async () => {
    expect((await verdict(example('xdp-firewall'), '--packet', SYN)).hook).toBe('xdp');
    expect((await verdict(example('xdp-firewall'), '--packet', SYN, '--hook', 'tc')).hook).toBe(
      'tc',
    );
    expect((await verdict(example('xdp-firewall'), '--packet', SYN, '--hook', 'ubpf')).hook).toBe(
      'ubpf',
    );
  });
  test('--ip-mode over a link keeps its other options', async () => {
    const { decodeLink, encodeLink } = await import('../share/container.ts');
    const { lines } = await call('link', example('seed-filter'), '--packet', SYN);
    const shared = await decodeLink(lines[0]);
    const options: [string, string][] = [
      ['queue', 'rx'],
      ['ip-mode', 'on'],
    ];
    const link = `#${await encodeLink({ ...shared, inputs: { ...shared.inputs, options } })}`;
    const again = await call('link', link, '--ip-mode', 'off');
    expect((await decodeLink(again.lines[0])).inputs.options).toEqual([
      ['queue', 'rx'],
      ['ip-mode', 'off'],
    ]);
  });
  test('--max-steps ends a run', async () => {
    const { lines, status } = await call(
      'run',
      example('xdp-firewall'),
      '--packet',
      SYN,
      '--max-steps',
      '3',
      '--json',
    );
    expect(status).toBe(1);
    expect(JSON.parse(lines[0])).toMatchObject({ steps: 3, fault: { kind: 'step-budget' } });
  });
});

describe('disasm', () => {
  test('names the functions of each section in it, and of no other', async () => {
    const file = join(root, 'core/testdata/kernel/maps.clang-19-v4.o');
    const { symbols, sections } = parseElf(new Uint8Array(readFileSync(file)));
    const { lines } = await call('disasm', file);
    const found: Record<string, string[]> = {};
    let section = '';
    for (const line of lines) {
      if (line.startsWith('<')) found[section].push(line.slice(1, -2));
      else if (!line.startsWith(' ')) {
        section = line.slice(0, -1);
        found[section] = [];
      }
    }
    const named = sections.filter(({ name }) => name in found);
    expect(named.length).toBeGreaterThan(1);
    for (const { name, index } of named) {
      const own = symbols.filter((symbol) => symbol.section === index && symbol.type === 'func');
      expect([name, found[name].filter((label) => !/^L(BB|tmp)/.test(label)).toSorted()]).toEqual([
        name,
        own.map((symbol) => symbol.name).toSorted(),
      ]);
    }
    const alone = await call('disasm', example('xdp-firewall'));
    expect(alone.lines.filter((line) => /^[<x]/.test(line)).slice(0, 2)).toEqual([
      'xdp:',
      '<firewall>:',
    ]);
  });
  test('has every instruction of the file, numbered by slots', async () => {
    const { lines } = await call('disasm', example('xdp-firewall'), '--json');
    const rows = lines.map(
      (line) => JSON.parse(line) as { section: string; pc: number; bytes: string; text: string },
    );
    let pc = 0;
    for (const row of rows) {
      expect([row.section, row.pc]).toEqual(['xdp', pc]);
      pc += row.bytes.length / 16;
    }
    expect(rows.at(-1)!.text).toBe('exit');
    // All of them in a row are what stands in the file.
    const code = Buffer.from(rows.map(({ bytes }) => bytes).join(''), 'hex');
    expect(readFileSync(example('xdp-firewall')).includes(code)).toBe(true);
  });
});
