import type { Work } from '../session/session.ts';
import { FLOW_DIRECTIONS, type FlowDirection, QUEUE_OF } from '../spec/net-filters.ts';
import { propertyOf } from './chain.ts';
import { type FilterCounts, noCounts } from './counters.ts';
import type { Passed, RunningFilter } from './filter.ts';
import { flowCount, type PacketFlow, partOf } from './flow.ts';
import type { ChainFilter, NetChain, QemuDevice } from './types.ts';

/**
 * filter-mirror and filter-redirector: packets go to a character device, of which somebody reads
 * (a redirector whose device has no reader lets them pass, which is the same as without it).
 */
export class DeviceFilter implements RunningFilter {
  filter: ChainFilter;
  readonly version: number;
  readonly counts: FilterCounts = noCounts();

  constructor(filter: ChainFilter, version: number) {
    this.filter = filter;
    this.version = version;
  }

  // biome-ignore lint/correctness/useYield: nothing in it takes long
  *pass(flow: PacketFlow, direction: FlowDirection): Work<Passed> {
    const { filter, counts } = this;
    const device = propertyOf(filter, 'outdev');
    const count = flowCount(flow);
    const areCopies = filter.kind === 'filter-mirror';
    counts.seen[direction] += count;
    if (device === undefined || areCopies) counts.passed[direction] += count;
    if (device === undefined) return { on: flow };
    counts[areCopies ? 'copied' : 'stolen'][direction] += count;
    return { on: areCopies ? flow : partOf(flow, 0, 0), sent: { device, flow, areCopies } };
  }
}

/** Where the two ends of a socket meet: a path, or a host and a port. */
function meetingPlace({ options }: QemuDevice): string | undefined {
  const keys = new Map(
    options.split(',').map((option): [string, string] => {
      const [key, value = 'on'] = option.split('=');
      return [key, value];
    }),
  );
  if (!keys.has('socket')) return undefined;
  const path = keys.get('path');
  const port = keys.get('port');
  if (path !== undefined) return path;
  return port === undefined ? undefined : `${keys.get('host') ?? ''}:${port}`;
}

/** A device that packets come out of which were sent to another: two ends of one socket. */
export function isConnected({ chardevs }: NetChain, outdev: string, indev: string): boolean {
  const [one, other] = [outdev, indev].map((id) => chardevs.find((device) => device.id === id));
  if (one === undefined || other === undefined || one === other) return false;
  const place = meetingPlace(one);
  return place !== undefined && place === meetingPlace(other);
}

/** The directions in which a redirector lets in what comes (redirector_to_filter). */
export const directionsOf = ({ queue }: ChainFilter): FlowDirection[] =>
  FLOW_DIRECTIONS.filter((direction) => queue === 'all' || queue === QUEUE_OF[direction]);
