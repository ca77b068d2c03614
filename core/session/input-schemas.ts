import * as v from 'valibot';
import { visible } from '../bytes/visible.ts';
import { SOCKET_STATES, type SocketState } from '../machine/network.ts';
import { MAP_SIZE_FIELDS } from '../maps/completion.ts';
import { MAX_CPUS } from '../spec/map-types.ts';

/** What a stranger's description, of a link or of a test file, may say of a session's inputs. */

/** Bounds on it; far above what the page makes. */
const MANY = 4096;
export const name = v.pipe(v.string(), v.maxLength(1024), v.transform(visible));
export const uint32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
export const cpu = v.pipe(uint32, v.maxValue(MAX_CPUS - 1));
export const list = <T extends v.GenericSchema>(item: T) =>
  v.pipe(v.array(item), v.maxLength(MANY));

const readonlyList = <T extends v.GenericSchema>(item: T) => v.pipe(list(item), v.readonly());
export const networkAddress = v.pipe(v.string(), v.maxLength(64));
const port = v.pipe(uint32, v.maxValue(0xffff));

/** Devices, sockets, routes and neighbours of machine/network.ts. */
export const NETWORK = v.strictObject({
  devices: readonlyList(
    v.strictObject({
      ifindex: uint32,
      name,
      mtu: uint32,
      mac: networkAddress,
      forwarding: v.boolean(),
    }),
  ),
  sockets: readonlyList(
    v.strictObject({
      protocol: v.picklist(['tcp', 'udp']),
      local: networkAddress,
      localPort: port,
      remote: v.exactOptional(networkAddress),
      remotePort: v.exactOptional(port),
      state: v.picklist(Object.keys(SOCKET_STATES) as SocketState[]),
      mark: v.exactOptional(uint32),
      uid: v.exactOptional(uint32),
    }),
  ),
  routes: readonlyList(
    v.strictObject({
      prefix: networkAddress,
      gateway: v.exactOptional(networkAddress),
      ifindex: uint32,
      kind: v.picklist(['unicast', 'local', 'blackhole', 'unreachable', 'prohibit']),
      source: v.exactOptional(networkAddress),
      mtu: v.exactOptional(uint32),
    }),
  ),
  neighbours: readonlyList(
    v.strictObject({ address: networkAddress, ifindex: uint32, mac: networkAddress }),
  ),
});

export const hexText = v.pipe(name, v.regex(/^([0-9a-f]{2})*$/));
export const nanoseconds = v.pipe(v.string(), v.regex(/^\d{1,19}$/));

export const SETTINGS = v.partial(
  v.strictObject({
    seed: uint32,
    time: nanoseconds,
    cpu,
    gap: nanoseconds,
    clock: v.picklist(['gap', 'capture']),
    each: v.picklist(['in order', 'fresh']),
    perfReader: v.boolean(),
    cpus: v.pipe(uint32, v.minValue(1), v.maxValue(MAX_CPUS)),
    task: v.strictObject({ pid: uint32, tgid: uint32, uid: uint32, gid: uint32, comm: name }),
    cgroup: v.strictObject({ ids: readonlyList(nanoseconds), classid: uint32 }),
    maxSteps: v.pipe(uint32, v.minValue(1), v.maxValue(1_000_000_000)),
  }),
);

export const MAP_SIZE = v.strictTuple([name, v.picklist(MAP_SIZE_FIELDS), uint32]);
