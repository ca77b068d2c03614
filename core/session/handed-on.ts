/** What a program leaves to the one that is asked behind it on the same hook. */
import { isEqualBytes } from '../bytes/equal.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { parseInteger } from '../bytes/integer.ts';
import { present } from '../errors.ts';
import { type FrameFront, initialContext } from '../hooks/enter.ts';
import type { Machine, SkbState, Tunnel } from '../machine/machine.ts';
import { contextFields } from '../spec/contexts.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import type { Session } from './session.ts';
import type { HandedOn, HandedSkb } from './types.ts';

/** A packet as a program was given it. */
export interface GivenPacket {
  readonly bytes: Uint8Array;
  readonly handed?: HandedOn;
}

type Runnable = Session & { readonly machine: Machine };

const bytesOf = (hex: string): Uint8Array => present(fromHex(hex), 'hex of what was handed on');

/** Where the frame lies that a program is given. */
export const frontOf = ({ front }: HandedOn): FrameFront | undefined =>
  front && { start: front.start, metadata: bytesOf(front.metadata) };

/** The rest of what was handed on, into a machine that has entered the hook. */
export function giveHanded(machine: Machine, { redirect, skb }: HandedOn): void {
  if (redirect) machine.redirect = { ...redirect, flags: BigInt(redirect.flags) };
  if (skb) Object.assign(machine.skb, skbOf(skb));
}

function skbOf({ tunnel, transportOffset: transport, checksumLevel, ...same }: HandedSkb) {
  const given: Partial<SkbState> = {
    ...same,
    transportOffset: transport,
    checksumLevel,
    tunnel: tunnel && {
      ipv6: tunnel.ipv6,
      key: bytesOf(tunnel.key),
      flags: tunnel.flags,
      options: tunnel.options === undefined ? undefined : bytesOf(tunnel.options),
    },
  };
  return given;
}

interface NumberNames {
  readonly all: ReadonlySet<string>;
  /** Those that the packet says. */
  readonly said: readonly string[];
}

/** Names of the numbers in a hook's context, by hook. */
const NUMBERS = new Map<HookName, NumberNames>();
function numberNames(hook: HookName): NumberNames {
  const known = NUMBERS.get(hook);
  if (known) return known;
  const { context } = programType(hook);
  const numbers = (context ? contextFields(context) : []).filter(
    ({ yields }) => yields === 'number',
  );
  const said = numbers.filter(({ initial }) => typeof initial !== 'number');
  const names = {
    all: new Set(numbers.map(({ name }) => name)),
    said: said.map(({ name }) => name),
  };
  NUMBERS.set(hook, names);
  return names;
}

/** Numbers of the context as a program of the session finds them where nothing is handed on. */
export function fieldsOfFrame(
  session: Runnable,
  frame: Uint8Array,
  only?: ReadonlySet<string>,
): ReadonlyMap<string, bigint> {
  const { hook, options, machine, inputs } = session;
  const { context } = programType(hook);
  if (context === undefined) return new Map();
  const given = new Map(
    inputs.context.map(([name, value]) => [name, parseInteger(value, `context.${name}`)]),
  );
  const { littleEndian } = machine.memory;
  return initialContext(hook, context, { frame, options, context: given, littleEndian }, only);
}

/** The same where it is. */
export function fieldsGiven(
  session: Runnable,
  { bytes, handed }: GivenPacket,
  only?: ReadonlySet<string>,
) {
  const fields = new Map(fieldsOfFrame(session, bytes, only));
  for (const [name, value] of handed?.fields ?? []) fields.set(name, BigInt(value));
  return fields;
}

/**
 * What the packet that the machine stands behind hands on; undefined where the next program finds
 * all by itself.
 */
export function handedBehind(
  session: Runnable,
  given: GivenPacket,
  packetOut: Uint8Array,
): HandedOn | undefined {
  const { machine, hook } = session;
  const fields = fieldsBehind(session, given, packetOut, machine.context?.written ?? NONE);
  const front = hook === 'xdp' ? frontBehind(machine) : undefined;
  const skb = hook === 'tc' ? skbBehind(machine) : undefined;
  const { redirect } = machine;
  if (!(fields || front || skb || redirect)) return undefined;
  return {
    ...(fields && { fields }),
    ...(front && { front }),
    ...(redirect && { redirect: { ...redirect, flags: redirect.flags.toString() } }),
    ...(skb && { skb }),
  };
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The same of a packet that compiled code ran by itself: of all that an skb is it changes bytes
 * alone.
 */
export function handedByBytes(
  session: Runnable,
  given: GivenPacket,
  packetOut: Uint8Array,
): HandedOn | undefined {
  const fields = fieldsBehind(session, given, packetOut, NONE);
  return fields && { fields };
}

/**
 * Fields that the next program would not find so by itself. The kernel's skb stays what it is:
 * fields that a packet once said do not follow its bytes.
 */
function fieldsBehind(
  session: Runnable,
  given: GivenPacket,
  packetOut: Uint8Array,
  written: ReadonlySet<string>,
): HandedOn['fields'] {
  const { machine, hook } = session;
  const { all, said } = numberNames(hook);
  // XDP has none that a program may write, or that a packet says.
  if (all.size === 0 || hook === 'xdp') return undefined;
  const isChanged = !isEqualBytes(given.bytes, packetOut);
  const handed = (given.handed?.fields ?? []).map(([name]) => name);
  const some = [...(isChanged ? said : []), ...handed, ...written];
  const names = new Set(some.filter((name) => all.has(name)));
  if (names.size === 0) return undefined;
  const next = fieldsOfFrame(session, packetOut, names);
  const before = fieldsGiven(session, given, names);
  const fields = [...names].flatMap((name): [string, string][] => {
    const value = written.has(name) ? machine.context?.get(name) : before.get(name);
    return value === undefined || value === next.get(name) ? [] : [[name, value.toString()]];
  });
  return fields.length > 0 ? fields : undefined;
}

/** XDP_PACKET_HEADROOM: where a frame begins that nobody has moved. */
const HEADROOM = 256;

function frontBehind({ packet, memory }: Machine): HandedOn['front'] {
  const { region, data, meta, low } = packet;
  if (region === 0) return undefined;
  const start = data - low;
  if (start === HEADROOM && meta === data) return undefined;
  return { start, metadata: toHex(memory.bytes.subarray(meta, data)) };
}

function skbBehind({ skb, context }: Machine) {
  const isUsual =
    skb.hashed === (context?.get('hash') !== 0n) &&
    skb.networkOffset === skb.linkLength &&
    skb.macLength === 0 &&
    skb.transportOffset === undefined &&
    !skb.encapsulation &&
    skb.checksumLevel === undefined &&
    skb.tunnel === undefined;
  return isUsual ? undefined : plainSkb(skb);
}

function plainSkb({ tunnel, transportOffset: transport, ...skb }: SkbState): HandedSkb {
  return {
    networkOffset: skb.networkOffset,
    linkLength: skb.linkLength,
    macLength: skb.macLength,
    encapsulation: skb.encapsulation,
    hashed: skb.hashed,
    ...(transport !== undefined && { transportOffset: transport }),
    ...(skb.checksumLevel !== undefined && { checksumLevel: skb.checksumLevel }),
    ...(tunnel && { tunnel: plainTunnel(tunnel) }),
  };
}

const plainTunnel = ({ ipv6, key, flags, options }: Tunnel): HandedSkb['tunnel'] => ({
  ipv6,
  key: toHex(key),
  flags,
  ...(options && { options: toHex(options) }),
});
