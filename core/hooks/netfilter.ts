import { kernelStructure, type StructName } from '../machine/kernel-structure.ts';
import type { Machine, TypedAccess } from '../machine/machine.ts';
import { deviceOf } from '../machine/network.ts';
import { KERNEL_STRUCTS } from '../spec/kernel-structs.generated.ts';
import { initialValue } from './initial.ts';
import { networkProtocol } from './link-layer.ts';
import type { Options } from './options.ts';

/**
 * What a netfilter program's context points at are structures of the kernel itself
 * (include/linux/netfilter.h): of their fields those that programs ask for are here, where Linux
 * 6.18 has them; any other is a fault by name.
 */
const NF_HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;
const NFPROTO_IPV4 = 2n;
const NFPROTO_IPV6 = 10n;

/** Makes a structure; answers its address. Fields without a value are 0, pointers NULL. */
const makeStruct = (
  machine: Machine,
  name: StructName,
  values: Readonly<Record<string, bigint>>,
): bigint =>
  machine.addTyped(
    'kernel',
    `struct ${name}`,
    KERNEL_STRUCTS[name].size,
    kernelStructure(machine, name, values),
  );

function makeDevice(machine: Machine, ifindex: number): bigint {
  const device = deviceOf(machine.network, ifindex);
  return device
    ? makeStruct(machine, 'net_device', { ifindex: BigInt(ifindex), mtu: BigInt(device.mtu) })
    : 0n;
}

/**
 * Packets that come in have a device behind them, those that go out one before them, forwarded ones
 * both.
 */
function devicesAt(machine: Machine, hook: string): Record<string, bigint> {
  const incoming = hook === 'prerouting' || hook === 'input' || hook === 'forward';
  const outgoing = hook === 'forward' || hook === 'output' || hook === 'postrouting';
  return {
    ...(incoming && { in: makeDevice(machine, 1) }),
    ...(outgoing && { out: makeDevice(machine, 2) }),
  };
}

/** Fills the context's `state` and `skb`. */
export function giveNetfilter(
  machine: Machine,
  frame: Uint8Array,
  options: Options,
  access: TypedAccess,
): void {
  const hook = options.get('hook') ?? NF_HOOKS[0];
  const version = networkProtocol(frame)?.version;
  const { littleEndian } = machine.memory;
  const facts = { frame, length: frame.length, littleEndian, outgoing: false };
  const state = makeStruct(machine, 'nf_hook_state', {
    hook: BigInt(NF_HOOKS.indexOf(hook as (typeof NF_HOOKS)[number])),
    pf: version === 6 ? NFPROTO_IPV6 : NFPROTO_IPV4,
    ...devicesAt(machine, hook),
  });
  const skb = makeStruct(machine, 'sk_buff', {
    protocol: initialValue('protocol', facts),
    mac_len: 14n,
    skb_iif: 1n,
  });
  access.set('state', state);
  access.set('skb', skb);
}
