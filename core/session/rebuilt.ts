import { baseName } from '../bytes/base-name.ts';
import type { LoadedObject, MapDefinition, Program } from '../object/types.ts';
import { linePlaces, placesFrom } from '../program/line-places.ts';
import type { Session } from './session.ts';
import { breakpointRows } from './travel/line-breakpoints.ts';
import type { BreakpointRule, SessionInputs } from './types.ts';

/** What of a session goes on with a rebuilt object, and what does not, in words. */
interface Carried<Inputs> {
  readonly inputs: Inputs;
  readonly kept: readonly string[];
  readonly lost: readonly string[];
}

const counted = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** `3 watched expressions`, where there are any. */
const some = (list: readonly unknown[] | undefined, one: string, many?: string): string[] =>
  list && list.length > 0 ? [counted(list.length, one, many)] : [];

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

/** The very same instructions: what was set at one of them, or at a step, means the same. */
function isSameCode(before: Program | undefined, now: Program | undefined): boolean {
  if (before === undefined || now === undefined) return false;
  const { linked: one } = before;
  const { linked: other } = now;
  return (
    'bytes' in one &&
    'bytes' in other &&
    one.bytes.length === other.bytes.length &&
    one.bytes.every((byte, i) => byte === other.bytes[i])
  );
}

/** Map entries and sizes of maps that are as they were. */
function carriedMaps({ inputs, object: before }: Session, object: LoadedObject) {
  const alike = mapsAlike(before, object);
  const isKept = ({ map }: { readonly map: string }): boolean => alike.has(map);
  const gone = inputs.maps.filter((entry) => !isKept(entry));
  const names = [...new Set(gone.map(({ map }) => map))].join(', ');
  const maps = inputs.maps.filter(isKept);
  const sizes = inputs.mapSizes ?? [];
  const mapSizes = sizes.filter(({ map }) => object.maps.some(({ name }) => name === map));
  const { watchpoints = [] } = inputs;
  const stay = watchpoints.filter((target) => target.kind !== 'map' || isKept(target));
  const without = watchpoints.length - stay.length;
  const lostSizes = sizes.length - mapSizes.length;
  return {
    inputs: { maps, mapSizes, watchpoints: stay },
    kept: [
      ...some(maps, 'map entry', 'map entries'),
      ...some(mapSizes, 'size of a map', 'sizes of maps'),
      ...some(stay, 'watchpoint'),
    ],
    lost: [
      ...(gone.length > 0
        ? [`${counted(gone.length, 'entry', 'entries')} of map ${names}, which changed or went`]
        : []),
      ...(lostSizes > 0 ? [`${counted(lostSizes, 'size', 'sizes')} of maps that went`] : []),
      ...(without > 0 ? [`${counted(without, 'watchpoint')} on maps that changed or went`] : []),
    ],
  } satisfies Carried<Partial<SessionInputs>>;
}

/** The program by its name, with its hook; and what was changed at steps of the very same code. */
function carriedProgram(session: Session, object: LoadedObject) {
  const { inputs, program } = session;
  const { hook, options, context, edits = [] } = inputs;
  const now = object.programs.find(({ name }) => name === program?.name);
  const alike = mapsAlike(session.object, object).size === session.object.maps.length;
  const same = alike && isSameCode(program, now);
  return {
    inputs: {
      ...(program && now && { program: now.name, options, context, ...(hook && { hook }) }),
      ...(same && inputs.edits && { edits }),
    },
    kept: [
      ...(program && now ? [`program ${now.name}`] : []),
      ...(same ? some(edits, 'change made in mid-run', 'changes made in mid-run') : []),
    ],
    lost: [
      ...(program && !now ? [`program ${program.name}, which is not there any more`] : []),
      ...(same ? [] : some(edits, 'change made in mid-run', 'changes made in mid-run')),
    ],
  } satisfies Carried<Partial<SessionInputs>>;
}

/** Values given to variables that the object does not define. */
function carriedExterns({ inputs }: Session, object: LoadedObject) {
  const { externs } = inputs;
  const stay = externs?.filter(([name]) => object.externs.some((one) => one.name === name));
  const gone = (externs?.length ?? 0) - (stay?.length ?? 0);
  return {
    inputs: stay ? { externs: stay } : {},
    kept: some(stay, 'value of an extern', 'values of externs'),
    lost: gone > 0 ? [`${counted(gone, 'value', 'values')} of externs that went`] : [],
  } satisfies Carried<Partial<SessionInputs>>;
}

/** Filters of a chain, and programs of lists, that run the object run the new one from here on. */
const carriedChain = (
  { chain, chainObjects, hookLists, hookObjects, object: before }: SessionInputs,
  now: LoadedObject,
) => {
  const renewed = (objects: NonNullable<SessionInputs['chainObjects']>) =>
    objects.map((other) => (other.bytes === before.bytes ? { ...other, bytes: now.bytes } : other));
  return {
    ...(chain && { chain }),
    ...(chainObjects && { chainObjects: renewed(chainObjects) }),
    ...(hookLists && { hookLists }),
    ...(hookObjects && { hookObjects: renewed(hookObjects) }),
  };
};

/**
 * Everything a person has set up in a session, for the same object built anew: names that are still
 * there keep their program, hook, map entries and watches. Breakpoints come later, by their lines,
 * when the new code is there (moveBreakpoints).
 */
export function keepForRebuilt(
  session: Session,
  object: LoadedObject,
): Carried<Partial<SessionInputs>> {
  const { inputs } = session;
  const parts = [
    carriedProgram(session, object),
    carriedMaps(session, object),
    carriedExterns(session, object),
  ];
  return {
    inputs: {
      packets: inputs.packets,
      packet: inputs.packet,
      sources: inputs.sources,
      settings: inputs.settings,
      ...(inputs.expressions && { expressions: inputs.expressions }),
      ...(inputs.notes && { notes: inputs.notes }),
      ...(inputs.expectations && { expectations: inputs.expectations }),
      ...(inputs.network && { network: inputs.network }),
      ...(inputs.kernelTypes && { kernelTypes: inputs.kernelTypes }),
      ...Object.assign({}, ...parts.map((part) => part.inputs)),
      ...carriedChain(inputs, object),
      step: session.machine?.steps ?? 0,
    },
    kept: [
      ...parts.flatMap((part) => part.kept),
      ...some(inputs.expressions, 'watched expression'),
      ...some(inputs.sources, 'C file'),
      ...some(inputs.packets, 'packet'),
      ...some(inputs.notes, 'note, at its step', 'notes, at their steps'),
      ...some(inputs.expectations, 'expectation'),
    ],
    lost: parts.flatMap((part) => part.lost),
  };
}

/**
 * Breakpoints and their rules at the lines of C where they were; in the very same code at their
 * instructions. Those of no line, or of one that has no code now, are lost.
 */
export function moveBreakpoints(
  before: Session,
  now: Session,
): Carried<Pick<SessionInputs, 'breakpoints' | 'rules'>> {
  const { breakpoints, rules = [] } = before.inputs;
  const same = isSameCode(before.program, now.program);
  const lost: string[] = [];
  let keptCount = 0;
  const moved = new Set<number>();
  const movedRules: BreakpointRule[] = [];
  const lines = now.machine ? linePlaces(now.machine.code) : [];
  for (const { pcs, line } of before.machine
    ? breakpointRows(before.machine.code, breakpoints)
    : []) {
    const place = same ? { pcs, ...line } : line && placesFrom(lines, line.file, line.line);
    if (place === undefined) {
      lost.push(
        line
          ? `the breakpoint at ${baseName(line.file)}:${line.line}, where no code is now`
          : `the breakpoint at instruction ${pcs[0]}, which no C line names`,
      );
      continue;
    }
    if (place.line === line?.line) keptCount += 1;
    else
      lost.push(
        `the breakpoint at ${baseName(line!.file)}:${line!.line}, where no code is now: ` +
          `it is at line ${place.line}`,
      );
    const rule = rules.find(({ pc }) => pcs.includes(pc));
    for (const pc of place.pcs) {
      if (rule && !moved.has(pc)) movedRules.push({ ...rule, pc });
      moved.add(pc);
    }
  }
  return {
    inputs: { breakpoints: [...moved].sort((a, b) => a - b), rules: movedRules },
    kept: keptCount > 0 ? [counted(keptCount, 'breakpoint')] : [],
    lost,
  };
}

/** Whether the run reaches the step where it stood. */
export function stepWords(wanted: number, reached: number): Pick<Carried<never>, 'kept' | 'lost'> {
  if (wanted === 0) return { kept: [], lost: [] };
  return wanted === reached
    ? { kept: [`step ${wanted}`], lost: [] }
    : { kept: [], lost: [`step ${wanted}: the run ends after ${reached}`] };
}
