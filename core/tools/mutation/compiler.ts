import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Mutant, mutated } from './mutants.ts';

/** Which project of the compiler a folder belongs to. */
const projectOf = (file: string): string => {
  if (file.startsWith('web/')) return '.';
  return /^core\/(cli|tools|bench|testing)\//.test(file) ? 'core/tsconfig.node.json' : 'core';
};

const copyName = (file: string, tag: string): string => file.replace(/(?=\.tsx?$)/, `.${tag}`);

/** Whether each message is among the others at least as often. */
function isWithin(messages: readonly string[], others: readonly string[]): boolean {
  const left = [...others];
  return messages.every((message) => {
    const at = left.indexOf(message);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/**
 * A copy of the sources in which changes are compiled; the working tree is never touched.
 */
export class Compiler {
  private readonly folder = mkdtempSync(join(tmpdir(), 'mutation-'));

  constructor() {
    const tracked = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs', '*.json', '*.css'], {
      encoding: 'utf8',
    });
    for (const file of tracked
      .split('\n')
      .filter((name) => name !== '' && !name.includes('testdata'))) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      cpSync(file, join(this.folder, file));
    }
    symlinkSync(resolve('node_modules'), join(this.folder, 'node_modules'));
  }

  /**
   * Which changes the compiler takes: what it refuses is seen without a test. Each becomes a file
   * of its own beside the one it changes, so that all are compiled at once; so does the file as it
   * is, since a class in a copy is not the class that others know, and that is no change's fault.
   * A change that only other files would be refused for is taken.
   */
  accepted(mutants: readonly Mutant[]): boolean[] {
    const files = [...new Set(mutants.map(({ file }) => file))];
    const copies = [
      ...files.map((file, i) => ({ file, tag: `plain${i}`, text: readFileSync(file, 'utf8') })),
      ...mutants.map((mutant, i) => ({
        file: mutant.file,
        tag: `mutant${i}`,
        text: mutated(readFileSync(mutant.file, 'utf8'), mutant),
      })),
    ];
    const places = copies.map(({ file, tag }) => copyName(file, tag));
    for (const [i, { text }] of copies.entries()) writeFileSync(join(this.folder, places[i]), text);
    const errors = new Map<string, string[]>();
    for (const project of new Set(files.map(projectOf)))
      for (const [file, message] of this.errorsOf(project))
        errors.set(file, [...(errors.get(file) ?? []), message]);
    for (const place of places) rmSync(join(this.folder, place));
    const errorsIn = (i: number) => errors.get(places[i]) ?? [];
    return mutants.map(({ file }, i) =>
      isWithin(errorsIn(files.length + i), errorsIn(files.indexOf(file))),
    );
  }

  /** Each with its file, without the line. */
  private errorsOf(project: string): [file: string, message: string][] {
    const { stdout } = spawnSync(
      'node_modules/.bin/tsc',
      ['-p', project, '--noEmit', '--pretty', 'false'],
      { cwd: this.folder, encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    return [...stdout.matchAll(/^(\S+?)\(\d+,\d+\): (error .*)$/gm)].map(([, file, message]) => [
      file,
      message,
    ]);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
