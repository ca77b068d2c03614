import { helperMemory, writeGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { type Device, deviceOf, LINK_HEADER_BYTES } from '../machine/network.ts';
import { READ } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { i32, u32 } from './arguments.ts';
import { packetLength, renewPointers } from './packet-room.ts';

const BPF_F_INGRESS = 1n;
const XDP_ABORTED = 0n;
const XDP_REDIRECT = 4n;
const TC_ACT_SHOT = 2n;
const TC_ACT_REDIRECT = 7n;

function ask(machine: Machine, flags: bigint): void {
  machine.redirect = { ifindex: u32(machine.argument(1)), flags };
}

/** bpf_redirect of XDP (net/core/filter.c): r1 interface, r2 flags, of which there are none. */
export const xdpRedirect: HelperFunction = (machine) => {
  if (machine.argument(2) !== 0n) return XDP_ABORTED;
  ask(machine, 0n);
  return XDP_REDIRECT;
};

/** bpf_redirect of tc and lwt_xmit: r1 interface, r2 BPF_F_INGRESS or 0. */
export const skbRedirect: HelperFunction = (machine) => {
  const flags = machine.argument(2);
  if (flags & ~BPF_F_INGRESS) return TC_ACT_SHOT;
  ask(machine, flags);
  return TC_ACT_REDIRECT;
};

/** bpf_redirect_peer: r1 interface, r2 flags: into the namespace at its other end. */
export const redirectPeer: HelperFunction = (machine) => {
  if (machine.argument(2) !== 0n) return TC_ACT_SHOT;
  ask(machine, 0n);
  return TC_ACT_REDIRECT;
};

/** struct bpf_redir_neigh. */
const NEIGHBOUR_BYTES = 20;

/**
 * bpf_redirect_neigh: r1 interface, r2 next hop, r3 its size, r4 flags: the link header comes from
 * the neighbour table.
 */
export const redirectNeigh: HelperFunction = (machine) => {
  const size = i32(machine.argument(3));
  if (size > 0) helperMemory(machine, 'bpf_redirect_neigh', machine.argument(2), size, READ);
  if ((size !== 0 && size < NEIGHBOUR_BYTES) || machine.argument(4) !== 0n) return TC_ACT_SHOT;
  ask(machine, 0n);
  return TC_ACT_REDIRECT;
};

/** bpf_clone_redirect: r2 interface, r3 flags: a copy goes there at once. */
export const cloneRedirect: HelperFunction = (machine) => {
  renewPointers(machine);
  if (machine.argument(3) & ~BPF_F_INGRESS) return failure('EINVAL');
  const device = deviceOf(machine.network, u32(machine.argument(2)));
  if (device === undefined) return failure('EINVAL');
  const { packet, memory, steps } = machine;
  const bytes = memory.bytes.slice(packet.data, packet.end);
  machine.records.push({
    step: steps,
    source: 'clone',
    map: device.name,
    bytes,
    note: 'a copy of the packet',
  });
  return 0n;
};

const MTU_FRAGMENTATION_NEEDED = 1n;
const BPF_MTU_CHK_SEGS = 1n;

/** The device r2 names; 0 is the packet's own. */
function mtuDevice(machine: Machine, own: string): Device | undefined {
  const ifindex = u32(machine.argument(2));
  return deviceOf(machine.network, ifindex === 0 ? Number(machine.context!.get(own)) : ifindex);
}

/**
 * bpf_check_mtu: r2 interface, r3 length in, MTU out; r4 bytes the packet will change by, r5 flags.
 */
const checkMtu =
  (own: string, known: bigint): HelperFunction =>
  (machine) => {
    const name = 'bpf_check_mtu';
    const at = helperMemory(machine, name, machine.argument(3), 4, READ);
    const asked = machine.memory.view.getUint32(at, machine.memory.littleEndian);
    const change = i32(machine.argument(4));
    const flags = machine.argument(5);
    if (flags & ~known) return failure('EINVAL');
    if (flags & BPF_MTU_CHK_SEGS && (change !== 0 || asked !== 0)) return failure('EINVAL');
    const device = mtuDevice(machine, own);
    if (device === undefined) return failure('ENODEV');
    const length = (asked === 0 ? packetLength(machine) : asked + LINK_HEADER_BYTES) + change;
    const word = new Uint8Array(4);
    new DataView(word.buffer).setUint32(0, device.mtu, machine.memory.littleEndian);
    writeGuest(machine, name, machine.argument(3), word);
    return (length | 0) <= device.mtu + LINK_HEADER_BYTES ? 0n : MTU_FRAGMENTATION_NEEDED;
  };

export const skbCheckMtu = checkMtu('ifindex', BPF_MTU_CHK_SEGS);
export const xdpCheckMtu = checkMtu('ingress_ifindex', 0n);
