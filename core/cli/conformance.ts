import { readFileSync } from 'node:fs';
import { fromHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import type { Arguments } from './arguments.ts';

/**
 * `conformance`: plugin of the public bpf_conformance runner. Program bytes in hex on standard
 * input, memory in hex as the argument; prints r0 in hex, or one line on standard error.
 */
export function conformanceCommand(args: Arguments, write: (line: string) => void): number {
  const code = hexInput('standard input', readFileSync(0, 'utf8'));
  const memory = hexInput('memory', args.operands[0] ?? '');
  const inputs = {
    ...inputsFor('conformance', code),
    hook: 'ubpf' as const,
    packets: [{ name: 'memory', bytes: memory }],
  };
  const session = new Session(inputs, new WebAssembly.Memory({ initial: 1 }));
  session.runBy(args.engine);
  session.load();
  if (session.problem !== undefined) throw new InputError('program', session.problem);
  session.begin(0);
  finish(session.unrecorded(session.complete(0, false)));
  const { fault, r0 } = session.outcome!;
  if (fault) {
    process.stderr.write(`${fault.message}\n`);
    return 1;
  }
  write(r0!.toString(16));
  return 0;
}

function hexInput(what: string, text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new InputError(what, 'is not hex');
  return bytes;
}
