import { toHex } from '../bytes/hex.ts';
import { firstWord, type GuestMap, roundUp8, valuesPerEntry } from '../maps/map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { locate, READ } from '../memory/memory.ts';
import { formatValue } from '../object/btf/format.ts';
import type { MapDefinition } from '../object/types.ts';
import type { Cause } from '../protocol/messages.ts';
import { nameOfEdit } from '../session/edits.ts';
import type { Session } from '../session/session.ts';
import type { Edit } from '../session/types.ts';
import type { ContextField } from '../spec/contexts.ts';
import { ERRNO } from '../spec/errno.ts';
import type { Surrounding } from '../spec/helper-effects.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import type { LinearAddress, Step, ValueOffset } from '../spec/units.ts';
import { keyText, valueText } from '../view/map-view.ts';
import { bytesText } from './field-parts.ts';
import { paddingNote } from './key-padding.ts';
import type { Causes } from './slice.ts';
import { MAP_CALL_STRIDE, NO_STEP, type Trace } from './trace.ts';

/** Entries of a map that are gone through to find which one bytes lie in. */
const MOST_ENTRIES = 65_536;
/** Bytes of a variable that are shown as its value. */
const MOST_SHOWN = 16;

/** Types whose lookups and changes of an entry are about that entry alone. */
const BY_ENTRY: ReadonlySet<number> = new Set([
  MAP_TYPE_ID.array,
  MAP_TYPE_ID.percpu_array,
  MAP_TYPE_ID.prog_array,
  MAP_TYPE_ID.devmap,
  MAP_TYPE_ID.cpumap,
  MAP_TYPE_ID.xskmap,
  MAP_TYPE_ID.array_of_maps,
]);
/** Those of which a lookup is. */
const LOOKED_UP_BY_ENTRY: ReadonlySet<number> = new Set([
  ...BY_ENTRY,
  MAP_TYPE_ID.hash,
  MAP_TYPE_ID.percpu_hash,
  MAP_TYPE_ID.hash_of_maps,
  MAP_TYPE_ID.devmap_hash,
]);

interface Place {
  readonly map: GuestMap;
  readonly key: Uint8Array;
  /** From the value's first byte, of whatever CPU's. */
  readonly offset: number;
}

/** Puts names to what a slice found, by the machine as it stood before the first step. */
export class CauseNames {
  private readonly session: Session;
  private readonly trace: Trace;
  /** Where values of each map lie that was asked for: start, end and key. */
  private readonly values = new Map<
    GuestMap,
    { start: LinearAddress; end: LinearAddress; key: Uint8Array }[]
  >();

  /** The session's machine has to stand before its first step whenever names are asked for. */
  constructor(session: Session, trace: Trace) {
    this.session = session;
    this.trace = trace;
  }

  /** All but the bytes of the packet and its length, which have fields. */
  named(causes: Causes): Cause[] {
    const all = [
      ...[...causes.edits].map(ofEdit),
      ...[...causes.fields].map((field) => this.ofContext(field)),
      ...this.settings(causes),
      ...this.memory(causes.memory),
      ...[...causes.mapCalls].map((number) => this.ofCall(number * MAP_CALL_STRIDE)),
    ];
    return [
      ...new Map(
        all.map((cause) => [`${cause.kind} ${cause.name} ${cause.offset ?? ''}`, cause]),
      ).values(),
    ];
  }

  /**
   * Those that a sentence says: neither what fields of the packet say already, nor constants
   * without a name.
   */
  told(causes: Causes): Cause[] {
    const saidByPacket = new Set(
      [...causes.fields]
        .filter((field) => this.session.fieldBytes(field).length > 0)
        .map(({ name }) => name),
    );
    return this.named(causes).filter(
      ({ kind, name, map }) =>
        !(kind === 'context' && saidByPacket.has(name)) && !(kind === 'global' && name === map),
    );
  }

  private ofContext({ name, yields }: ContextField): Cause {
    const value = this.session.machine!.context?.get(name) ?? 0n;
    // Where something lies says nothing to a reader.
    const says = yields !== 'pointer' || value === 0n ? `is ${value}` : 'is there';
    return { kind: 'context', name, what: name, says };
  }

  private settings({ settings, answers }: Causes): Cause[] {
    return [...settings].map((name): Cause => {
      const answer = [...answers].find((step) => this.isAnswerOf(step, name));
      const [what, says] =
        answer === undefined ? [SETTING_WORDS[name], 'counts'] : this.settingText(answer, name);
      return { kind: 'setting', name, what, says };
    });
  }

  private isAnswerOf(step: Step, setting: Surrounding): boolean {
    const { effect, helper } = this.trace.factsOf(step)!;
    if (setting === 'seed') return helper === 'get_prandom_u32';
    return (
      effect?.asks?.length === 1 && effect.asks[0] === setting && effect.answer === 'arguments'
    );
  }

  private settingText(step: Step, setting: Surrounding): [what: string, says: string] {
    const value = this.answer(step);
    if (setting === 'time') return ['the clock', `is ${value}`];
    if (setting === 'seed') return ['the random number', `is 0x${value.toString(16)}`];
    if (setting === 'cpu') return ['the CPU', `is ${value}`];
    return [SETTING_WORDS[setting], `gave ${value} (bpf_${this.trace.factsOf(step)!.helper})`];
  }

  private answer(step: Step): bigint {
    const { answers } = this.trace;
    const at = answers.lowerBound(step, ANSWER_STRIDE);
    return (BigInt(answers.at(at + 2) >>> 0) << 32n) | BigInt(answers.at(at + 1) >>> 0);
  }

  /**
   * What helpers answered that can fail: `bpf_skb_store_bytes gave -14 (EFAULT)`, and whether one
   * did.
   */
  answers(causes: Causes): { readonly text: string; readonly failed: boolean }[] {
    return [...causes.answers].flatMap((step) => {
      const { effect, helper } = this.trace.factsOf(step)!;
      const tells =
        effect?.asks?.some((name) => TOLD_BY_VALUE.has(name)) || effect?.reads?.includes('random');
      if (helper === '' || tells || helper.startsWith('map_lookup') || SAYS_NOTHING.has(helper))
        return [];
      const value = BigInt.asIntN(64, this.answer(step));
      const errno =
        value < 0n && Object.entries(ERRNO).find(([, number]) => BigInt(-number) === value)?.[0];
      const name = helper.startsWith('bpf_') ? helper : `bpf_${helper}`;
      return [{ text: `${name} gave ${value}${errno ? ` (${errno})` : ''}`, failed: value !== 0n }];
    });
  }

  // ---------------------------------------------------------------- memory and maps

  private memory(bytes: ReadonlyMap<number, number>): Cause[] {
    const entries: Cause[] = [];
    const globals = new Map<string, { place: Place; offsets: number[] }>();
    for (const address of [...bytes.keys()].sort((a, b) => a - b)) {
      const place = this.placeOf(address);
      if (place === undefined) continue;
      const { definition } = place.map;
      if (definition.origin !== 'global') {
        entries.push(this.ofEntry(place.map, place.key));
        continue;
      }
      const name = variableAt(definition, place.offset)?.name ?? `${place.offset}`;
      const known = globals.get(`${definition.name} ${name}`);
      if (known) known.offsets.push(place.offset);
      else globals.set(`${definition.name} ${name}`, { place, offsets: [place.offset] });
    }
    return [
      ...entries,
      ...[...globals.values()].map(({ place, offsets }) => this.ofGlobal(place, offsets)),
    ];
  }

  private placeOf(address: LinearAddress): Place | undefined {
    for (const map of this.session.machine!.maps) {
      const value = this.valuesOf(map).find(({ start, end }) => address >= start && address < end);
      const stride = roundUp8(map.definition.valueSize);
      if (value) return { map, key: value.key, offset: (address - value.start) % stride };
    }
    return undefined;
  }

  private valuesOf(map: GuestMap): { start: LinearAddress; end: LinearAddress; key: Uint8Array }[] {
    const known = this.values.get(map);
    if (known) return known;
    const { definition } = map;
    const span =
      roundUp8(definition.valueSize) *
      valuesPerEntry(definition, this.session.machine!.surroundings.cpus);
    const values: { start: LinearAddress; end: LinearAddress; key: Uint8Array }[] = [];
    if (definition.valueSize > 0)
      for (const { key, value, size } of map.entries()) {
        values.push({ start: value, end: value + (size ?? span), key: key.slice() });
        if (values.length === MOST_ENTRIES) break;
      }
    this.values.set(map, values);
    return values;
  }

  /** Of a variable all of it, or the bytes that count. */
  private ofGlobal({ map: { definition }, key, offset }: Place, offsets: readonly number[]): Cause {
    const variable = variableAt(definition, offset);
    const { btf, endian } = this.session.object;
    const start = this.valuesOf(this.mapOf(definition.name))[0].start;
    const isWhole =
      variable !== undefined && (variable.size <= 8 || offsets.length === variable.size);
    const from = isWhole ? variable.offset : offsets[0];
    const end = isWhole ? from + variable.size : offsets.at(-1)! + 1;
    const bytes = this.session.machine!.memory.bytes.slice(start + from, start + end);
    const typed = isWhole && btf && variable.type !== undefined && bytes.length <= MOST_SHOWN;
    const text = typed
      ? formatValue(btf, variable.type!, bytes, endian).text
      : `0x${toHex(bytes.subarray(0, MOST_SHOWN))}${bytes.length > MOST_SHOWN ? '…' : ''}`;
    const name = variable?.name ?? definition.name;
    const part =
      isWhole || variable === undefined
        ? ''
        : ` at ${bytesText(from - variable.offset, end - from)}`;
    return {
      kind: 'global',
      name,
      map: definition.name,
      key: toHex(key),
      offset: from,
      length: end - from,
      what: `${name}${definition.readOnly ? ' (constant)' : ' (global)'}${part}`,
      says: `${definition.readOnly ? 'is' : 'was'} ${text}`,
    };
  }

  private mapOf(name: string): GuestMap {
    return this.session.machine!.mapNamed(name)!;
  }

  private ofEntry(map: GuestMap, key: Uint8Array): Cause {
    const { machine, object } = this.session;
    const { definition } = map;
    const hex = toHex(key);
    const keyName = keyText(object.btf, definition, key, object.endian) || hex;
    const name = `${definition.name}[${keyName}]`;
    const pointer = definition.valueSize > 0 ? map.lookup(key, machine!.surroundings.cpu) : 0n;
    const { memory } = machine!;
    const at = locate(
      memory,
      Number(pointer >> 32n),
      Number(pointer & 0xffff_ffffn),
      definition.valueSize,
      READ,
    );
    const value = at < 0 ? undefined : memory.bytes.slice(at, at + definition.valueSize);
    const shown = (bytes: Uint8Array): string =>
      valueText(object, machine!, definition, key, bytes) ||
      `0x${toHex(bytes.subarray(0, MOST_SHOWN))}`;
    const text = value === undefined ? 'was not there' : `was ${shown(value)}`;
    return { kind: 'entry', name, map: definition.name, key: hex, what: name, says: text };
  }

  private ofCall(at: number): Cause {
    const { mapCalls, keys } = this.trace;
    const map = this.session.machine!.maps[mapCalls.at(at + 1)];
    const { helper } = this.trace.factsOf(mapCalls.at(at))!;
    const key = mapCalls.at(at + 2);
    const { type, name, maxEntries } = map.definition;
    const looks =
      helper.startsWith('map_lookup') || helper === 'redirect_map' || helper === 'tail_call';
    const byEntry = (looks ? LOOKED_UP_BY_ENTRY : BY_ENTRY).has(type);
    const whole = {
      kind: 'entry',
      name,
      map: name,
      what: `map ${name}`,
      says: 'counts as it was',
    } as const;
    if (!byEntry || key === NO_STEP) return whole;
    const bytes = Uint8Array.from(keys[key].match(/../g) ?? [], (pair) =>
      Number.parseInt(pair, 16),
    );
    if (map instanceof ProgArray || maxEntries === 0) {
      const index = firstWord(bytes, this.trace.littleEndian);
      const program = map instanceof ProgArray ? map.program(index) : undefined;
      return {
        ...whole,
        name: `${name}[${keys[key]}]`,
        key: keys[key],
        what: `${name}[${index}]`,
        ...(map instanceof ProgArray && { says: this.slotText(program) }),
      };
    }
    const entry = this.ofEntry(map, bytes);
    const padding = paddingNote(this.session.object, map.definition, mapCalls.at(at + 3));
    return padding === undefined ? entry : { ...entry, says: `${entry.says} (${padding})` };
  }

  private slotText(program: number | undefined): string {
    return program === undefined
      ? 'was empty'
      : `was ${this.session.machine!.code.programs[program]?.name}`;
  }
}

const ofEdit = (edit: Edit): Cause => {
  const name = nameOfEdit(edit);
  const to = edit.value === '' ? '' : ` to ${edit.value}`;
  const did = edit.target.kind === 'fill' ? 'filled up' : to === '' ? 'took out' : 'changed';
  return {
    kind: 'edit',
    name,
    what: 'you',
    says: `${did} ${name}${to} at step ${edit.step}`,
  };
};

const variableAt = ({ variables }: MapDefinition, offset: ValueOffset) =>
  variables?.find((row) => offset >= row.offset && offset < row.offset + row.size);

const ANSWER_STRIDE = 3;

/** Settings whose helpers are told by what they gave. */
const TOLD_BY_VALUE: ReadonlySet<Surrounding> = new Set(['time', 'seed', 'cpu', 'task', 'cgroup']);
/** Whose answer is worked out of bytes, which are named, or is no answer. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'csum_diff',
  'get_hash_recalc',
  'strncmp',
  'xdp_get_buff_len',
  'loop',
  'for_each_map_elem',
  'tail_call',
]);

const SETTING_WORDS: Readonly<Record<Surrounding, string>> = {
  time: 'the clock',
  seed: 'the seed of random numbers',
  cpu: 'the CPU it ran on',
  cpus: 'the number of CPUs',
  task: 'the task that ran',
  cgroup: 'its cgroup',
  devices: 'what devices there are',
  routes: 'what routes there are',
  neighbours: 'what neighbours there are',
  sockets: 'what sockets there are',
  socket: "the packet's socket",
};
