import * as v from 'valibot';
import { LIST_HOOKS, MOST_ON_HOOK, TC_PLACES } from '../spec/hook-lists.ts';
import { hexText, name, uint32 } from './input-schemas.ts';

/** Objects of the lists of a session. */
export const MOST_HOOK_OBJECTS = Object.values(MOST_ON_HOOK).reduce((sum, most) => sum + most);

const PROGRAM = v.strictObject({
  id: v.pipe(name, v.regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/)),
  object: v.pipe(uint32, v.maxValue(MOST_HOOK_OBJECTS - 1)),
  program: v.exactOptional(name),
  status: v.picklist(['on', 'off']),
  where: v.exactOptional(v.picklist(TC_PLACES.map((row) => row.name))),
  priority: v.exactOptional(uint32),
  actions: v.exactOptional(
    v.pipe(v.array(v.pipe(uint32, v.maxValue(31))), v.maxLength(32), v.readonly()),
  ),
});

/**
 * What may be said of the lists of a session (netdev/types.ts); what cannot be of one is looked at
 * when it is opened.
 */
export const HOOK_LISTS = v.pipe(
  v.array(
    v.strictObject({
      hook: v.picklist(LIST_HOOKS),
      direction: v.exactOptional(v.picklist(['ingress', 'egress'])),
      programs: v.pipe(
        v.array(PROGRAM),
        v.maxLength(Math.max(...Object.values(MOST_ON_HOOK))),
        v.readonly(),
      ),
    }),
  ),
  v.maxLength(LIST_HOOKS.length),
  v.check((lists) => new Set(lists.map(({ hook }) => hook)).size === lists.length),
  v.readonly(),
);

/** More bytes than a frame has room in front of it. */
const FRONT = 65_536;
const offset = v.pipe(v.number(), v.integer(), v.minValue(-FRONT), v.maxValue(4 * FRONT));
const number = v.pipe(v.string(), v.regex(/^\d{1,20}$/));
const SKB = v.strictObject({
  networkOffset: offset,
  linkLength: v.pipe(uint32, v.maxValue(FRONT)),
  macLength: v.pipe(uint32, v.maxValue(FRONT)),
  transportOffset: v.exactOptional(offset),
  encapsulation: v.boolean(),
  checksumLevel: v.exactOptional(v.pipe(uint32, v.maxValue(3))),
  hashed: v.boolean(),
  tunnel: v.exactOptional(
    v.strictObject({
      ipv6: v.boolean(),
      key: hexText,
      flags: uint32,
      options: v.exactOptional(hexText),
    }),
  ),
});

/** What programs in front of another one have left of a packet. */
export const HANDED_ON = v.strictObject({
  fields: v.exactOptional(
    v.pipe(
      v.array(v.pipe(v.strictTuple([name, number]), v.readonly())),
      v.maxLength(128),
      v.readonly(),
    ),
  ),
  front: v.exactOptional(
    v.strictObject({ start: v.pipe(uint32, v.maxValue(4 * FRONT)), metadata: hexText }),
  ),
  redirect: v.exactOptional(
    v.strictObject({ ifindex: uint32, flags: number, target: v.exactOptional(name) }),
  ),
  skb: v.exactOptional(SKB),
});
