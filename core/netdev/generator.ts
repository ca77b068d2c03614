import { fromHex } from '../bytes/hex.ts';
import { InputError, present } from '../errors.ts';
import { networkProtocol } from '../hooks/link-layer.ts';
import { parseIpv4, parseMac } from '../packet/address.ts';
import { buildPacket } from '../packet/build.ts';
import { fixChecksums } from '../packet/edit.ts';
import type { StackItem } from '../packet/types.ts';
import { GUEST_MAC } from '../spec/net-filters.ts';
import { headersOf, PACKET_TEMPLATES } from '../spec/packet-templates.ts';
import type { ChainSource } from './source.ts';
import { packed } from './source.ts';
import type { GeneratorSettings } from './types.ts';

/** Different packets of a template, in each direction. */
const VARIANTS = 32;
/** One of so many goes to one of the destinations that are asked for. */
const TO_A_GOAL = 4;
/** More than anybody waits for. */
export const MOST_MADE = 1_000_000_000;

const [TO, FROM] = [0, 6];
const IP4_SOURCE = 12;
const IP4_DESTINATION = 16;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
/** Last byte of the other hosts' addresses, from here on. */
const FIRST_HOST = 100;

/**
 * Packets that are made: of which template each is, and which way it goes, follows from the seed
 * and its number alone, so any of them can be had again. A guest with QEMU's first address talks
 * with hosts whose addresses and ports differ. Throws InputError where there is nothing to make.
 */
export function sourceOfGenerator(settings: GeneratorSettings): ChainSource {
  checkGenerator(settings);
  const { count, seed, gap, templates, destinations = [] } = settings;
  const nanoseconds = Number(gap);
  const goals = destinations.map(destinationOf);
  const pool = templates.flatMap((template) => variantsOf(template, goals));
  const timeOf = (number: number): number => number * nanoseconds;
  return {
    name: 'generator',
    length: count,
    isWhole: true,
    start: 0n,
    timeOf,
    read: async (from, behind) => {
      const end = Math.min(behind, count);
      const numbers = Float64Array.from({ length: end - from }, (_, i) => from + i);
      return {
        frames: packed(Array.from(numbers, (number) => pool[mixed(number, seed) % pool.length])),
        numbers,
        times: numbers.map(timeOf),
        rounds: 0,
      };
    },
  };
}

/** An InputError says what of the settings cannot be. */
export function checkGenerator(settings: GeneratorSettings): void {
  const { count, seed, gap, templates, destinations = [] } = settings;
  if (!Number.isInteger(count) || count < 1 || count > MOST_MADE)
    throw new InputError('generator', `makes 1 to ${MOST_MADE} packets, a whole number`);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    throw new InputError('generator', 'its seed is a whole number of 32 bits');
  if (!/^\d{1,19}$/.test(gap))
    throw new InputError('generator', `"${gap}" is no time from one packet to the next`);
  if (templates.length === 0) throw new InputError('generator', 'choose what it makes');
  for (const destination of destinations) destinationOf(destination);
}

/** 32 bits that look like chance, of a packet's number and the seed. */
function mixed(number: number, seed: number): number {
  let word = Math.imul(number ^ (seed * 0x9e37_79b1), 0x85eb_ca6b);
  word = Math.imul(word ^ (word >>> 15), 0xc2b2_ae35);
  word = Math.imul(word ^ (word >>> 13), 0x27d4_eb2f);
  return (word ^ (word >>> 16)) >>> 0;
}

/** Where a packet goes. */
interface Destination {
  readonly address: Uint8Array;
  readonly port: number | undefined;
}

function destinationOf(text: string): Destination {
  const [host, port, ...rest] = text.split(':');
  const address = parseIpv4(host);
  const isPort = port === undefined || (/^\d{1,5}$/.test(port) && Number(port) <= 0xffff);
  if (address === undefined || !isPort || rest.length > 0)
    throw new InputError('generator', `"${text}" is no IPv4 address, or one and a port`);
  return { address, port: port === undefined ? undefined : Number(port) };
}

function variantsOf(wanted: string, goals: readonly Destination[]): Uint8Array[] {
  const template = PACKET_TEMPLATES.find(({ name }) => name === wanted);
  if (template === undefined) throw new InputError('generator', `"${wanted}" is no template`);
  const { payload } = template;
  const stack: StackItem[] = headersOf(template);
  if (payload !== undefined) stack.push({ payload: present(fromHex(payload), payload) });
  const whole = buildPacket(new Uint8Array(), stack, true);
  return Array.from({ length: 2 * VARIANTS }, (_, i) => {
    const which = i >> 1;
    const goal = goals[which % TO_A_GOAL === 0 ? (which / TO_A_GOAL) % goals.length : -1];
    return variantOf(whole, which, i % 2 === 0, goal);
  });
}

/**
 * The packet between the guest and another host. The guest has the address that the template's
 * packet goes to, the other host one of its own by `which`, and a port where it is the one that
 * asks; `goal`: where it goes instead, whoever sends it.
 */
function variantOf(
  whole: Uint8Array,
  which: number,
  isToGuest: boolean,
  goal: Destination | undefined,
): Uint8Array {
  const frame = whole.slice();
  frame.set(present(parseMac(GUEST_MAC), GUEST_MAC), isToGuest ? TO : FROM);
  const header = networkProtocol(frame);
  if (header === undefined || header.version !== 4) return frame;
  const { offset, length, protocol } = header;
  const [source, destination] = [offset + IP4_SOURCE, offset + IP4_DESTINATION];
  if (!isToGuest) {
    frame.set(whole.subarray(destination, destination + 4), source);
    frame.set(whole.subarray(source, source + 4), destination);
  }
  frame[(isToGuest ? source : destination) + 3] = FIRST_HOST + which;
  const port = offset + length;
  const hasPorts = protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;
  if (hasPorts && isToGuest && port + 2 <= frame.length) frame[port + 1] ^= which;
  if (goal) {
    frame.set(goal.address, destination);
    if (hasPorts && goal.port !== undefined && port + 4 <= frame.length)
      frame.set([goal.port >> 8, goal.port & 0xff], port + 2);
  }
  return fixChecksums(frame);
}
