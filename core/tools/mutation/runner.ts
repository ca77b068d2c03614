import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Numbered } from './switched.ts';
import type { Answer, Ask, Begin } from './tests.ts';

/** A change is given this much longer than the same tests took without it. */
const PATIENCE = 3;
const AT_LEAST = 20_000;
/** Test files that take no longer are asked first, all at once. */
const QUICK = 2_500;

/** A run without a change. */
const LONGEST = 3_600_000;

/** What a test file notes of the places it reaches (set-up.ts). */
interface Reached {
  readonly loaded: readonly number[];
  readonly all: readonly number[];
}

/** How much of their paths two files have in common: the test of a file has its name. */
function likeness(test: string, file: string): number {
  let at = 0;
  while (at < file.length && test[at] === file[at]) at += 1;
  return at;
}

/** What became of one change. */
export interface Outcome {
  readonly killed: boolean;
  /** `time-out`, or the test file that failed. */
  readonly by?: string;
  /** Whether any test came to the place. */
  readonly reached: boolean;
}

/** Runs the tests on one change after the other. */
export class Runner {
  private child: ChildProcess | undefined;
  private readonly took = new Map<string, number>();
  private readonly places = new Map<string, ReadonlySet<number>>();
  /** Reached while modules were loaded. */
  private readonly loaded = new Set<number>();
  private readonly begin: Begin;

  constructor(mutants: readonly Numbered[]) {
    this.begin = { mutants, reached: resolve('node_modules/.cache/mutation') };
  }

  /**
   * Runs test files once without a change: how long they take, and which places each reaches.
   * `own`: those of the changed folders, which see most; else the others that import what is
   * changed. Answers those that fail.
   */
  async prepare(own: boolean): Promise<readonly string[]> {
    rmSync(this.begin.reached, { recursive: true, force: true });
    this.took.clear();
    this.places.clear();
    this.loaded.clear();
    const answer = await this.ask({ mutant: -1, own, apart: true }, LONGEST);
    if (answer === undefined) throw new Error('the tests came to no end without a change');
    for (const [file, milliseconds] of answer.took) this.took.set(file, milliseconds);
    for (const file of this.took.keys()) this.places.set(file, this.placesOf(file));
    return answer.failed;
  }

  private placesOf(file: string): ReadonlySet<number> {
    const note = join(this.begin.reached, `${encodeURIComponent(resolve(file))}.json`);
    if (!existsSync(note)) return new Set();
    const { loaded, all } = JSON.parse(readFileSync(note, 'utf8')) as Reached;
    for (const place of loaded) this.loaded.add(place);
    return new Set(all);
  }

  /**
   * Only tests that reach the place can see the change: first the one that is named most like the
   * file, then the quick ones, then the others, until one fails.
   */
  async try(mutant: Numbered): Promise<Outcome> {
    const reaching = [...this.places]
      .filter(([, places]) => places.has(mutant.id))
      .map(([file]) => file);
    if (reaching.length === 0) return { killed: false, reached: false };
    const time = (file: string) => this.took.get(file) ?? 0;
    const [nearest, ...others] = reaching.sort(
      (a, b) => likeness(b, mutant.file) - likeness(a, mutant.file) || time(a) - time(b),
    );
    const quick = others.filter((file) => time(file) <= QUICK);
    const slow = others.filter((file) => time(file) > QUICK).sort((a, b) => time(a) - time(b));
    for (const files of [[nearest], quick, slow].filter((some) => some.length > 0)) {
      const usual = files.reduce((sum, file) => sum + time(file), 0);
      const answer = await this.ask(
        { mutant: mutant.id, files, apart: this.loaded.has(mutant.id) },
        AT_LEAST + PATIENCE * usual,
      );
      if (answer === undefined) return { killed: true, by: 'time-out', reached: true };
      if (answer.failed.length > 0) return { killed: true, by: answer.failed[0], reached: true };
    }
    return { killed: false, reached: true };
  }

  end(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  /** undefined: no answer in time, so the process was ended. */
  private ask(question: Ask, patience: number): Promise<Answer | undefined> {
    if (this.child === undefined) {
      this.child = fork(resolve('node_modules/.cache/tools/mutation-tests.mjs'), {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      this.child.send(this.begin);
    }
    const { child } = this;
    return new Promise((done) => {
      const late = setTimeout(() => finish(undefined), patience);
      const finish = (answer: Answer | undefined): void => {
        clearTimeout(late);
        child.removeAllListeners();
        if (answer === undefined) this.end();
        done(answer);
      };
      child.on('message', (answer: Answer) => finish(answer));
      child.on('exit', () => finish(undefined));
      child.send(question);
    });
  }
}
