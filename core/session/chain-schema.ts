import * as v from 'valibot';
import { FILTER_KINDS, FILTER_QUEUES, FLOW_DIRECTIONS, MOST_FILTERS } from '../spec/net-filters.ts';
import { name, nanoseconds, networkAddress, uint32 } from './input-schemas.ts';

const QEMU_DEVICE = v.strictObject({ id: name, options: name });
const FILTER = v.strictObject({
  id: v.pipe(name, v.regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/)),
  kind: v.picklist(FILTER_KINDS.map(({ kind }) => kind)),
  queue: v.picklist(FILTER_QUEUES),
  status: v.picklist(['on', 'off']),
  object: v.exactOptional(v.pipe(uint32, v.maxValue(MOST_FILTERS - 1))),
  program: v.exactOptional(name),
  properties: v.pipe(
    v.array(v.pipe(v.strictTuple([name, name]), v.readonly())),
    v.maxLength(16),
    v.readonly(),
  ),
});
/**
 * What may be said of a chain (netdev/types.ts); what QEMU would refuse of it is looked at when it
 * is opened.
 */
export const CHAIN = v.strictObject({
  netdev: QEMU_DEVICE,
  device: v.exactOptional(name),
  chardevs: v.pipe(v.array(QEMU_DEVICE), v.maxLength(2 * MOST_FILTERS), v.readonly()),
  filters: v.pipe(v.array(FILTER), v.maxLength(MOST_FILTERS), v.readonly()),
  traffic: v.strictObject({
    source: v.picklist(['packets', 'generator']),
    direction: v.variant('rule', [
      v.strictObject({ rule: v.picklist(FLOW_DIRECTIONS) }),
      v.strictObject({ rule: v.literal('guest'), address: networkAddress }),
    ]),
    generator: v.strictObject({
      count: uint32,
      seed: uint32,
      gap: nanoseconds,
      templates: v.pipe(v.array(name), v.maxLength(64), v.readonly()),
      destinations: v.exactOptional(v.pipe(v.array(name), v.maxLength(64), v.readonly())),
    }),
  }),
});
