import { parseInteger } from '../bytes/integer.ts';
import { InputError } from '../errors.ts';
import { MAP_SIZE_FIELDS, type MapSize, mapSize } from '../maps/completion.ts';
import { variableMaps, withVariable } from '../session/global-values.ts';
import type { Session } from '../session/session.ts';
import type { SessionInputs, Settings } from '../session/types.ts';
import { contextFields } from '../spec/contexts.ts';
import { programType } from '../spec/program-types.ts';

/** `--map NAME:max_entries=N`: a size in the place of the program that would load the object. */
export function mapSizeOf(text: string): MapSize {
  const found = /^(.+):(\w+)=(.*)$/.exec(text);
  const field = MAP_SIZE_FIELDS.find((name) => name === found?.[2]);
  if (found === null || field === undefined)
    throw new InputError('--map', `"${text}" is not NAME:max_entries=N (or key_size, value_size)`);
  return { map: found[1], field, value: mapSize(found[3], `--map ${found[1]}`, field) };
}

/** One place that `--set` reaches: what stands in front of `:` where several have the same name. */
interface Settable {
  readonly kind: 'option' | 'setting' | 'context' | 'extern' | 'variable';
  readonly name: string;
  readonly set: (value: string) => Partial<SessionInputs>;
}

const NUMBER_SETTINGS = ['seed', 'cpu', 'cpus'] as const;
const TEXT_SETTINGS = ['time', 'gap'] as const;
const TASK_NUMBERS = ['pid', 'tgid', 'uid', 'gid'] as const;

function settings({ inputs: { settings: now } }: Session): Settable[] {
  const setting = (name: string, changed: (value: string) => Partial<Settings>): Settable => ({
    kind: 'setting',
    name,
    set: (value) => ({ settings: { ...now, ...changed(value) } }),
  });
  const whole = (name: string, value: string): number =>
    Number(parseInteger(value, `--set ${name}`));
  return [
    ...NUMBER_SETTINGS.map((name) => setting(name, (value) => ({ [name]: whole(name, value) }))),
    ...TEXT_SETTINGS.map((name) =>
      setting(name, (value) => ({ [name]: String(parseInteger(value, `--set ${name}`)) })),
    ),
    ...TASK_NUMBERS.map((name) =>
      setting(name, (value) => ({ task: { ...now.task, [name]: whole(name, value) } })),
    ),
    setting('clock', (value) => ({ clock: clockOf(value) })),
    setting('perf_reader', (value) => ({ perfReader: onOff('perf_reader', value) })),
    setting('comm', (value) => ({ task: { ...now.task, comm: value } })),
    setting('cgroup', (value) => ({
      cgroup: {
        ...now.cgroup,
        ids: value.split('/').map((id) => String(parseInteger(id, '--set cgroup'))),
      },
    })),
    setting('classid', (value) => ({
      cgroup: { ...now.cgroup, classid: whole('classid', value) },
    })),
  ];
}

function clockOf(value: string): 'gap' | 'capture' {
  if (value !== 'gap' && value !== 'capture')
    throw new InputError('--set clock', `"${value}" is not gap or capture`);
  return value;
}

function onOff(name: string, value: string): boolean {
  if (value !== 'on' && value !== 'off')
    throw new InputError(`--set ${name}`, `"${value}" is not on or off`);
  return value === 'on';
}

/** Every name that can be set in a session, as the page's Hook and Object tabs set it. */
function settables(session: Session): Settable[] {
  const { inputs, object, hook } = session;
  const { options, context } = programType(hook);
  const replaced = (
    list: readonly [string, string][],
    name: string,
    value: string,
  ): [string, string][] => [...list.filter(([other]) => other !== name), [name, value]];
  return [
    ...options.map(
      ({ name }): Settable => ({
        kind: 'option',
        name,
        set: (value) => ({ options: replaced(inputs.options, name, value) }),
      }),
    ),
    ...settings(session),
    ...(context ? contextFields(context) : [])
      .filter(({ editable }) => editable)
      .map(
        ({ name }): Settable => ({
          kind: 'context',
          name,
          set: (value) => {
            parseInteger(value, `--set ${name}`);
            return { context: replaced(inputs.context, name, value) };
          },
        }),
      ),
    ...object.externs
      .filter(({ kind }) => kind === 'kconfig' || kind === 'ksym')
      .map(
        ({ name }): Settable => ({
          kind: 'extern',
          name,
          set: (value) => ({ externs: replaced(inputs.externs ?? [], name, value) }),
        }),
      ),
    ...variableMaps(object).flatMap(({ name: map, variables }) =>
      variables!.map(
        ({ name }): Settable => ({
          kind: 'variable',
          name,
          set: (value) => ({ maps: withVariable(session, map, name, value) }),
        }),
      ),
    ),
  ];
}

/** What one `--set NAME=VALUE` changes; NAME may say the kind, as in `context:mark`. */
export function assignedInputs(session: Session, text: string): Partial<SessionInputs> {
  const found = /^(?:(option|setting|context|extern|variable):)?([^=]+)=(.*)$/s.exec(text);
  if (found === null) throw new InputError('--set', `"${text}" is not NAME=VALUE`);
  const [, kind, name, value] = found;
  const all = settables(session);
  const named = all.filter((one) => one.name === name && (kind === undefined || one.kind === kind));
  if (named.length === 1) return named[0].set(value);
  if (named.length > 1)
    throw new InputError(
      '--set',
      `"${name}" is several things here: ` +
        `say ${named.map((one) => `${one.kind}:${name}`).join(' or ')}`,
    );
  const names = [
    ...new Set(all.filter((one) => kind === undefined || one.kind === kind).map((one) => one.name)),
  ];
  throw new InputError(
    '--set',
    `there is no "${name}" for ${session.hook}; there are ${names.join(', ')}`,
  );
}
