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

/**
 * A copy of the sources in which changes are compiled, one at a time; the working tree is never
 * touched.
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

  /** Whether the compiler takes the change: what it refuses is seen without a test. */
  accepts(mutant: Mutant): boolean {
    const source = readFileSync(mutant.file, 'utf8');
    const place = join(this.folder, mutant.file);
    writeFileSync(place, mutated(source, mutant));
    const { status } = spawnSync('node_modules/.bin/tsc', ['-p', projectOf(mutant.file)], {
      cwd: this.folder,
    });
    writeFileSync(place, source);
    return status === 0;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
