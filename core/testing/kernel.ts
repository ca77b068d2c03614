// The running Linux kernel as an oracle, where there is one that answers: root, bpf(2), python3.
import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { join } from 'node:path';

export interface KernelMap {
  readonly type: number;
  readonly key: number;
  readonly value: number;
  readonly entries: number;
  readonly flags?: number;
  /** hex */
  readonly init?: readonly (readonly [key: string, value: string])[];
  /** Nobody may write it any more once the entries are in. */
  readonly freeze?: boolean;
}

/** What oracle.py is asked; program bytes, packets and contexts are hex. */
export interface KernelJob {
  /** uapi enum bpf_prog_type. */
  readonly type: number;
  readonly insns: string;
  /** enum bpf_attach_type the program is loaded for. */
  readonly attach?: number;
  readonly flags?: number;
  /** Whether the verifier's words are wanted. */
  readonly log?: boolean;
  readonly maps?: readonly KernelMap[];
  readonly refs?: readonly (readonly [insn: number, map: number])[];
  readonly values?: readonly (readonly [insn: number, map: number])[];
  readonly functions?: readonly (readonly [insn: number, name: string])[];
  /** A .BTF section, and the types of functions by the slots at which these begin. */
  readonly btf?: string;
  readonly funcInfo?: readonly (readonly [insn: number, type: number])[];
  readonly runs?: readonly {
    readonly packet?: string;
    readonly ctx?: string;
    readonly flags?: number;
    readonly repeat?: number;
  }[];
  readonly dump?: boolean;
}

export interface KernelRun {
  readonly errno: number;
  readonly retval?: number;
  readonly packet?: string;
  readonly ctx?: string;
  /** Mean of the repeated runs. */
  readonly ns?: number;
}

export interface KernelAnswer {
  /** 0: the program was loaded. */
  readonly errno: number;
  readonly log?: string;
  readonly runs?: readonly KernelRun[];
  /** Of each map its entries in the kernel's order, hex. */
  readonly maps?: readonly (readonly (readonly [key: string, value: string])[])[];
}

const oracle = join(process.cwd(), 'core/tools/kernel/oracle.py');
const MOST_BYTES = 1 << 30;

/** Asks the kernel; throws where it cannot be asked. */
export function askKernel(jobs: readonly KernelJob[]): KernelAnswer[] {
  const { stdout, stderr, status, error } = spawnSync('python3', [oracle], {
    input: jobs.map((job) => `${JSON.stringify(job)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: MOST_BYTES,
  });
  if (error || status !== 0)
    throw new Error(`the kernel cannot be asked: ${error?.message ?? stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as KernelAnswer);
}

/** `6.18`: which Linux answers here. */
export const kernelVersion = (): string => release().replace(/^(\d+\.\d+)[\s\S]*/, '$1');

const RETURN_0 = 'b7000000000000009500000000000000';

/** Whether the kernel this runs on takes and runs packet programs. */
export function kernelIsThere(): boolean {
  try {
    const [answer] = askKernel([{ type: 6, insns: RETURN_0, runs: [{ packet: '00'.repeat(20) }] }]);
    return answer.errno === 0 && answer.runs?.[0].errno === 0;
  } catch {
    return false;
  }
}
