import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { commentOf, instructionText } from '../session/code-view.ts';
import { describeStep } from '../session/describe.ts';
import { openObject } from '../session/open-object.ts';
import { mapContents } from '../session/outcome.ts';
import { finish, Session } from '../session/session.ts';
import { faultView } from '../session/snapshot.ts';
import type { Arguments } from './arguments.ts';
import { sessionInputs } from './set-up.ts';

type Write = (line: string) => void;

/** The machine-readable account of the selected packet's run: a contract for scripts (README, command line). */
function resultOf(session: Session, index: number) {
  const { outcome, machine, program, hook } = session;
  if (outcome === undefined || machine === undefined)
    throw new InputError(session.object.name, session.problem ?? 'did not run');
  const { verdict, r0, fault } = outcome;
  return {
    packet: index,
    program: program!.name,
    hook,
    ran: outcome.ran,
    verdict: {
      name: verdict.name,
      code: verdict.code ?? null,
      action: verdict.action,
      ...(verdict.reason && { reason: verdict.reason }),
      ...(verdict.warning && { warning: verdict.warning }),
    },
    r0: r0 === undefined ? null : `0x${r0.toString(16)}`,
    steps: outcome.steps,
    fault: fault ? (({ kind, pc, message }) => ({ kind, pc, message }))(faultView(machine.code, fault)) : null,
    packetOut: toHex(outcome.packetOut),
    maps: Object.fromEntries(
      machine.maps.map((map, i) => [
        map.definition.name,
        mapContents(machine, i).entries.map(({ key, value }) => ({ key: toHex(key), value: toHex(value) })),
      ]),
    ),
    printk: machine.printk.map((line) => line.text),
  };
}

/** Every step with what it did; stops where the run ends. */
function trace(session: Session, write: Write): void {
  const machine = session.machine!;
  session.history.reset(machine.save());
  while (machine.status === 'running') {
    const { pc } = machine;
    const instruction = machine.code.instructions[pc];
    finish(session.go({ how: 'into' }));
    const comment = instruction && commentOf(session.object, machine.code, session.hook, pc, instruction);
    const text = instruction ? instructionText(instruction) : '';
    write(
      `${String(machine.steps).padStart(6)} ${String(pc).padStart(5)}: ${(comment ? `${text} (${comment})` : text).padEnd(48)} ${describeStep(machine, session.hook, session.object.externs)?.text ?? ''}`,
    );
  }
}

function words(result: ReturnType<typeof resultOf>, text: string): string {
  const parts = [`packet ${result.packet}: ${text}, ${result.steps} steps`];
  if (result.verdict.reason) parts.push(`  ${result.verdict.reason}`);
  if (result.verdict.warning) parts.push(`  Note: ${result.verdict.warning}`);
  for (const line of result.printk) parts.push(`  printk: ${line}`);
  return parts.join('\n');
}

/** `run`: every packet of the set-up in order, a line each. Answers the exit status. */
export async function runCommand(args: Arguments, write: Write): Promise<number> {
  const inputs = await sessionInputs(args);
  const session = new Session(
    { ...inputs, packet: 0, step: 0 },
    new WebAssembly.Memory({ initial: 1 }),
    await openObject(inputs),
  );
  session.load();
  if (session.problem !== undefined) throw new InputError(session.object.name, session.problem);
  let faulted = false;
  for (let index = 0; index < Math.max(1, inputs.packets.length); index++) {
    session.inputs = { ...session.inputs, packet: index };
    session.begin(index);
    if (args.trace && session.bypass === undefined) trace(session, write);
    finish(session.complete(index, false));
    const result = resultOf(session, index);
    faulted ||= result.fault !== null;
    write(args.json ? JSON.stringify(result) : words(result, session.outcome!.verdict.text));
  }
  return faulted ? 1 : 0;
}
