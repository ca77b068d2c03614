import { baseName } from '../bytes/base-name.ts';
import type { Pc, Step } from '../spec/units.ts';

/** Why the machine stands where it stands. */
export type Stop =
  /** Before the first instruction. */
  | { readonly kind: 'start' }
  /** The hook does not give the packet to the program; the program cannot be run at all. */
  | { readonly kind: 'bypassed'; readonly reason: string }
  | { readonly kind: 'unrunnable'; readonly reason: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'fault'; readonly message: string }
  /** `untold`: why it could not be told whether its condition holds. */
  | {
      readonly kind: 'breakpoint';
      readonly pc: Pc;
      readonly line?: { readonly file: string; readonly line: number };
      readonly untold?: string;
    }
  /** The step changed what is watched. */
  | { readonly kind: 'change'; readonly step: Step; readonly names: readonly string[] }
  /** No step before this one changed it. */
  | { readonly kind: 'no-change'; readonly step: Step; readonly name: string }
  | { readonly kind: 'step' | 'line' | 'paused'; readonly step: Step }
  | { readonly kind: 'pc'; readonly pc: Pc };

/** The words for it: `breakpoint at instruction 12, program.c:11`. */
export function stopText(stop: Stop): string {
  switch (stop.kind) {
    case 'start':
      return 'before the first instruction';
    case 'bypassed':
    case 'unrunnable':
      return stop.reason;
    case 'end':
      return 'end of the program';
    case 'fault':
      return stop.message;
    case 'breakpoint':
      return breakpointText(stop);
    case 'change':
      return `step ${stop.step} changed ${stop.names.join(', ')}`;
    case 'no-change':
      return `nothing before step ${stop.step} changed ${stop.name}`;
    case 'step':
      return `after step ${stop.step}`;
    case 'line':
      return `at another line, after step ${stop.step}`;
    case 'paused':
      return `paused at step ${stop.step}`;
    case 'pc':
      return `at instruction ${stop.pc}`;
  }
}

function breakpointText({ pc, line, untold }: Extract<Stop, { kind: 'breakpoint' }>): string {
  const place = line ? `, ${baseName(line.file)}:${line.line}` : '';
  const doubt = untold === undefined ? '' : `: its condition could not be told, ${untold}`;
  return `breakpoint at instruction ${pc}${place}${doubt}`;
}
