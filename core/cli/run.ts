import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { instructionText } from '../program/instruction-text.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { finish, type Session } from '../session/session.ts';
import { warningsOf } from '../session/warnings.ts';
import { commentOf } from '../view/code-view.ts';
import { describeStep } from '../view/describe.ts';
import { type MapListing, MapStart } from '../view/map-changes.ts';
import { faultView } from '../view/snapshot.ts';
import type { Arguments } from './arguments.ts';
import { sessionInputs, sessionOf } from './set-up.ts';

/**
 * Name of a packet of a capture, with its number there: it differs from the packet's own where some
 * were left out.
 */
const CAPTURED = / #\d+$/;

type Write = (line: string) => void;

/**
 * The machine-readable account of the selected packet's run: a contract for scripts (README,
 * command line). `mapsCut`: how many entries the maps have that are listed in part.
 */
function resultOf(
  session: Session,
  index: number,
  outcome: RunOutcome,
  start: MapStart,
  listing: MapListing,
) {
  const { program, hook } = session;
  const machine = session.machine!;
  const { verdict, r0, fault } = outcome;
  const maps = machine.maps.map(
    (map, i) => [map.definition.name, start.listed(i, listing)] as const,
  );
  const cut = maps.filter(([, { entries, total }]) => entries.length < total);
  const name = session.inputs.packets[index]?.name;
  return {
    packet: index,
    ...(name !== undefined && CAPTURED.test(name) && { name }),
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
    fault: fault
      ? (({ kind, pc, message }) => ({ kind, pc, message }))(faultView(machine.code, fault))
      : null,
    packetOut: toHex(outcome.packetOut),
    maps: Object.fromEntries(maps.map(([name, { entries }]) => [name, entries])),
    ...(cut.length > 0 && {
      mapsCut: Object.fromEntries(cut.map(([name, { total }]) => [name, total])),
    }),
    printk: machine.printk.map((line) => line.text),
  };
}

/** Every step with what it did; stops where the run ends. */
function trace(session: Session, write: Write): void {
  const machine = session.machine!;
  while (machine.status === 'running') {
    const { pc } = machine;
    const instruction = machine.code.instructions[pc];
    session.advance(machine.steps + 1);
    session.spendBudget();
    const comment =
      instruction && commentOf(session.object, machine.code, session.hook, pc, instruction);
    const text = instruction ? instructionText(instruction) : '';
    write(
      `${String(machine.steps).padStart(6)} ${String(pc).padStart(5)}: ` +
        `${(comment ? `${text} (${comment})` : text).padEnd(48)} ` +
        `${describeStep(machine, session.hook, session.object.externs)?.text ?? ''}`,
    );
  }
}

function words(result: ReturnType<typeof resultOf>, text: string): string {
  const leftOut = result.name !== undefined && !result.name.endsWith(` #${result.packet + 1}`);
  const name = leftOut ? ` (${result.name})` : '';
  const parts = [`packet ${result.packet}${name}: ${text}, ${result.steps} steps`];
  if (result.verdict.reason) parts.push(`  ${result.verdict.reason}`);
  if (result.verdict.warning) parts.push(`  Note: ${result.verdict.warning}`);
  for (const line of result.printk) parts.push(`  printk: ${line}`);
  return parts.join('\n');
}

/** `run`: every packet of the set-up in order, a line each. Answers the exit status. */
export async function runCommand(
  args: Arguments,
  write: Write,
  note: Write = () => {},
): Promise<number> {
  const inputs = await sessionInputs(args, note, Number.POSITIVE_INFINITY);
  const session = await sessionOf(args, { ...inputs, packet: 0, step: 0 });
  session.load();
  for (const warning of warningsOf(session)) note(warning);
  if (session.problem !== undefined) throw new InputError(session.object.name, session.problem);
  const start = new MapStart(session.machine!, session.startMemory);
  let faulted = false;
  for (let index = 0; index < Math.max(1, inputs.packets.length); index++) {
    session.begin(index);
    if (args.trace && session.bypass === undefined) trace(session, write);
    const work = session.complete(index, false);
    // A trace has each step's record; without one any engine runs by itself.
    const outcome = finish(args.trace ? work : session.unrecorded(work));
    const result = resultOf(session, index, outcome, start, args.maps);
    faulted ||= result.fault !== null;
    write(args.json ? JSON.stringify(result) : words(result, outcome.verdict.text));
    session.forget(index);
  }
  return faulted ? 1 : 0;
}
