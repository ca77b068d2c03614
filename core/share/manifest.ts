import * as v from 'valibot';
import { InputError } from '../errors.ts';
import { SOCKET_STATES, type SocketState } from '../machine/network.ts';
import { MAP_SIZE_FIELDS } from '../maps/completion.ts';
import { MOST_WATCHED, MOST_WATCHPOINTS } from '../session/watch.ts';
import { MAX_CPUS } from '../spec/map-types.ts';
import { PROGRAM_TYPES } from '../spec/program-types.ts';
import { KERNEL_TYPES } from './kernel-types.ts';

/** Bounds on what a stranger's link may say; far above what the page makes. */
const MANY = 4096;
const name = v.pipe(v.string(), v.maxLength(1024));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
const register = v.pipe(count, v.maxValue(10));
const cpu = v.pipe(count, v.maxValue(MAX_CPUS - 1));
const list = <T extends v.GenericSchema>(item: T) => v.pipe(v.array(item), v.maxLength(MANY));

const readonlyList = <T extends v.GenericSchema>(item: T) => v.pipe(list(item), v.readonly());
const address = v.pipe(v.string(), v.maxLength(64));
const port = v.pipe(count, v.maxValue(0xffff));

/** Devices, sockets, routes and neighbours of machine/network.ts. */
const NETWORK = v.strictObject({
  devices: readonlyList(
    v.strictObject({ ifindex: count, name, mtu: count, mac: address, forwarding: v.boolean() }),
  ),
  sockets: readonlyList(
    v.strictObject({
      protocol: v.picklist(['tcp', 'udp']),
      local: address,
      localPort: port,
      remote: v.exactOptional(address),
      remotePort: v.exactOptional(port),
      state: v.picklist(Object.keys(SOCKET_STATES) as SocketState[]),
      mark: v.exactOptional(count),
      uid: v.exactOptional(count),
    }),
  ),
  routes: readonlyList(
    v.strictObject({
      prefix: address,
      gateway: v.exactOptional(address),
      ifindex: count,
      kind: v.picklist(['unicast', 'local', 'blackhole', 'unreachable', 'prohibit']),
      source: v.exactOptional(address),
      mtu: v.exactOptional(count),
    }),
  ),
  neighbours: readonlyList(v.strictObject({ address, ifindex: count, mac: address })),
});

/**
 * Version 1 of the description in a link; lists of fields instead of names where there may be many.
 */
const MANIFEST = v.strictObject({
  object: v.strictTuple([name, count]),
  packets: list(v.strictTuple([name, count])),
  sources: v.optional(
    v.pipe(
      v.array(v.strictTuple([name, v.pipe(v.string(), v.maxLength(4 * 1024 * 1024))])),
      v.maxLength(64),
    ),
  ),
  program: v.optional(name),
  hook: v.optional(v.picklist(PROGRAM_TYPES.map((row) => row.name))),
  options: v.optional(list(v.strictTuple([name, name]))),
  packet: v.optional(count),
  context: v.optional(list(v.strictTuple([name, name]))),
  maps: v.optional(
    list(
      v.union([
        v.strictTuple([name, v.string()]),
        v.strictTuple([name, v.string(), v.string()]),
        v.strictTuple([name, v.string(), v.string(), cpu]),
      ]),
    ),
  ),
  mapSizes: v.optional(list(v.strictTuple([name, v.picklist(MAP_SIZE_FIELDS), count]))),
  breakpoints: v.optional(list(count)),
  rules: v.optional(
    list(
      v.strictObject({
        pc: count,
        condition: v.exactOptional(name),
        hits: v.exactOptional(count),
        log: v.exactOptional(name),
      }),
    ),
  ),
  expressions: v.optional(list(name)),
  watchpoints: v.optional(
    v.pipe(
      v.array(
        v.variant('kind', [
          v.strictObject({ kind: v.literal('register'), index: register }),
          v.strictObject({
            kind: v.literal('memory'),
            region: name,
            offset: v.pipe(v.number(), v.integer()),
            length: v.pipe(count, v.minValue(1), v.maxValue(MOST_WATCHED)),
            field: v.exactOptional(name),
          }),
          v.strictObject({
            kind: v.literal('map'),
            map: name,
            key: v.pipe(name, v.regex(/^([0-9a-f]{2})*$/)),
          }),
        ]),
      ),
      v.maxLength(MOST_WATCHPOINTS),
    ),
  ),
  edits: v.optional(
    list(
      v.strictObject({
        packet: count,
        step: count,
        target: v.variant('kind', [
          v.strictObject({ kind: v.literal('register'), index: register }),
          v.strictObject({
            kind: v.literal('memory'),
            region: name,
            offset: v.pipe(v.number(), v.integer()),
          }),
          v.strictObject({ kind: v.literal('context'), field: name }),
          v.strictObject({
            kind: v.literal('map'),
            map: name,
            key: name,
            cpu: v.exactOptional(cpu),
          }),
        ]),
        value: v.pipe(v.string(), v.maxLength(131_072)),
      }),
    ),
  ),
  step: v.optional(count),
  settings: v.optional(
    v.partial(
      v.strictObject({
        seed: count,
        time: v.pipe(v.string(), v.regex(/^\d{1,19}$/)),
        cpu,
        gap: v.pipe(v.string(), v.regex(/^\d{1,19}$/)),
        perfReader: v.boolean(),
        cpus: v.pipe(count, v.minValue(1), v.maxValue(MAX_CPUS)),
        task: v.strictObject({ pid: count, tgid: count, uid: count, gid: count, comm: name }),
        cgroup: v.strictObject({
          ids: readonlyList(v.pipe(v.string(), v.regex(/^\d{1,19}$/))),
          classid: count,
        }),
        maxSteps: v.pipe(count, v.minValue(1), v.maxValue(1_000_000_000)),
      }),
    ),
  ),
  network: v.optional(NETWORK),
  kernelTypes: v.optional(KERNEL_TYPES),
  externs: v.optional(list(v.strictTuple([name, name]))),
  hash: v.optional(name),
});

export type Manifest = v.InferOutput<typeof MANIFEST>;

export function parseManifest(text: string, place: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InputError(place, 'is damaged: its description is not JSON');
  }
  const result = v.safeParse(MANIFEST, json);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new InputError(
    place,
    `is damaged: ${v.getDotPath(issue) ?? 'its description'} is not as expected`,
  );
}
