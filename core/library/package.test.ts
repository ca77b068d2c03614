// The package as others get it: packed, installed into an empty project, compiled against and run.
// The examples of docs/library.md are what is run.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const documentation = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const EXAMPLES = [...documentation.matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text);

const inFolder = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8' });

/** What is said behind each line that writes one. */
const expected = (example: string): string[] =>
  [...example.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said]) => said);

beforeAll(() => {
  // Built here, as `npm pack` does: another build of the same files may be under way.
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const tarball = packed.trim().split('\n').at(-1)!;
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  );
  inFolder('npm', 'install', '--silent', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
  for (const name of ['seed-filter', 'xdp-firewall'])
    cpSync(join(ROOT, 'public/examples', name, 'program.o'), join(folder, `${name}.o`));
  for (const [i, text] of EXAMPLES.entries()) writeFileSync(join(folder, `example${i}.js`), text);
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('nothing is installed beside it, and nothing is in it that nobody needs', () => {
  const installed = readdirSync(join(folder, 'node_modules')).filter((name) => name[0] !== '.');
  expect(installed).toEqual(['ebpf-playground']);
  const files = readdirSync(join(folder, 'node_modules/ebpf-playground'), { recursive: true });
  expect(files.map(String).sort()).toEqual([
    'LICENSE',
    'README.md',
    'dist',
    'dist/cli',
    'dist/cli/LICENSES.md',
    'dist/cli/ebpf-playground.mjs',
    'dist/library',
    'dist/library/LICENSES.md',
    'dist/library/esm.mjs',
    'dist/library/index.mjs',
    'dist/library/kernel-types.generated.mjs',
    'dist/library/types',
    'dist/library/types/errors.d.ts',
    'dist/library/types/library',
    'dist/library/types/library/index.d.ts',
    'dist/library/types/library/types.d.ts',
    'package.json',
  ]);
});

test.each(EXAMPLES.map((text, i) => [i, text] as const))(
  'example %i of the documentation says what it says',
  (i, text) => {
    expect(expected(text).length).toBeGreaterThan(0);
    expect(inFolder('node', `example${i}.js`).trim().split('\n')).toEqual(expected(text));
  },
);

test('the seed filter runs by both engines in ten lines', () => {
  const lines = [
    "import { readFileSync } from 'node:fs';",
    "import { load, readPackets, run } from 'ebpf-playground';",
    "const { packets } = readPackets('525400123456525400654321080045000028' +",
    "  '0001400040062ecc0a000002010101019c40005000000001000000005002faf00c5d0000');",
    "for (const engine of ['jit', 'interpreter']) {",
    "  const options = { hook: 'filter-ubpf', engine };",
    "  const filter = await load(readFileSync('seed-filter.o'), options);",
    '  const { verdict, steps } = run(filter, packets[0].bytes);',
    '  console.log(engine, verdict, steps);',
    '}',
  ];
  expect(lines).toHaveLength(10);
  writeFileSync(join(folder, 'ten.js'), lines.join('\n'));
  expect(inFolder('node', 'ten.js')).toBe('jit drop 4\ninterpreter drop 4\n');
});

test.each([
  ['bundler', 'esnext'],
  ['node16', 'node16'],
])('types resolve under moduleResolution %s', (moduleResolution, module) => {
  writeFileSync(
    join(folder, 'use.ts'),
    "import { type Filter, InputError, load, type Result, run } from 'ebpf-playground';\n" +
      'const filter: Filter = await load(new Uint8Array());\n' +
      'export const result: Result = run(filter, new Uint8Array());\n' +
      'export const code: number | undefined = result.code;\n' +
      "export const error: Error = new InputError('a', 'b');\n" +
      '// @ts-expect-error there is no such option\n' +
      'await load(new Uint8Array(), { hok: 1 });\n',
  );
  const compilerOptions = {
    module,
    moduleResolution,
    target: 'es2022',
    lib: ['es2022', 'dom'],
    strict: true,
    noEmit: true,
    // Declarations are looked at themselves.
    skipLibCheck: false,
    types: [],
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['use.ts'] }),
  );
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  expect(() => inFolder(compiler, '-p', '.')).not.toThrow();
});
