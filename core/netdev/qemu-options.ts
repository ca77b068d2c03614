/** Reads a chain from the options of a QEMU command line: what `qemuLines` writes, and the like. */
import { InputError } from '../errors.ts';
import { parseMac } from '../packet/address.ts';
import { FILTER_KINDS, GUEST_MAC, UBPF_HANDLER } from '../spec/net-filters.ts';
import { AT_TAIL, checkNetdev, emptyChain, withFilter, withProperty } from './chain.ts';
import type { ChainFilter, FilterPosition, NetChain, QemuDevice } from './types.ts';

/** A chain as a text says it; its filters name files by their place in `handlers`. */
export interface ReadChain {
  readonly chain: NetChain;
  readonly handlers: readonly string[];
}

/** An option with its value, and the line that it stands in. */
interface Option {
  readonly line: number;
  readonly name: string;
  readonly value: string;
}

type Keys = readonly (readonly [key: string, value: string])[];

/** Options that make a chain. */
const TAKEN = ['-netdev', '-device', '-chardev', '-object'];

/**
 * Reads options one or more a line, as a shell has them: quotes, `\` at the end of a line, `#` in
 * front of a remark. Throws InputError with the line and what to do.
 */
export function readChain(name: string, text: string): ReadChain {
  const options = optionsOf(name, text);
  const reader = new ChainReader();
  for (const option of options) {
    try {
      reader.take(option);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${name}, line ${option.line}`, error.message);
    }
  }
  try {
    return reader.result();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(name, error.message);
  }
}

function optionsOf(name: string, text: string): Option[] {
  const words = wordsOf(text);
  const options: Option[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const { word, line } = words[at];
    const place = `${name}, line ${line}`;
    if (!TAKEN.includes(word))
      throw new InputError(
        place,
        `"${word}" is no option of a chain: ${TAKEN.slice(0, -1).join(', ')} and ` +
          '-object filter-... are',
      );
    const value = words[at + 1];
    if (value === undefined || TAKEN.includes(value.word))
      throw new InputError(place, `${word} has no value behind it`);
    options.push({ line, name: word, value: value.word });
  }
  return options;
}

/** Words as a POSIX shell would take them, with the lines that they begin in. */
function wordsOf(text: string): { word: string; line: number }[] {
  const words: { word: string; line: number }[] = [];
  for (const [at, row] of text.split(/\r?\n/).entries()) {
    const line = row.replace(/(^|\s)#.*$/, '').replace(/\\\s*$/, '');
    for (const [part] of line.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g))
      words.push({ word: unquoted(part), line: at + 1 });
  }
  // A whole command line begins with the program.
  return words[0] && /(^|\/)qemu-system-\w+$/.test(words[0].word) ? words.slice(1) : words;
}

const unquoted = (part: string): string =>
  part.replace(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
    (_all, single?: string, double?: string, one?: string) =>
      single ?? double?.replace(/\\(.)/g, '$1') ?? one ?? '',
  );

/** `key=value` parts of an option: `,,` is a comma, a key alone is switched on (qemu-option.c). */
function keysOf(value: string): Keys {
  const singles: string[] = [];
  let part = '';
  for (let at = 0; at < value.length; at++) {
    if (value[at] !== ',') part += value[at];
    else if (value[at + 1] === ',') {
      part += ',';
      at++;
    } else {
      singles.push(part);
      part = '';
    }
  }
  return [...singles, part].map((text) => {
    const equals = text.indexOf('=');
    return equals < 0 ? [text, 'on'] : [text.slice(0, equals), text.slice(equals + 1)];
  });
}

const keyOf = (keys: Keys, wanted: string): string | undefined =>
  keys.findLast(([key]) => key === wanted)?.[1];

class ChainReader {
  private netdev: QemuDevice | undefined;
  private device: string | undefined;
  private guest = GUEST_MAC;
  private readonly chardevs: QemuDevice[] = [];
  private filters: readonly ChainFilter[] = [];
  private readonly handlers: string[] = [];
  /** Of filters that were named before their netdev, as QEMU allows. */
  private readonly named: { id: string; netdev: string }[] = [];

  take({ name, value }: Option): void {
    if (value.startsWith('{'))
      throw new InputError(name, 'JSON is not read here: write key=value, with commas between');
    const keys = keysOf(value);
    if (name === '-netdev') this.takeNetdev(keys, value);
    else if (name === '-device') this.takeDevice(keys, value);
    else if (name === '-chardev') this.chardevs.push({ id: idOf(keys, 'chardev'), options: value });
    else this.takeFilter(keys);
  }

  result(): ReadChain {
    const { netdev, device, chardevs, filters, handlers, named } = this;
    const { device: _usual, ...empty } = emptyChain();
    const id = netdev?.id ?? named[0]?.netdev;
    if (id === undefined) throw new InputError('', 'there is no filter in it, and no netdev');
    const stray = named.find((filter) => filter.netdev !== id);
    if (stray)
      throw new InputError(
        `filter ${stray.id}`,
        `parameter 'netdev' expects a network backend id: "${stray.netdev}" is not "${id}", ` +
          'and a chain has one netdev',
      );
    const chain: NetChain = {
      ...empty,
      netdev: netdev ?? { id, options: `user,id=${id}` },
      ...(device !== undefined && { device }),
      chardevs,
      filters,
      traffic: { ...empty.traffic, direction: { rule: 'guest', address: this.guest } },
    };
    for (const filter of filters) checkDevices(filter, chardevs);
    return { chain, handlers };
  }

  private takeNetdev(keys: Keys, options: string): void {
    if (this.netdev)
      throw new InputError('-netdev', 'a chain has one netdev: give the others away');
    this.netdev = { id: idOf(keys, 'netdev'), options };
    checkNetdev(this.netdev);
  }

  /** The guest's card: its address tells packets of the guest from those to it. */
  private takeDevice(keys: Keys, options: string): void {
    if (this.device !== undefined)
      throw new InputError('-device', 'a chain has one guest: give the others away');
    const mac = keyOf(keys, 'mac');
    if (mac !== undefined && parseMac(mac) === undefined)
      throw new InputError('-device', `mac=${mac} is no MAC address like ${GUEST_MAC}`);
    this.device = options;
    this.guest = mac ?? GUEST_MAC;
  }

  private takeFilter(keys: Keys): void {
    const kind = FILTER_KINDS.find((row) => row.kind === keys[0][0])?.kind;
    if (kind === undefined)
      throw new InputError(
        '-object',
        `"${keys[0][0]}" is not one of ${FILTER_KINDS.map((row) => row.kind).join(', ')}`,
      );
    const id = idOf(keys, 'object');
    const netdev = keyOf(keys, 'netdev');
    if (netdev === undefined)
      throw new InputError(`filter ${id}`, "parameter 'netdev' is required");
    this.named.push({ id, netdev });
    let filter: ChainFilter = { id, kind, queue: 'all', status: 'on', properties: [] };
    const isProgram = kind === 'filter-ubpf';
    const handler = isProgram ? keyOf(keys, UBPF_HANDLER) : undefined;
    if (handler) filter = { ...filter, object: this.handlerOf(handler) };
    const at: { -readonly [Name in keyof FilterPosition]: FilterPosition[Name] } = { ...AT_TAIL };
    const own: [string, string][] = [];
    for (const [key, value] of keys.slice(1)) {
      if (key === 'id' || key === 'netdev' || (key === UBPF_HANDLER && isProgram)) continue;
      if (key === 'position') at.position = value;
      else if (key === 'insert') at.insert = insertOf(id, value);
      else own.push([key, value]);
    }
    const isCommon = ([key]: [string, string]): boolean => key === 'queue' || key === 'status';
    filter = { ...filter, properties: own.filter((pair) => !isCommon(pair)) };
    for (const [key, value] of own.filter(isCommon)) filter = withProperty(filter, key, value);
    this.filters = withFilter(this.filters, filter, at);
  }

  private handlerOf(path: string): number {
    const known = this.handlers.indexOf(path);
    return known >= 0 ? known : this.handlers.push(path) - 1;
  }
}

function idOf(keys: Keys, what: string): string {
  const id = keyOf(keys, 'id');
  if (id === undefined || id === '')
    throw new InputError(`-${what}`, "parameter 'id' is missing: add id=NAME");
  return id;
}

function insertOf(id: string, value: string): FilterPosition['insert'] {
  if (value === 'before' || value === 'behind') return value;
  throw new InputError(`filter ${id}`, "parameter 'insert' expects 'before' or 'behind'");
}

/** Character devices that filters name have to be there. */
function checkDevices({ id, properties }: ChainFilter, chardevs: readonly QemuDevice[]): void {
  for (const [name, value] of properties) {
    if (name !== 'indev' && name !== 'outdev') continue;
    if (chardevs.some((chardev) => chardev.id === value)) continue;
    throw new InputError(
      `filter ${id}`,
      `device '${value}' not found: add -chardev socket,id=${value},...`,
    );
  }
}
