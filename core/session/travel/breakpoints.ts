import { InputError } from '../../errors.ts';
import type { Machine } from '../../machine/machine.ts';
import type { LoadedObject } from '../../object/types.ts';
import {
  type Expression,
  type Names,
  type ParsedExpression,
  parseExpression,
} from '../../source/expression.ts';
import { checkNames } from '../../source/source-names.ts';
import { valueView } from '../../source/value-view.ts';
import type { BreakpointRule } from '../types.ts';

/** What a breakpoint that was reached comes to. */
export interface Reached {
  readonly stops: boolean;
  /** A logpoint's line. */
  readonly log?: string;
  /** Why its condition could not be told. */
  readonly untold?: string;
}

interface Compiled {
  readonly rule: BreakpointRule;
  readonly condition: ParsedExpression | undefined;
  /** Text and expressions in turns. */
  readonly log: readonly (string | ParsedExpression)[] | undefined;
  /** Shared by the places of one breakpoint. */
  hits: { count: number };
}

const hex = (value: bigint | undefined): string => {
  if (value === undefined) return '?';
  return value >= 0n && value < 10n
    ? value.toString()
    : `${value} (0x${BigInt.asUintN(64, value).toString(16)})`;
};

/** A variable as its type reads it, anything else as a number. */
function textOf({ value, number }: Expression, machine: Machine, names: Names): string {
  const held = value?.(machine, names);
  return held ? valueView({ machine, left: 100 }, '', '', held).text : hex(number(machine, names));
}

/** `ip is {packet[30:4]}`: what stands in braces is an expression. */
function parseLog(text: string): (string | ParsedExpression)[] {
  return text
    .split(/(\{[^{}]*\})/)
    .map((part) =>
      part.startsWith('{') && part.endsWith('}') ? parseExpression(part.slice(1, -1)) : part,
    );
}

const compile = (rule: BreakpointRule): Compiled => ({
  rule,
  condition: rule.condition ? parseExpression(rule.condition) : undefined,
  log: rule.log ? parseLog(rule.log) : undefined,
  hits: { count: 0 },
});

/**
 * Throws InputError where an expression of the rule is wrong, or names what the source does not
 * have.
 */
export function checkRule(rule: BreakpointRule, object: LoadedObject): void {
  const { condition, log = [] } = compile(rule);
  if (condition) checkNames(condition, object, 'condition');
  for (const part of log) if (typeof part !== 'string') checkNames(part, object, 'log');
  if (rule.hits !== undefined && (!Number.isInteger(rule.hits) || rule.hits < 1))
    throw new InputError('breakpoint', 'stops at the first time or a later one');
}

/** The rules of a journey: hits count from where it began. */
export class BreakpointStops {
  private readonly rules: ReadonlyMap<number, Compiled>;
  private readonly names: () => Names;

  /**
   * `names`: of the frame that runs when it is asked. `together`: places that are one breakpoint,
   * and count hits together.
   */
  constructor(
    rules: readonly BreakpointRule[],
    names: () => Names,
    together: readonly (readonly number[])[] = [],
  ) {
    const compiled = new Map(rules.map((rule) => [rule.pc, compile(rule)]));
    for (const pcs of together) {
      const hits = { count: 0 };
      for (const pc of pcs) {
        const place = compiled.get(pc);
        if (place) place.hits = hits;
      }
    }
    this.rules = compiled;
    this.names = names;
  }

  /**
   * Whether the condition of the breakpoint here holds; true of one without. A text: why that
   * cannot be told.
   */
  holds(machine: Machine): boolean | string {
    const condition = this.rules.get(machine.pc)?.condition;
    if (condition === undefined) return true;
    const names = this.names();
    const holds = condition.number(machine, names);
    if (holds !== undefined) return holds !== 0n;
    const missing = condition.names.find((name) => names(name) === undefined);
    return missing === undefined ? 'what it reads is not there' : `${missing} has no value here`;
  }

  /** At a breakpoint the user set, before its instruction runs. */
  reach(machine: Machine): Reached {
    const found = this.rules.get(machine.pc);
    if (found === undefined) return { stops: true };
    const { rule, log } = found;
    const holds = this.holds(machine);
    // As a debugger does: what cannot be told is not passed over in silence.
    if (typeof holds === 'string')
      return log === undefined
        ? { stops: true, untold: holds }
        : { stops: false, log: `the condition could not be told: ${holds}` };
    if (!holds) return { stops: false };
    found.hits.count += 1;
    if (rule.hits !== undefined && found.hits.count < rule.hits) return { stops: false };
    if (log === undefined) return { stops: true };
    const names = this.names();
    const text = log
      .map((part) => (typeof part === 'string' ? part : textOf(part, machine, names)))
      .join('');
    return { stops: false, log: text };
  }
}
