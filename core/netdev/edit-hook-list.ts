/** What a person changes of the programs on a hook. */
import { InputError, present, unreachable } from '../errors.ts';
import {
  HOOKS_WITH_DIRECTION,
  type ListHook,
  MOST_ON_HOOK,
  refusalWords,
  type TcPlace,
  USUAL_PRIORITY,
} from '../spec/hook-lists.ts';
import { programType } from '../spec/program-types.ts';
import type { ProgramFile } from './edit-chain.ts';
import {
  checkHookList,
  inAskedOrder,
  type LoadedOf,
  placeOfProgram,
  programOf,
  type SettledProgram,
  settledPrograms,
  type WholeHookLists,
} from './hook-list.ts';
import { type TcxAttachment, tcxAttached } from './tc-programs.ts';
import type { ChainObject, HookList, HookProgram } from './types.ts';
import { compareXdp } from './xdp-programs.ts';

/** Where a program of tcx goes; `replace`: in the place of one that goes. */
export type HookPosition = TcxAttachment<string>;

/** What of a program can be told: where (tc), priority, actions (XDP), status. */
export type HookProperty = 'status' | 'where' | 'priority' | 'actions';

export type HookChange =
  /** Behind all others where nothing else is said. */
  | {
      readonly kind: 'add';
      readonly object: ProgramFile;
      readonly program?: string;
      readonly where?: TcPlace;
      readonly at?: HookPosition;
    }
  | { readonly kind: 'remove'; readonly id: string }
  /** To a place among those that are asked, from 0 on. */
  | { readonly kind: 'move'; readonly id: string; readonly to: number }
  /** Another object in the place of the one that runs. */
  | { readonly kind: 'swap'; readonly id: string; readonly object: ProgramFile }
  /** Another program of the object that it runs. */
  | { readonly kind: 'program'; readonly id: string; readonly program: string }
  | {
      readonly kind: 'set';
      readonly id: string;
      readonly property: HookProperty;
      /** '': as the object says, or libxdp. */
      readonly value: string;
    }
  | { readonly kind: 'direction'; readonly direction: 'ingress' | 'egress' };

/** What a change is called behind `Undo: `. */
export function nameOfHookChange(change: HookChange): string {
  switch (change.kind) {
    case 'add':
      return 'program added';
    case 'remove':
      return `removal of program ${change.id}`;
    case 'move':
      return `program ${change.id} moved to place ${change.to + 1}`;
    case 'swap':
      return `swap of program ${change.id}`;
    case 'program':
      return `program ${change.program} as ${change.id}`;
    case 'set':
      return `${change.property} of program ${change.id}`;
    case 'direction':
      return `direction ${change.direction}`;
    default:
      return unreachable(change);
  }
}

interface Editing {
  readonly list: HookList;
  readonly objects: ChainObject[];
  readonly loadedOf: LoadedOf;
}

/**
 * Lists behind a change of one, `open`: the object that is open in the session. An InputError says
 * why the kernel, or libxdp, would refuse it.
 */
export function changedHookLists(
  { lists, objects }: WholeHookLists,
  hook: ListHook,
  change: HookChange,
  open: ChainObject,
  loadedOf: LoadedOf,
): WholeHookLists {
  const list = lists.find((candidate) => candidate.hook === hook) ?? emptyHookList(hook);
  const all = [...objects];
  const changed = changedList({ list, objects: all, loadedOf }, change, open);
  checkHookList(changed);
  return tidied({
    lists: [...lists.filter((other) => other.hook !== hook), changed],
    objects: all,
  });
}

const emptyHookList = (hook: ListHook): HookList => ({
  hook,
  ...(HOOKS_WITH_DIRECTION.has(hook) && { direction: 'ingress' as const }),
  programs: [],
});

function changedList(editing: Editing, change: HookChange, open: ChainObject): HookList {
  const { list } = editing;
  switch (change.kind) {
    case 'add':
      return added(editing, change, open);
    case 'remove':
      entryOf(list, change.id);
      return { ...list, programs: list.programs.filter(({ id }) => id !== change.id) };
    case 'move':
      return moved(editing, change.id, change.to);
    case 'swap': {
      const object = placeOfObject(editing, change.object, open);
      return withEntry(editing, change.id, ({ program: _program, ...entry }) => ({
        ...entry,
        object,
      }));
    }
    case 'program':
      return withEntry(editing, change.id, (entry) => ({ ...entry, program: change.program }));
    case 'set':
      return told(editing, change.id, change.property, change.value.trim());
    case 'direction':
      if (!HOOKS_WITH_DIRECTION.has(list.hook))
        throw new InputError('direction', `programs of ${list.hook} have none`);
      return { ...list, direction: change.direction };
    default:
      return unreachable(change);
  }
}

function entryOf({ programs }: HookList, id: string): HookProgram {
  const entry = programs.find((candidate) => candidate.id === id);
  if (entry === undefined) throw new InputError(placeOfProgram(id), refusalWords('ENOENT'));
  return entry;
}

/** Place of an object in the list of them, where it is put unless it is there. */
function placeOfObject({ objects }: Editing, file: ProgramFile, open: ChainObject): number {
  const wanted = file === 'open' ? open : file;
  const known = objects.findIndex(({ bytes }) => bytes === wanted.bytes);
  return known >= 0 ? known : objects.push({ name: wanted.name, bytes: wanted.bytes }) - 1;
}

function withEntry(
  { list, objects, loadedOf }: Editing,
  id: string,
  changed: (entry: HookProgram) => HookProgram,
): HookList {
  const entry = changed(entryOf(list, id));
  programOf(entry, loadedOf(objects[entry.object]));
  return {
    ...list,
    programs: list.programs.map((other) => (other.id === id ? entry : other)),
  };
}

function added(
  editing: Editing,
  { object, program, where = 'tcx', at = { how: 'append' } }: Extract<HookChange, { kind: 'add' }>,
  open: ChainObject,
): HookList {
  const { list, objects, loadedOf } = editing;
  const entry: HookProgram = {
    id: freeId(list),
    object: placeOfObject(editing, object, open),
    ...(program !== undefined && { program }),
    status: 'on',
    ...(list.hook === 'tc' && { where }),
  };
  programOf(entry, loadedOf(objects[entry.object]));
  if (list.hook === 'tc' && where === 'tcx') return attached(list, entry, at);
  if (at.how !== 'append')
    throw new InputError(placeOfProgram(entry.id), 'goes behind the others: only tcx has places');
  return { ...list, programs: [...list.programs, entry] };
}

/** A program more in tcx, as BPF_PROG_ATTACH puts it there; those of cls_bpf stay behind it. */
function attached(list: HookList, entry: HookProgram, at: HookPosition): HookList {
  const tcx = list.programs.filter(({ where }) => where === 'tcx');
  const order = tcxAttached(
    tcx.map(({ id }) => id),
    entry.id,
    at,
  );
  if (typeof order === 'string')
    throw new InputError(placeOfProgram(entry.id), refusalWords(order));
  const all = [...tcx, entry];
  return {
    ...list,
    programs: [
      ...order.map((id) =>
        present(
          all.find((one) => one.id === id),
          'a program of tcx',
        ),
      ),
      ...list.programs.filter(({ where }) => where !== 'tcx'),
    ],
  };
}

function freeId({ hook, programs }: HookList): string {
  const most = MOST_ON_HOOK[hook];
  for (let number = 1; number <= most + 1; number++) {
    const id = `p${number}`;
    if (!programs.some((entry) => entry.id === id)) return id;
  }
  throw new InputError(hook, `${refusalWords('ERANGE')}: there are ${most} programs at most`);
}

/** Of tc the place in the list, within those that stand where it stands; of XDP a priority. */
function moved(editing: Editing, id: string, to: number): HookList {
  const { list, objects, loadedOf } = editing;
  const entry = entryOf(list, id);
  const order = inAskedOrder(settledPrograms({ list, objects }, loadedOf));
  const place = Math.max(0, Math.min(order.length - 1, Math.trunc(to)));
  if (list.hook === 'xdp') return prioritised(list, order, id, place);
  const others = list.programs.filter((other) => other !== entry);
  const tcx = others.filter(({ where }) => where === 'tcx').length;
  const [low, high] = entry.where === 'tcx' ? [0, tcx] : [tcx, others.length];
  return {
    ...list,
    programs: others.toSpliced(Math.max(low, Math.min(high, place)), 0, entry),
  };
}

/**
 * The list with a priority by which a program is asked at a place: one between those of its
 * neighbours. Where none is left there, those behind it are put off, too.
 */
function prioritised(
  list: HookList,
  order: readonly SettledProgram[],
  id: string,
  place: number,
): HookList {
  const others = order.filter(({ entry }) => entry.id !== id);
  const moving = present(
    order.find(({ entry }) => entry.id === id),
    'a program of the list',
  );
  const wanted = others.toSpliced(place, 0, moving);
  const priorities = new Map(wanted.map(({ entry, xdp }) => [entry.id, xdp!.priority]));
  priorities.set(id, priorityBetween(others[place - 1], others[place]));
  const given = new Set([id]);
  for (let at = 1; at < wanted.length; at++) {
    const [before, here] = [wanted[at - 1], wanted[at]];
    const last = priorities.get(before.entry.id)!;
    const isBehind = compareXdp(
      { priority: last, name: before.program.name },
      { priority: priorities.get(here.entry.id)!, name: here.program.name },
    );
    if (isBehind < 0 || (isBehind === 0 && before.place < here.place)) continue;
    priorities.set(here.entry.id, last + 1);
    given.add(here.entry.id);
  }
  return {
    ...list,
    programs: list.programs.map((entry) =>
      given.has(entry.id) ? { ...entry, priority: priorities.get(entry.id)! } : entry,
    ),
  };
}

function priorityBetween(
  before: SettledProgram | undefined,
  behind: SettledProgram | undefined,
): number {
  const low = before?.xdp?.priority;
  const high = behind?.xdp?.priority;
  if (low === undefined) return Math.max(0, (high ?? USUAL_PRIORITY) - 1);
  return high === undefined ? low + 1 : Math.floor((low + high) / 2);
}

const ACTION_NAMES = programType('xdp').verdicts;

/** `XDP_PASS,XDP_DROP`, codes, or nothing. */
export function actionsOf(text: string): readonly number[] {
  const names = text.split(/[\s,]+/).filter((word) => word !== '');
  return names.map((word) => {
    const row = ACTION_NAMES.find(({ name }) => name === word || name === `XDP_${word}`);
    const code = row?.code ?? (/^\d{1,2}$/.test(word) ? Number(word) : Number.NaN);
    if (!(code < 32))
      throw new InputError(
        'actions',
        `"${word}" is not one of ${ACTION_NAMES.map(({ name }) => name).join(', ')}`,
      );
    return code;
  });
}

/** A priority as libxdp takes it. */
export function priorityOf(text: string): number {
  const priority = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(priority <= 0xffff_ffff))
    throw new InputError('priority', `"${text}" is not a number from 0 to 4,294,967,295`);
  return priority;
}

/** Text for actions of which none is meant: '' is as the object says. */
export const NO_ACTIONS = 'none';

function told(editing: Editing, id: string, property: HookProperty, value: string): HookList {
  const { hook } = editing.list;
  const isOfXdp = property === 'priority' || property === 'actions';
  if (property !== 'status' && hook !== (isOfXdp ? 'xdp' : 'tc'))
    throw new InputError(placeOfProgram(id), `programs of ${hook} have no ${property}`);
  switch (property) {
    case 'status':
      if (value !== 'on' && value !== 'off')
        throw new InputError('status', `"${value}" is not on or off`);
      return withEntry(editing, id, (entry) => ({ ...entry, status: value }));
    case 'where':
      return placed(editing, id, value);
    case 'priority':
      return withEntry(editing, id, ({ priority: _priority, ...entry }) => ({
        ...entry,
        ...(value !== '' && { priority: priorityOf(value) }),
      }));
    case 'actions':
      return withEntry(editing, id, ({ actions: _actions, ...entry }) => ({
        ...entry,
        ...(value !== '' && { actions: value === NO_ACTIONS ? [] : actionsOf(value) }),
      }));
    default:
      return unreachable(property);
  }
}

/** To the end of the others that stand there. */
function placed({ list }: Editing, id: string, value: string): HookList {
  if (value !== 'tcx' && value !== 'cls_bpf')
    throw new InputError('where', `"${value}" is not tcx or cls_bpf`);
  const entry = { ...entryOf(list, id), where: value as TcPlace };
  const rest = { ...list, programs: list.programs.filter((other) => other.id !== id) };
  if (value === 'tcx') return attached(rest, entry, { how: 'append' });
  return { ...rest, programs: [...rest.programs, entry] };
}

/** Objects that no program runs any more are none of the lists. */
function tidied({ lists, objects }: WholeHookLists): WholeHookLists {
  const entries = lists.flatMap(({ programs }) => programs);
  const used = objects.flatMap((_, place) =>
    entries.some(({ object }) => object === place) ? [place] : [],
  );
  return {
    lists: lists.map((list) => ({
      ...list,
      programs: list.programs.map((entry) => ({ ...entry, object: used.indexOf(entry.object) })),
    })),
    objects: used.map((place) => objects[place]),
  };
}
