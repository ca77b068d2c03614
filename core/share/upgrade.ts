import type { RegionId } from '../spec/regions.ts';

/**
 * What links and session files of earlier versions say, in the words of today: a pure function a
 * step, kept for ever, over the description as JSON. They run before it is checked, so they take
 * anything and leave what they do not know as it is.
 */
type Upgrade = (manifest: unknown) => unknown;

const UPGRADES: readonly Upgrade[] = [regionsByWhatTheyAre];

/** The version that is written; those before it are read too. */
export const LINK_VERSION = UPGRADES.length + 1;

export const isReadable = (version: number): boolean => version >= 1 && version <= LINK_VERSION;

/** A description of a readable version as one of the version that is written. */
export const upgraded = (manifest: unknown, version: number): unknown =>
  UPGRADES.slice(version - 1).reduce((now, upgrade) => upgrade(now), manifest);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Changes the elements of a list, where it is one. */
const each = (list: unknown, change: (element: unknown) => unknown): unknown =>
  Array.isArray(list) ? list.map(change) : list;

/** 1 to 2: watchpoints and changes in mid-run knew a region of memory by what it was called. */
function regionsByWhatTheyAre(manifest: unknown): unknown {
  if (!isObject(manifest)) return manifest;
  const { watchpoints, edits } = manifest;
  return {
    ...manifest,
    ...(watchpoints !== undefined && { watchpoints: each(watchpoints, withRegion) }),
    ...(edits !== undefined && {
      edits: each(edits, (edit) =>
        isObject(edit) ? { ...edit, target: withRegion(edit.target) } : edit,
      ),
    }),
  };
}

const withRegion = (target: unknown): unknown =>
  isObject(target) && target.kind === 'memory' && typeof target.region === 'string'
    ? { ...target, region: regionCalled(target.region) }
    : target;

const cpuOf = (digits: string | undefined) => (digits === undefined ? {} : { cpu: Number(digits) });

/**
 * The words of version 1, as the last build that wrote it had them; what is none of them was the
 * name of a section with variables.
 */
const CALLED: readonly [pattern: RegExp, region: (...parts: string[]) => RegionId][] = [
  [/^packet$/, () => ({ kind: 'packet' })],
  [/^memory$/, () => ({ kind: 'memory' })],
  [/^flow_keys$/, () => ({ kind: 'flow-keys' })],
  [/^stack(\d{0,4})$/, (depth) => ({ kind: 'stack', depth: Number(depth) })],
  [
    /^map (.*)\[([0-9a-f]*)\](?: on cpu (\d{1,4}))?$/,
    (map, at, cpu) => ({ kind: 'value', map, at, ...cpuOf(cpu) }),
  ],
  [
    /^storage (.*?)(?: on cpu (\d{1,4}))?$/,
    (map, cpu) => ({ kind: 'storage', map, ...cpuOf(cpu) }),
  ],
  [/^key of map (.*)\[([0-9a-f]*)\]$/, (map, at) => ({ kind: 'key', map, at })],
  [/^index of map (.*)$/, (map) => ({ kind: 'index', map })],
  [
    /^record of map (.*) at (\d{1,10})$/,
    (map, position) => ({ kind: 'record', map, position: Number(position) }),
  ],
];

function regionCalled(name: string): RegionId {
  for (const [pattern, region] of CALLED) {
    const found = pattern.exec(name);
    if (found) return region(...found.slice(1));
  }
  return { kind: 'global', map: name };
}
