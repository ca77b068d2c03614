import { readGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { wordBytes } from '../maps/map.ts';
import type { RedirectMap } from '../maps/redirect.ts';
import type { SocketMap } from '../maps/sockets.ts';
import { failure } from '../spec/errno.ts';
import { mapArgument } from './arguments.ts';

const XDP_ABORTED = 0n;
const XDP_REDIRECT = 4n;
/** XDP_ABORTED, _DROP, _PASS and _TX: what may be asked for where there is no target. */
const ACTION_MASK = 3n;
const BPF_F_BROADCAST = 1n << 3n;
const BPF_F_EXCLUDE_INGRESS = 1n << 4n;

/** bpf_redirect_map (include/linux/filter.h, __bpf_xdp_redirect_map): r1 map, r2 key, r3 flags. */
export const redirectMap: HelperFunction = (machine) => {
  const map = mapArgument(machine) as RedirectMap;
  const flags = machine.argument(3);
  const allowed = ACTION_MASK | (map.broadcasts ? BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS : 0n);
  if (flags & ~allowed) return XDP_ABORTED;
  const key = Number(BigInt.asUintN(32, machine.argument(2)));
  const found = map.target(key);
  const { name } = map.definition;
  if (flags & BPF_F_BROADCAST) {
    const except = flags & BPF_F_EXCLUDE_INGRESS ? ' but the one it came in by' : '';
    machine.redirect = { ifindex: 0, flags, target: `every interface of map "${name}"${except}` };
    return XDP_REDIRECT;
  }
  if (found === undefined) {
    // The last call counts: what an earlier one asked for is forgotten.
    machine.redirect = undefined;
    return flags & ACTION_MASK;
  }
  machine.redirect = {
    ifindex: found.ifindex ?? 0,
    flags,
    target: `${found.text} (map "${name}", key ${key})`,
  };
  return XDP_REDIRECT;
};

const SK_DROP = 0n;
const SK_PASS = 1n;
const BPF_F_INGRESS = 1n;

/** sk_redirect_* and msg_redirect_* (net/core/sock_map.c): r1 context, r2 map, r3 key, r4 flags. */
const redirectSocket =
  (keyOf: (machine: Machine, map: SocketMap) => Uint8Array): HelperFunction =>
  (machine) => {
    const map = mapArgument(machine, 2) as SocketMap;
    const flags = machine.argument(4);
    if (flags & ~BPF_F_INGRESS) return SK_DROP;
    const socket = map.socket(keyOf(machine, map));
    if (socket === undefined) return SK_DROP;
    machine.redirect = {
      ifindex: 0,
      flags,
      target: `socket ${socket} (map "${map.definition.name}")`,
    };
    return SK_PASS;
  };

const byIndex = (machine: Machine): Uint8Array =>
  wordBytes(Number(BigInt.asUintN(32, machine.argument(3))), machine.memory.littleEndian);
const byKey =
  (helper: string) =>
  (machine: Machine, map: SocketMap): Uint8Array =>
    readGuest(machine, helper, machine.argument(3), map.definition.keySize);

export const skRedirectMap = redirectSocket(byIndex);
export const msgRedirectMap = redirectSocket(byIndex);
export const skRedirectHash = redirectSocket(byKey('bpf_sk_redirect_hash'));
export const msgRedirectHash = redirectSocket(byKey('bpf_msg_redirect_hash'));

/** bpf_sk_select_reuseport (net/core/filter.c): r2 map, r3 pointer to the key, r4 flags unread. */
export const skSelectReuseport: HelperFunction = (machine) => {
  const map = mapArgument(machine, 2) as SocketMap;
  const socket = map.socket(byKey('bpf_sk_select_reuseport')(machine, map));
  if (socket === undefined) return failure('ENOENT');
  machine.redirect = {
    ifindex: 0,
    flags: 0n,
    target: `socket ${socket} (map "${map.definition.name}")`,
  };
  return 0n;
};
