import { baseName } from '../bytes/base-name.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import { linePlaces, placesFrom } from '../program/line-places.ts';
import type { Session } from './session.ts';
import { breakpointRows } from './travel/line-breakpoints.ts';
import type { BreakpointRule, SessionInputs } from './types.ts';

/** What of a session goes on with a rebuilt object, and what cannot, in words. */
export interface Kept {
  readonly inputs: Partial<SessionInputs>;
  readonly lost: readonly string[];
}

const count = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`;

const isLike = (before: MapDefinition, now: MapDefinition | undefined): boolean =>
  now !== undefined &&
  before.type === now.type &&
  before.keySize === now.keySize &&
  before.valueSize === now.valueSize;

/** Maps that are as they were, by name. */
function mapsAlike(before: LoadedObject, now: LoadedObject): Set<string> {
  const alike = before.maps.filter((map) =>
    isLike(
      map,
      now.maps.find(({ name }) => name === map.name),
    ),
  );
  return new Set(alike.map(({ name }) => name));
}

/**
 * Everything a person has set up in a session, for the same object built anew: names that are still
 * there keep their program, hook, map entries and watches. Breakpoints come later, by their lines,
 * when the new code is there (moveBreakpoints).
 */
export function keepForRebuilt(session: Session, object: LoadedObject): Kept {
  const { inputs, object: before } = session;
  const lost: string[] = [];
  const alike = mapsAlike(before, object);
  const isKept = ({ map }: { readonly map: string }): boolean => alike.has(map);
  const gone = inputs.maps.filter((entry) => !isKept(entry));
  const names = [...new Set(gone.map(({ map }) => map))].join(', ');
  if (gone.length > 0)
    lost.push(`${count(gone.length, 'entry', 'entries')} of map ${names}, which changed or went`);
  const program = session.program?.name;
  const hasProgram = object.programs.some(({ name }) => name === program);
  if (!hasProgram && program !== undefined)
    lost.push(`program ${program}, which is not there any more`);
  if ((inputs.edits ?? []).length > 0)
    lost.push(`${count(inputs.edits!.length, 'change', 'changes')} made in mid-run`);
  const { hook, options, context, watchpoints = [], mapSizes = [] } = inputs;
  return {
    inputs: {
      packets: inputs.packets,
      packet: inputs.packet,
      sources: inputs.sources,
      settings: inputs.settings,
      maps: inputs.maps.filter(isKept),
      mapSizes: mapSizes.filter(({ map }) => object.maps.some(({ name }) => name === map)),
      ...(hasProgram &&
        program !== undefined && { program, options, context, ...(hook && { hook }) }),
      ...(inputs.expressions && { expressions: inputs.expressions }),
      watchpoints: watchpoints.filter((target) => target.kind !== 'map' || isKept(target)),
      ...(inputs.network && { network: inputs.network }),
      ...(inputs.externs && {
        externs: inputs.externs.filter(([name]) => object.externs.some((one) => one.name === name)),
      }),
      ...(inputs.kernelTypes && { kernelTypes: inputs.kernelTypes }),
      step: session.machine?.steps ?? 0,
    },
    lost,
  };
}

/**
 * Breakpoints and their rules at the lines of C where they were; those of no line, or of one that
 * has no code now, are lost.
 */
export function moveBreakpoints(
  before: Session,
  now: Session,
): Pick<SessionInputs, 'breakpoints' | 'rules'> & { lost: string[] } {
  const { breakpoints, rules = [] } = before.inputs;
  const lost: string[] = [];
  const moved = new Set<number>();
  const movedRules: BreakpointRule[] = [];
  const lines = now.machine ? linePlaces(now.machine.code) : [];
  for (const { pcs, line } of before.machine
    ? breakpointRows(before.machine.code, breakpoints)
    : []) {
    const place = line && placesFrom(lines, line.file, line.line);
    if (place === undefined) {
      lost.push(
        line
          ? `the breakpoint at ${baseName(line.file)}:${line.line}`
          : `the breakpoint at instruction ${pcs[0]}`,
      );
      continue;
    }
    if (place.line !== line!.line)
      lost.push(`the breakpoint at ${baseName(place.file)}:${line!.line}, now at ${place.line}`);
    const rule = rules.find(({ pc }) => pcs.includes(pc));
    for (const pc of place.pcs) {
      if (rule && !moved.has(pc)) movedRules.push({ ...rule, pc });
      moved.add(pc);
    }
  }
  return { breakpoints: [...moved].sort((a, b) => a - b), rules: movedRules, lost };
}

/** `Kept all that was set up.`, or what went. */
export const rebuiltWords = (lost: readonly string[]): string =>
  lost.length === 0 ? 'Everything set up is kept.' : `Not kept: ${lost.join('; ')}.`;
