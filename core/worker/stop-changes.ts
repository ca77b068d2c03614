import { baseName } from '../bytes/base-name.ts';
import { InputError, unreachable } from '../errors.ts';
import { type LinePlaces, linePlaces, placesFrom } from '../program/line-places.ts';
import type { Wish } from '../protocol/messages.ts';
import { withNote } from '../session/notes.ts';
import { runnableSession, type Session } from '../session/session.ts';
import { checkRule } from '../session/travel/breakpoints.ts';
import { breakpointRows } from '../session/travel/line-breakpoints.ts';
import { MOST_WATCHPOINTS, watchOf } from '../session/travel/watch.ts';
import type { BreakpointRule, Note, SessionInputs, WatchTarget } from '../session/types.ts';
import { checkExpressions } from '../view/variables-view.ts';
import { existingPacket } from './packet-changes.ts';

type StopWishType =
  | 'toggle-breakpoint'
  | 'toggle-line'
  | 'toggle-watchpoint'
  | 'set-rule'
  | 'set-expressions'
  | 'set-note';
/** Wishes that change where a run stops, and what is said of it there: no run depends on them. */
export type StopWish = Extract<Wish, { type: StopWishType }>;

/** What becomes of the stops, and a word for who does not see it. */
interface StopChange {
  readonly stops?: Partial<SessionInputs>;
  readonly notice?: string;
}

export function stopChange(session: Session, wish: StopWish): StopChange {
  const { inputs } = session;
  switch (wish.type) {
    case 'toggle-breakpoint':
      return { stops: withBreakpoints(inputs, toggled(inputs.breakpoints, wish.pc)) };
    case 'toggle-line':
      return lineToggled(session, wish.file, wish.line);
    case 'toggle-watchpoint':
      return { stops: watchpointToggled(session, wish.target) };
    case 'set-rule':
      return { stops: withRule(session, wish.rule) };
    case 'set-expressions':
      return { stops: withExpressions(session, wish.expressions) };
    case 'set-note':
      return { stops: withNoteAt(inputs, wish) };
    default:
      return unreachable(wish);
  }
}

const toggled = (all: readonly number[], one: number): readonly number[] =>
  all.includes(one) ? all.filter((other) => other !== one) : [...all, one];

function withBreakpoints(
  { rules = [] }: SessionInputs,
  slots: readonly number[],
): Partial<SessionInputs> {
  const breakpoints = [...slots].sort((a, b) => a - b);
  return { breakpoints, rules: rules.filter(({ pc }) => breakpoints.includes(pc)) };
}

function lineToggled(session: Session, file: string, line: number): StopChange {
  const { inputs } = session;
  const { breakpoints } = inputs;
  const found = placesFrom(linePlaces(runnableSession(session).machine.code), file, line);
  if (found === undefined) return { notice: noCodeFrom(file, line) };
  const isSet = found.pcs.every((pc) => breakpoints.includes(pc));
  const others = breakpoints.filter((pc) => !found.pcs.includes(pc));
  // A line that stands for another sets and never takes away: the breakpoint is not where the
  // person looks.
  if (isSet && found.line === line) return { stops: withBreakpoints(inputs, others) };
  return {
    stops: withBreakpoints(inputs, [...others, ...found.pcs]),
    ...placeNotice(line, found),
  };
}

const noCodeFrom = (file: string, line: number): string =>
  `No instruction of this program comes from line ${line} of ${baseName(file)} or after it`;

/**
 * What a person would not see: that another line was meant, or that a line begins in several
 * places.
 */
function placeNotice(line: number, found: LinePlaces): { notice?: string } {
  if (found.line !== line)
    return { notice: `Line ${line} has no instructions: the breakpoint is at line ${found.line}` };
  const places = found.pcs.length;
  return places > 1
    ? {
        notice:
          `The code of line ${line} begins in ${places} places: ` +
          `the breakpoint is at all of them`,
      }
    : {};
}

function watchpointToggled(session: Session, target: WatchTarget): Partial<SessionInputs> {
  const { watchpoints = [] } = session.inputs;
  watchOf(runnableSession(session).machine, target);
  const name = JSON.stringify(target);
  const others = watchpoints.filter((other) => JSON.stringify(other) !== name);
  if (others.length === MOST_WATCHPOINTS)
    throw new InputError('watchpoint', `there are ${MOST_WATCHPOINTS}, the most there may be`);
  return { watchpoints: others.length < watchpoints.length ? others : [...others, target] };
}

function withRule({ inputs, object, machine }: Session, rule: BreakpointRule) {
  const { breakpoints, rules = [] } = inputs;
  if (!breakpoints.includes(rule.pc))
    throw new InputError(`instruction ${rule.pc}`, 'has no breakpoint');
  checkRule(rule, object);
  const rows = machine ? breakpointRows(machine.code, breakpoints) : [];
  const together = rows.find(({ pcs }) => pcs.includes(rule.pc))?.pcs ?? [rule.pc];
  const others = rules.filter(({ pc }) => !together.includes(pc));
  const asks = rule.condition || rule.log || (rule.hits ?? 1) > 1;
  const changed = asks ? together.map((pc) => ({ ...rule, pc })) : [];
  return { rules: [...others, ...changed] };
}

function withExpressions({ object }: Session, texts: readonly string[]): Partial<SessionInputs> {
  const wanted = [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))];
  checkExpressions(wanted, object);
  return { expressions: wanted };
}

function withNoteAt(inputs: SessionInputs, { packet, step, text }: Note): Partial<SessionInputs> {
  if (packet !== 0) existingPacket(inputs, packet);
  return { notes: withNote(inputs.notes ?? [], { packet, step, text }) };
}
