import { assemble } from '../asm/assemble.ts';
import { fromHex } from '../bytes/hex.ts';
import type { Network } from '../machine/network.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { helperByName } from '../spec/helpers.ts';
import type { HookName } from '../spec/program-types.ts';

/** One memory for all tests of a process. */
const linear = new WebAssembly.Memory({ initial: 1 });

export const openSession = (inputs: SessionInputs): Session => {
  const session = new Session(inputs, linear);
  finish(session.prepare());
  return session;
};

export interface RunOptions {
  readonly hook?: HookName;
  /** hex */
  readonly packet?: string;
  readonly maxSteps?: number;
  readonly options?: [string, string][];
  readonly network?: Network;
}

/** A session on assembled instructions: raw memory, or a hook and a packet. */
export function session(
  source: string,
  { hook = 'ubpf', packet = '', maxSteps, options = [], network }: RunOptions = {},
): Session {
  const inputs = inputsFor('test', assemble(source, { helper: (name) => helperByName(name)?.id }));
  return openSession({
    ...inputs,
    hook,
    options,
    packets: [{ name: 'packet', bytes: fromHex(packet)! }],
    ...(network && { network }),
    ...(maxSteps && { settings: { ...inputs.settings, maxSteps } }),
  });
}

/** What a program comes to: r0, or the fault. */
export function run(source: string, options: RunOptions = {}) {
  const { outcome } = session(source, options);
  return {
    r0: outcome!.r0,
    fault: outcome!.fault,
    steps: outcome!.steps,
    verdict: outcome!.verdict,
  };
}

/** r0 of raw bytecode over memory, both in hex. */
export function rawRun(program: string, memory: string): bigint | undefined {
  const inputs = inputsFor('test', fromHex(program)!);
  return openSession({
    ...inputs,
    hook: 'ubpf',
    packets: [{ name: 'memory', bytes: fromHex(memory)! }],
  }).outcome?.r0;
}
