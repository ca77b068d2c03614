/** Lists of programs on one hook: whose turn it is when, and what is refused. */
import { InputError, present } from '../errors.ts';
import type { LoadedObject, Program } from '../object/types.ts';
import { firstProgram } from '../session/choose.ts';
import type { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import {
  HOOKS_WITH_DIRECTION,
  LIST_HOOKS,
  type ListHook,
  MOST_ON_HOOK,
  refusalWords,
  type TcPlace,
} from '../spec/hook-lists.ts';
import type { HookName } from '../spec/program-types.ts';
import type { ChainObject, HookList, HookProgram } from './types.ts';
import { compareXdp, type XdpSettings, xdpSettings } from './xdp-programs.ts';

/** The lists of a session with the objects that they run. */
export interface WholeHookLists {
  readonly lists: readonly HookList[];
  readonly objects: readonly ChainObject[];
}

/** A list with its objects. */
export interface WholeHookList {
  readonly list: HookList;
  readonly objects: readonly ChainObject[];
}

/** Finds an object of a list as it was read. */
export type LoadedOf = (object: ChainObject) => LoadedObject;

/** A program of a list with what decides when it is asked. */
export interface SettledProgram {
  readonly entry: HookProgram;
  /** Among all of the list. */
  readonly place: number;
  readonly object: ChainObject;
  readonly program: Program;
  /** Of tc. */
  readonly where: TcPlace;
  /** Of XDP. */
  readonly xdp: XdpSettings | undefined;
}

export const isListHook = (hook: HookName): hook is ListHook =>
  LIST_HOOKS.some((name) => name === hook);

/** Where the user has to look: `program p2`. */
export const placeOfProgram = (id: string): string => `program ${id}`;

/** Whether a program of a list runs the session's own object. */
export const isOwnObject = ({ bytes }: ChainObject, { object }: Pick<SessionInputs, 'object'>) =>
  bytes === object.bytes;

/**
 * The lists of a session: those that were set up, and where none is for its hook, its program
 * alone, as the session has it.
 */
export function hookListsOfSession({ inputs, hook, options, program }: Session): WholeHookLists {
  const { hookLists = [], hookObjects = [], object } = inputs;
  const isThere = hookLists.some((list) => list.hook === hook);
  if (isThere || !isListHook(hook) || program === undefined)
    return { lists: hookLists, objects: hookObjects };
  const known = hookObjects.findIndex((other) => isOwnObject(other, inputs));
  const alone: HookList = {
    hook,
    ...(HOOKS_WITH_DIRECTION.has(hook) && {
      direction: options.get('direction') === 'ingress' ? 'ingress' : 'egress',
    }),
    programs: [
      {
        id: 'p1',
        object: known >= 0 ? known : hookObjects.length,
        ...(inputs.program !== undefined && { program: inputs.program }),
        status: 'on',
        ...(hook === 'tc' && { where: 'tcx' }),
      },
    ],
  };
  return {
    lists: [...hookLists, alone],
    objects: known >= 0 ? hookObjects : [...hookObjects, object],
  };
}

/** A list of them with its objects. */
export function hookListOf({ lists, objects }: WholeHookLists, hook: HookName) {
  const list = lists.find((candidate) => candidate.hook === hook);
  return list && { list, objects };
}

/** Lists as the inputs of a session have them. */
export const hookListInputs = ({
  lists,
  objects,
}: WholeHookLists): Pick<SessionInputs, 'hookLists' | 'hookObjects'> => ({
  hookLists: lists,
  hookObjects: objects,
});

/** An InputError says what of a list, which may be a stranger's, cannot be. */
export function checkHookList({ hook, programs }: HookList): void {
  const most = MOST_ON_HOOK[hook];
  if (programs.length > most)
    throw new InputError(
      hook,
      hook === 'xdp'
        ? `${refusalWords('E2BIG')}: libxdp's dispatcher calls ${most} programs at most`
        : `${refusalWords('ERANGE')}: there are ${most} programs at most`,
    );
  const ids = new Set<string>();
  for (const { id, where, priority, actions } of programs) {
    const place = placeOfProgram(id);
    if (ids.has(id)) throw new InputError(place, refusalWords('EEXIST'));
    ids.add(id);
    if ((hook === 'tc') !== (where !== undefined))
      throw new InputError(place, hook === 'tc' ? 'stands nowhere' : 'stands in no list of tc');
    if (hook !== 'xdp' && (priority !== undefined || actions !== undefined))
      throw new InputError(place, 'has a priority, or actions: those are for XDP');
  }
  const firstFilter = programs.findIndex(({ where }) => where === 'cls_bpf');
  const stray = programs.findLast(({ where }) => where === 'tcx');
  if (firstFilter >= 0 && stray && programs.indexOf(stray) > firstFilter)
    throw new InputError(placeOfProgram(stray.id), 'of tcx stands behind one of cls_bpf');
}

/** The program that an entry of a list names; an InputError where there is none. */
export function programOf({ id, program }: HookProgram, loaded: LoadedObject): Program {
  const found =
    program === undefined
      ? firstProgram(loaded.programs)
      : loaded.programs.find(({ name }) => name === program);
  if (found) return found;
  const names = loaded.programs.map(({ name }) => name).join(', ') || 'none';
  throw new InputError(
    placeOfProgram(id),
    `${loaded.name} has no program${program === undefined ? '' : ` "${program}", it has ${names}`}`,
  );
}

/** Programs of a list with all that is known of them, in the order of the list. */
export function settledPrograms(
  { list, objects }: WholeHookList,
  loadedOf: LoadedOf,
): SettledProgram[] {
  return list.programs.map((entry, place) => {
    const object = present(objects[entry.object], 'an object of a list');
    const loaded = loadedOf(object);
    const program = programOf(entry, loaded);
    return {
      entry,
      place,
      object,
      program,
      where: entry.where ?? 'tcx',
      xdp: list.hook === 'xdp' ? xdpSettings(entry, loaded, program) : undefined,
    };
  });
}

/**
 * Programs in the order in which a packet comes to them: of tc that of the list, of XDP by what
 * libxdp sorts them by.
 */
export const inAskedOrder = (programs: readonly SettledProgram[]): SettledProgram[] =>
  [...programs].sort((one, other) => {
    if (!(one.xdp && other.xdp)) return one.place - other.place;
    const by = compareXdp(
      { priority: one.xdp.priority, name: one.program.name },
      { priority: other.xdp.priority, name: other.program.name },
    );
    return by || one.place - other.place;
  });

export const isAttached = ({ entry }: SettledProgram): boolean => entry.status === 'on';
