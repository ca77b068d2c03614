#!/usr/bin/env node
import { InputError } from '../errors.ts';
import { type Arguments, readArguments, USAGE } from './arguments.ts';
import { chainCommand } from './chain.ts';
import { conformanceCommand } from './conformance.ts';
import { disasmCommand, inspectCommand } from './inspect.ts';
import { linkCommand } from './link.ts';
import { runCommand } from './run.ts';
import { testCommand } from './test.ts';

type Write = (line: string) => void;
/** `note`: what was read and what was left out, for standard error. */
type Command = (args: Arguments, write: Write, note: Write) => number | Promise<number>;

const COMMANDS = new Map<string, Command>([
  ['inspect', inspectCommand],
  ['disasm', disasmCommand],
  ['run', runCommand],
  ['chain', chainCommand],
  ['link', linkCommand],
  ['test', testCommand],
  ['conformance', conformanceCommand],
]);

async function main(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv);
  if (args === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const command = COMMANDS.get(args.command);
  if (command === undefined)
    throw new InputError(
      'usage',
      `"${args.command}" is not one of ${[...COMMANDS.keys()].join(', ')}`,
    );
  return command(
    args,
    (line) => process.stdout.write(`${line}\n`),
    (line) => process.stderr.write(`${line}\n`),
  );
}

// A reader that has seen enough (`| head`) closes the pipe: no reason to fail.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const input = error instanceof InputError;
    const told = error instanceof Error ? error.stack : String(error);
    const text = input ? error.message.replaceAll('\n', ' ') : `internal error: ${told}`;
    process.stderr.write(`${text}\n`);
    process.exitCode = input ? 2 : 3;
  },
);
