// One random program of helpers in the machine and in the kernel: what each says of it.
import { toHex } from '../bytes/hex.ts';
import { type Engine, INTERPRETER } from '../machine/engine.ts';
import { loadRaw } from '../object/raw.ts';
import type { LoadedObject } from '../object/types.ts';
import { inputsFor } from '../session/inputs.ts';
import { mapContents } from '../session/outcome.ts';
import { finish, Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import type { KernelAnswer } from './kernel.ts';
import { HELPER_PACKET, type HelperProgram, helperMaps } from './random-helpers.ts';
import { definitionOf } from './raw-programs.ts';

/** Return value, or what went wrong, and the entries of each map by key. */
export type HelperSummary = readonly (number | string | readonly string[])[];

const linear = new WebAssembly.Memory({ initial: 1 });

function objectOf(program: HelperProgram): LoadedObject {
  const maps = helperMaps(program).map((map, i) => ({
    ...definitionOf(map, `map${i}`),
    ...(i === 1 && { initialValue: program.formats }),
  }));
  return { ...loadRaw(`seed ${program.seed}`, program.bytes), maps };
}

/** A session on the program, not yet loaded. */
export function helperSession(
  program: HelperProgram,
  engine: Engine,
  packets: SessionInputs['packets'],
): Session {
  const object = objectOf(program);
  const inputs = { ...inputsFor(object.name, object.bytes), hook: 'xdp' as const };
  const session = new Session({ ...inputs, packets }, linear, object);
  session.runBy(engine);
  return session;
}

/** A session on the program, run to its end; or not loaded, where it has a problem. */
export function sessionHere(program: HelperProgram, engine: Engine = INTERPRETER): Session {
  const session = helperSession(program, engine, [{ name: 'zeros', bytes: HELPER_PACKET }]);
  session.load(1);
  if (session.problem !== undefined) return session;
  session.begin(0);
  finish(session.complete(0, false));
  return session;
}

export function helpersHere(program: HelperProgram, engine?: Engine): HelperSummary {
  const session = sessionHere(program, engine);
  if (session.problem !== undefined) return [session.problem];
  const { r0, fault } = session.outcome!;
  const maps = session.machine!.maps.map((_, i) =>
    mapContents(session.machine!, i)
      .entries.map(({ key, value }) => `${toHex(key)}=${toHex(value)}`)
      .sort(),
  );
  return [r0 === undefined ? fault!.message : Number(r0), ...maps];
}

/** Undefined where the verifier refused the program, or the kernel did not run it. */
export function helpersInKernel({ errno, runs, maps }: KernelAnswer): HelperSummary | undefined {
  if (errno !== 0 || runs?.[0]?.errno !== 0) return undefined;
  return [
    runs[0].retval!,
    ...maps!.map((entries) => entries.map(([key, value]) => `${key}=${value}`).sort()),
  ];
}
