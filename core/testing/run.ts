import { assemble } from '../asm/assemble.ts';
import { fromHex } from '../bytes/hex.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { Network } from '../machine/network.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { helperByName } from '../spec/helpers.ts';
import type { HookName } from '../spec/program-types.ts';

/** One memory for all tests of a process. */
const linear = new WebAssembly.Memory({ initial: 1 });

export const openSession = (inputs: SessionInputs, engine: Engine = INTERPRETER): Session => {
  const session = new Session(inputs, linear);
  session.runBy(engine);
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
  readonly engine?: Engine;
}

/** A session on assembled instructions: raw memory, or a hook and a packet. */
export function session(
  source: string,
  { hook = 'ubpf', packet = '', maxSteps, options = [], network, engine }: RunOptions = {},
): Session {
  const inputs = inputsFor('test', assemble(source, { helper: (name) => helperByName(name)?.id }));
  const made = {
    ...inputs,
    hook,
    options,
    packets: [{ name: 'packet', bytes: fromHex(packet)! }],
    ...(network && { network }),
    ...(maxSteps && { settings: { ...inputs.settings, maxSteps } }),
  };
  return openSession(made, engine);
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
export function rawRun(program: string, memory: string, engine?: Engine): bigint | undefined {
  const inputs = inputsFor('test', fromHex(program)!);
  const packets = [{ name: 'memory', bytes: fromHex(memory)! }];
  return openSession({ ...inputs, hook: 'ubpf', packets }, engine).outcome?.r0;
}

/** These, on one engine. */
export const on = (engine: Engine) => ({
  openSession: (inputs: SessionInputs) => openSession(inputs, engine),
  session: (source: string, options: RunOptions = {}) => session(source, { ...options, engine }),
  run: (source: string, options: RunOptions = {}) => run(source, { ...options, engine }),
  rawRun: (program: string, memory: string) => rawRun(program, memory, engine),
});
