import { baseName } from '../bytes/base-name.ts';
import { nameOfChainChange } from '../netdev/edit-chain.ts';
import { nameOfHookChange } from '../netdev/edit-hook-list.ts';
import type { Wish } from '../protocol/messages.ts';
import { nameOfEdit } from '../session/edits.ts';
import { nameOfTarget } from '../session/travel/watch.ts';
import type { SessionInputs } from '../session/types.ts';

/** Wishes that leave a session as it is made: they go through it, ask it, or are undo itself. */
type Reading =
  | 'select-packet'
  | 'show-packets'
  | 'run-packets'
  | 'list-packets'
  | 'packet-statistics'
  | 'complete-filter'
  | 'seek-packet'
  | 'count-breakpoints'
  | 'explain'
  | 'flow'
  | 'compiled'
  | 'variables'
  | 'evaluate'
  | 'marks'
  | 'map-fields'
  | 'export-map'
  | 'export-trace'
  | 'go'
  | 'go-to-note'
  | 'pause'
  | 'share'
  | 'save-snapshot'
  | 'save-tests'
  | 'expected-entries'
  | 'pack-kept'
  | 'read-memory'
  | 'traffic-work'
  | 'traffic-order'
  | 'traffic-query'
  | 'traffic-rows'
  | 'traffic-place'
  | 'traffic-statistics'
  | 'traffic-open'
  | 'traffic-seek'
  | 'traffic-maps'
  | 'traffic-errand'
  | 'traffic-result'
  | 'traffic-close'
  | 'chain-order'
  | 'chain-speed'
  | 'chain-work'
  | 'chain-dump'
  | 'hook-order'
  | 'hook-work'
  | 'undo'
  | 'redo';
type Changing = Exclude<Wish['type'], Reading>;

/** The inputs before a change and after it. */
interface Both {
  readonly before: SessionInputs;
  readonly after: SessionInputs;
}

type Namer<Type extends Wish['type']> = (wish: Extract<Wish, { type: Type }>, both: Both) => string;

const opening = (_wish: unknown, { after }: Both): string => `opening ${after.object.name}`;

/** What a dropped or pasted thing was, by what it changed. */
function nameOfOpened(name: string, { before, after }: Both): string {
  if (before.object !== after.object)
    return before.object.name === after.object.name
      ? `${after.object.name} built anew`
      : `opening ${after.object.name}`;
  if (before.kernelTypes !== after.kernelTypes) return `kernel types of ${name}`;
  return before.packets !== after.packets ? `packets of ${name}` : `file ${name}`;
}

const pasted = (_wish: unknown, { after }: Both): string =>
  after.packets.length === 1 ? 'pasted packet' : `packet ${after.packet + 1}, pasted`;

/** What each change is called behind `Undo: `; a new wish is named here, or changes nothing. */
const NAMES: { readonly [Type in Changing]: Namer<Type> } = {
  'open-file': ({ name }, both) => nameOfOpened(name, both),
  'open-blob': ({ name }, both) => nameOfOpened(name, both),
  'open-text': (wish, both) =>
    both.before.object === both.after.object ? pasted(wish, both) : nameOfOpened('', both),
  'open-inputs': opening,
  'open-link': opening,
  'open-kept': opening,
  'select-program': ({ name }) => `choice of program ${name}`,
  'set-hook': ({ hook }) => `choice of hook ${hook}`,
  'set-option': ({ name, value }) => `option ${name}: ${value}`,
  'set-settings': ({ settings }) => `setting ${Object.keys(settings).join(', ')}`,
  'set-kernel-types': () => 'choice of kernel types',
  'set-network': () => 'change of the network',
  'set-extern': ({ name }) => `value of ${name}`,
  'chain-change': ({ change }) => nameOfChainChange(change),
  'chain-open': ({ drop }) => `opening packet ${drop.packet} of the traffic`,
  'hook-change': ({ change }) => nameOfHookChange(change),
  'hook-open': ({ place }) => `opening packet ${place.packet} at program ${place.id}`,
  'set-map-size': ({ map, field }) => `${field} of map ${map}`,
  'set-variable': ({ variable }) => `value of ${variable}`,
  'add-packet': pasted,
  'read-packet-as': ({ dialect }) => `reading as ${dialect}`,
  'move-packet': ({ index, to }) => `packet ${index + 1} moved to place ${to + 1}`,
  'rename-packet': ({ index }) => `name of packet ${index + 1}`,
  'duplicate-packet': ({ index }) => `copy of packet ${index + 1}`,
  'add-template': ({ name }) => `packet ${name}`,
  cover: () => 'packets that cover',
  'build-packet': () => 'change of the headers',
  'remove-packet': ({ index }) => `removal of packet ${index + 1}`,
  'set-packet-text': pasted,
  'edit-packet': ({ offset }) => `edit of byte ${offset}`,
  'resize-packet': ({ length }) => `length of ${length} bytes`,
  'edit-field': ({ name }) => `edit of ${name}`,
  'fix-checksums': () => 'fixed checksums',
  'set-context': ({ field }) => `value of context.${field}`,
  'set-map-entry': ({ map, key }) => `entry ${map}[${key}]`,
  'set-map-field': ({ map, key, expression }) => `${expression} of ${map}[${key}]`,
  'fill-prog-array': ({ map }) => `programs in map ${map}`,
  'delete-map-entry': ({ map, key }) => `deletion of ${map}[${key}]`,
  'import-map': ({ map }) => `import of map ${map}`,
  'toggle-breakpoint': ({ pc }) => `breakpoint at instruction ${pc}`,
  'toggle-line': ({ file, line }) => `breakpoint at ${baseName(file)}:${line}`,
  'set-rule': ({ rule }) => `condition of the breakpoint at instruction ${rule.pc}`,
  'toggle-watchpoint': ({ target }) => `watchpoint on ${nameOfTarget(target)}`,
  edit: ({ target, value }, { after }) =>
    `${nameOfEdit({ packet: 0, step: after.step, target, value })} at step ${after.step}`,
  assign: ({ expression }, { after }) => `${expression} at step ${after.step}`,
  'set-expressions': () => 'watched expressions',
  'keep-expectations': () => 'expectations',
  'set-expectation': ({ packet, verdict }) =>
    `${verdict === '' ? 'removal of the expectation' : 'expectation'} of packet ${packet + 1}`,
  'set-expected-entry': ({ packet, index }) =>
    `expected entry ${index + 1} of packet ${packet + 1}`,
  'drop-expectations': () => 'removal of all expectations',
  'set-note': ({ packet, step }) => `note at step ${step} of packet ${packet + 1}`,
};

/** `edit of ip.dst`; undefined for a wish that changes nothing. */
export function nameOfChange(wish: Wish, both: Both): string | undefined {
  const name = (NAMES as unknown as Partial<Record<string, Namer<never>>>)[wish.type];
  return name?.(wish as never, both);
}
