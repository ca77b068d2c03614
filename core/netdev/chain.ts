/** The list of filters of a netdev, and what QEMU refuses of it: net/filter.c. */
import { InputError } from '../errors.ts';
import {
  type FilterKind,
  type FlowDirection,
  filterKind,
  GUEST_MAC,
  MOST_FILTERS,
  QUEUE_OF,
} from '../spec/net-filters.ts';
import type { ChainFilter, ChainTraffic, FilterPosition, NetChain } from './types.ts';

/** Where a filter goes of which nothing is said. */
export const AT_TAIL: FilterPosition = { position: 'tail', insert: 'behind' };

export const DEFAULT_TRAFFIC: ChainTraffic = {
  source: 'packets',
  direction: { rule: 'guest', address: GUEST_MAC },
  generator: {
    count: 1_000_000,
    seed: 1,
    gap: '10000',
    templates: ['TCP SYN', 'TCP data', 'UDP', 'DNS query', 'Ping', 'ARP request', 'IPv6 TCP SYN'],
    // What the first example looks for.
    destinations: ['1.1.1.1'],
  },
};

const NETDEV = 'hn0';

/** A netdev without filters. */
export const emptyChain = (): NetChain => ({
  netdev: { id: NETDEV, options: `user,id=${NETDEV}` },
  device: `virtio-net-pci,netdev=${NETDEV},mac=${GUEST_MAC}`,
  chardevs: [],
  filters: [],
  traffic: DEFAULT_TRAFFIC,
});

/** A property of a filter; undefined where there is none and nothing was said. */
export function propertyOf({ kind, properties }: ChainFilter, name: string): string | undefined {
  const said = properties.find(([property]) => property === name);
  return said
    ? said[1]
    : filterKind(kind).properties.find((property) => property.name === name)?.initial;
}

/**
 * The filters that look at a packet, in the order in which they do: what the netdev sends goes from
 * the head of the list to its tail, what it receives from the tail to the head
 * (netfilter_next, filter_receive_iov).
 */
export function filtersAlong<Filter extends Pick<ChainFilter, 'queue' | 'status'>>(
  filters: readonly Filter[],
  direction: FlowDirection,
): Filter[] {
  const queue = QUEUE_OF[direction];
  const acting = filters.filter(
    (filter) => filter.status === 'on' && (filter.queue === 'all' || filter.queue === queue),
  );
  return direction === 'to-guest' ? acting : acting.reverse();
}

/** In QEMU's words: `Parameter 'position' expects ...` (QERR_INVALID_PARAMETER_VALUE). */
const expects = (parameter: string, what: string): string =>
  `parameter '${parameter}' expects ${what}`;

/** The list with another filter in it; an InputError says why QEMU would refuse that. */
export function withFilter(
  filters: readonly ChainFilter[],
  filter: ChainFilter,
  { position, insert }: FilterPosition = AT_TAIL,
): ChainFilter[] {
  const place = placeOf(filter.id);
  if (filters.some(({ id }) => id === filter.id))
    throw new InputError(place, `attempt to add duplicate property '${filter.id}': choose an id`);
  if (filters.length >= MOST_FILTERS)
    throw new InputError(place, `a chain has ${MOST_FILTERS} filters at most here`);
  checkFilter(filter);
  if (position === 'head') return [filter, ...filters];
  if (position === 'tail') return [...filters, filter];
  if (!position.startsWith('id='))
    throw new InputError(place, expects('position', "'head', 'tail' or 'id=<id>'"));
  const other = position.slice('id='.length);
  const at = filters.findIndex(({ id }) => id === other);
  if (at < 0) throw new InputError(place, `filter '${other}' not found`);
  return filters.toSpliced(insert === 'before' ? at : at + 1, 0, filter);
}

/** Where the user has to look: `filter f2`. */
const placeOf = (id: string): string => `filter ${id}`;

/** The filter of an id; an InputError where there is none. */
export function chainFilter(filters: readonly ChainFilter[], id: string): ChainFilter {
  const filter = filters.find((candidate) => candidate.id === id);
  if (filter === undefined) throw new InputError(placeOf(id), `object '${id}' not found`);
  return filter;
}

/** What of a filter QEMU refuses, each with its reason; undefined: it is as it can be. */
const REFUSED: Readonly<
  Record<FilterKind, (filter: ChainFilter, said: (name: string) => string) => string | undefined>
> = {
  'filter-ubpf': ({ object }) =>
    object === undefined ? "'ubpf-handler' cannot be empty" : undefined,
  'filter-dump': (_filter, said) => {
    if (said('file') === '') return "dump filter needs 'file' property set";
    const maxlen = said('maxlen');
    return isCount(maxlen)
      ? undefined
      : `property 'filter-dump.maxlen' doesn't take value '${maxlen}'`;
  },
  'filter-buffer': (_filter, said) => {
    const interval = said('interval');
    if (interval === '') return expects('interval', 'a non-zero interval');
    return isCount(interval)
      ? undefined
      : "property 'filter-buffer.interval' requires a positive value";
  },
  'filter-mirror': (_filter, said) =>
    said('outdev') === '' ? "filter-mirror parameter 'outdev' cannot be empty" : undefined,
  'filter-redirector': (_filter, said) => {
    const [indev, outdev] = [said('indev'), said('outdev')];
    if (indev === '' && outdev === '')
      return "filter redirector needs 'indev' or 'outdev' at least one property set";
    return indev === outdev
      ? "'indev' and 'outdev' could not be same for filter redirector"
      : undefined;
  },
};

/** A number of 32 bits that is not 0. */
const isCount = (text: string): boolean =>
  /^\d{1,10}$/.test(text) && Number(text) > 0 && Number(text) <= 0xffff_ffff;

/** id_wellformed (util/id.c) */
const isIdentifier = (id: string): boolean => /^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(id);

/** An InputError says why QEMU would refuse a filter, wherever it stands. */
export function checkFilter(filter: ChainFilter): void {
  const place = placeOf(filter.id);
  if (!isIdentifier(filter.id))
    throw new InputError(place, expects('id', 'an identifier: letters, digits, -, ., _'));
  const row = filterKind(filter.kind);
  for (const [name, value] of filter.properties) {
    const property = row.properties.find((known) => known.name === name);
    if (property === undefined)
      throw new InputError(place, `property '${filter.kind}.${name}' not found`);
    if (property.kind === 'switch' && value !== 'on' && value !== 'off')
      throw new InputError(place, expects(name, "'on' or 'off'"));
    if ((name === 'indev' || name === 'outdev') && !isIdentifier(value))
      throw new InputError(place, `device '${value}' not found: no device can be called so`);
  }
  const reason = REFUSED[filter.kind](filter, (name) => propertyOf(filter, name) ?? '');
  if (reason !== undefined) throw new InputError(place, reason);
}

/** A filter that is told something else; an InputError where QEMU would refuse that. */
export function withProperty(filter: ChainFilter, name: string, value: string): ChainFilter {
  const place = placeOf(filter.id);
  const changed = ((): ChainFilter => {
    if (name === 'status') {
      if (value !== 'on' && value !== 'off')
        throw new InputError(place, expects('status', "'on' or 'off'"));
      return { ...filter, status: value };
    }
    if (name === 'queue') {
      if (value !== 'all' && value !== 'rx' && value !== 'tx')
        throw new InputError(place, `parameter 'queue' does not accept value '${value}'`);
      return { ...filter, queue: value };
    }
    const others = filter.properties.filter(([property]) => property !== name);
    const { initial } = filterKind(filter.kind).properties.find((row) => row.name === name) ?? {};
    return {
      ...filter,
      properties: value === '' || value === initial ? others : [...others, [name, value]],
    };
  })();
  checkFilter(changed);
  return changed;
}

/** Whether what is told can be told to a filter that is there. */
export const isLiveProperty = (kind: FilterKind, name: string): boolean =>
  name === 'status' ||
  name === 'queue' ||
  (filterKind(kind).properties.find((row) => row.name === name)?.isLive ?? false);

/** What keeps filters from a netdev: net/filter.c refuses both. */
export function checkNetdev({ id, options }: NetChain['netdev']): void {
  const place = `netdev ${id}`;
  const said = (name: string, value: RegExp): boolean =>
    options.split(',').some((option) => {
      const [key, text = ''] = option.split('=');
      return key === name && value.test(text);
    });
  if (said('vhost', /^(on|)$/)) throw new InputError(place, 'Vhost is not supported: vhost=off');
  if (said('queues', /^0*([2-9]|[1-9]\d+)$/))
    throw new InputError(place, 'multiqueue is not supported: leave out queues=');
}
