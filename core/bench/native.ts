// Filters that gcc compiles for this machine from the same C, and the process that runs them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Filter } from './filters.ts';

/** ns that a round takes at least. */
const ROUND = 6e6;

const folder = 'node_modules/.cache/native';
const sources = 'core/bench/native';

/** Why there is no native code to compare with; undefined: there is. */
export function whyNoNative(): string | undefined {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no gcc here: compiled code is compared with nothing native';
  }
}

function build({ name, source, program, hook }: Filter): string {
  mkdirSync(folder, { recursive: true });
  const filter = join(folder, `${name}.filter.o`);
  const driver = join(folder, name);
  const flags = ['-O2', '-I', sources, '-Wno-unknown-pragmas'];
  execFileSync('gcc', [...flags, '-c', source, '-o', filter], { stdio: 'inherit' });
  const defines = [`-DENTRY=${program}`, ...(hook === 'xdp' ? ['-DXDP'] : [])];
  const files = [join(sources, 'driver.c'), filter];
  const linking = ['-rdynamic', '-ldl', '-o', driver];
  execFileSync('gcc', [...flags, ...defines, ...files, ...linking], { stdio: 'inherit' });
  return driver;
}

function packetsFile({ name, packets }: Filter): string {
  const path = join(folder, `${name}.packets`);
  const parts = packets().flatMap((packet) => [
    new Uint8Array(new Uint32Array([packet.length]).buffer),
    packet,
  ]);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** A filter as native code, in a process of its own. */
export class NativeFilter {
  private readonly process: ChildProcess;
  private readonly lines: Interface;
  private rounds = 1;

  constructor(filter: Filter) {
    const maps = filter.maps.flatMap(({ map, key, value }) => [map, key, value]);
    this.process = spawn(build(filter), [packetsFile(filter), ...maps], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.process.stdout! });
  }

  private async ask(rounds: number): Promise<[ns: number, sum: string]> {
    const answer = new Promise<string>((resolve) => {
      this.lines.once('line', resolve);
    });
    this.process.stdin!.write(`${rounds}\n`);
    const [ns, sum] = (await answer).split(' ');
    return [Number(ns), sum];
  }

  /** What the filter answers to all packets, summed up. */
  async sum(): Promise<string> {
    const [, sum] = await this.ask(1);
    return sum;
  }

  /** Nanoseconds of a packet. `packets`: how many there are. */
  async round(packets: number): Promise<number> {
    for (;;) {
      const [ns] = await this.ask(this.rounds);
      if (ns * packets * this.rounds >= ROUND) return ns;
      this.rounds *= 2;
    }
  }

  close(): void {
    this.process.kill();
  }
}
