import type { HelperFunction, Machine } from '../machine/machine.ts';
import {
  BUILT_HELPERS,
  type BuiltHelperName,
  FILTER_UBPF_HELPERS,
  helperById,
  helperByName,
  prototypeOf,
} from '../spec/helpers.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { checked } from './arguments.ts';
import { forEachMapElem, loop } from './callbacks.ts';
import { csumDiff, csumLevel, csumUpdate, l3CsumReplace, l4CsumReplace } from './checksums.ts';
import { tailCall } from './control.ts';
import {
  dynptrData,
  dynptrFromMem,
  dynptrRead,
  dynptrWrite,
  ringbufDiscardDynptr,
  ringbufReserveDynptr,
  ringbufSubmitDynptr,
} from './dynptr.ts';
import { fibLookup } from './fib.ts';
import { filterUbpfHelpers } from './filter-ubpf.ts';
import {
  getCgroupClassid,
  getCurrentAncestorCgroupId,
  getCurrentCgroupId,
  getCurrentComm,
  getCurrentPidTgid,
  getCurrentUidGid,
  getNetnsCookie,
  getNsCurrentPidTgid,
  getNumaNodeId,
  jiffies64,
  skAncestorCgroupId,
  skbAncestorCgroupId,
  skbCgroupClassid,
  skbCgroupId,
  skCgroupId,
} from './identity.ts';
import {
  mapLookupElem,
  mapLookupPercpuElem,
  mapPeekElem,
  mapPopElem,
  mapPushElem,
  spinLock,
  spinUnlock,
} from './maps.ts';
import { msgApplyBytes, msgCorkBytes, msgPopData, msgPullData, msgPushData } from './messages.ts';
import { tracePrintk, traceVprintk } from './printk.ts';
import {
  perfEventOutput,
  ringbufDiscard,
  ringbufOutput,
  ringbufQuery,
  ringbufReserve,
  ringbufSubmit,
} from './records.ts';
import {
  msgRedirectHash,
  msgRedirectMap,
  redirectMap,
  skRedirectHash,
  skRedirectMap,
  skSelectReuseport,
} from './redirect.ts';
import {
  cloneRedirect,
  redirectNeigh,
  redirectPeer,
  skbCheckMtu,
  skbRedirect,
  xdpCheckMtu,
  xdpRedirect,
} from './redirect-device.ts';
import { skbLoadBytes, skbLoadBytesRelative, skbPullData, skbStoreBytes } from './skb-bytes.ts';
import {
  getHashRecalc,
  getRouteRealm,
  setHash,
  setHashInvalid,
  skbChangeType,
  skbEcnSetCe,
  skbSetTstamp,
} from './skb-meta.ts';
import {
  skbAdjustRoom,
  skbChangeHead,
  skbChangeProto,
  skbChangeTail,
  streamAdjustRoom,
} from './skb-room.ts';
import { skbVlanPop, skbVlanPush } from './skb-vlan.ts';
import { mapDeleteElemOf, mapUpdateElemOf } from './socket-maps.ts';
import {
  getListenerSock,
  getSocketCookie,
  getSocketPtrCookie,
  getSocketUid,
  lookupSkAssign,
  skbSkAssign,
  skcLookupTcp,
  skFullsock,
  skLookupTcp,
  skLookupUdp,
  skRelease,
  tcpSock,
} from './sockets.ts';
import { getLocalStorage, skStorageDelete, skStorageGet } from './storage.ts';
import {
  probeReadKernel,
  probeReadKernelStr,
  snprintf,
  strncmp,
  strtol,
  strtoul,
} from './strings.ts';
import {
  tcpCheckSyncookie,
  tcpGenSyncookie,
  tcpRawCheckSyncookieIpv4,
  tcpRawCheckSyncookieIpv6,
  tcpRawGenSyncookieIpv4,
  tcpRawGenSyncookieIpv6,
} from './syncookies.ts';
import { timerCancel, timerInit, timerSetCallback, timerStart } from './timers.ts';
import {
  skbGetTunnelKey,
  skbGetTunnelOpt,
  skbGetXfrmState,
  skbSetTunnelKey,
  skbSetTunnelOpt,
} from './tunnel.ts';
import {
  xdpAdjustHead,
  xdpAdjustMeta,
  xdpAdjustTail,
  xdpGetBuffLen,
  xdpLoadBytes,
  xdpStoreBytes,
} from './xdp.ts';

/** Virtual time: the start that was handed in, plus 1 ns for each instruction. */
const ktime: HelperFunction = (machine) => machine.surroundings.time + BigInt(machine.steps);

/** xorshift32: small, seeded, the same everywhere. */
const prandom: HelperFunction = (machine) => {
  let x = machine.surroundings.random;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  machine.surroundings.random = x >>> 0;
  return BigInt(x >>> 0);
};

/** Functions by name; those that differ from hook to hook are made for one. */
const LINUX: Record<
  BuiltHelperName,
  HelperFunction | { readonly forHook: (hook: HookName) => HelperFunction }
> = {
  redirect: { forHook: (hook) => (hook === 'xdp' ? xdpRedirect : skbRedirect) },
  map_lookup_elem: mapLookupElem,
  map_update_elem: { forHook: mapUpdateElemOf },
  map_delete_elem: { forHook: mapDeleteElemOf },
  map_lookup_percpu_elem: mapLookupPercpuElem,
  map_push_elem: mapPushElem,
  map_pop_elem: mapPopElem,
  map_peek_elem: mapPeekElem,
  for_each_map_elem: forEachMapElem,
  timer_init: timerInit,
  timer_set_callback: timerSetCallback,
  timer_start: timerStart,
  timer_cancel: timerCancel,
  spin_lock: spinLock,
  spin_unlock: spinUnlock,
  ringbuf_output: ringbufOutput,
  ringbuf_reserve: ringbufReserve,
  ringbuf_submit: ringbufSubmit,
  ringbuf_discard: ringbufDiscard,
  ringbuf_query: ringbufQuery,
  perf_event_output: perfEventOutput,
  redirect_map: redirectMap,
  sk_redirect_map: skRedirectMap,
  sk_redirect_hash: skRedirectHash,
  msg_redirect_map: msgRedirectMap,
  msg_redirect_hash: msgRedirectHash,
  sk_select_reuseport: skSelectReuseport,
  get_local_storage: getLocalStorage,
  sk_storage_get: skStorageGet,
  sk_storage_delete: skStorageDelete,
  ktime_get_ns: ktime,
  ktime_get_boot_ns: ktime,
  ktime_get_coarse_ns: ktime,
  ktime_get_tai_ns: ktime,
  trace_printk: tracePrintk,
  trace_vprintk: traceVprintk,
  get_prandom_u32: prandom,
  get_smp_processor_id: (machine) => BigInt(machine.surroundings.cpu),
  tail_call: tailCall,
  loop,
  csum_diff: csumDiff,
  xdp_adjust_head: xdpAdjustHead,
  xdp_adjust_tail: xdpAdjustTail,
  xdp_adjust_meta: xdpAdjustMeta,
  skb_load_bytes: skbLoadBytes,
  skb_store_bytes: skbStoreBytes,
  l3_csum_replace: l3CsumReplace,
  l4_csum_replace: l4CsumReplace,
  xdp_load_bytes: xdpLoadBytes,
  xdp_store_bytes: xdpStoreBytes,
  xdp_get_buff_len: xdpGetBuffLen,
  skb_load_bytes_relative: skbLoadBytesRelative,
  skb_pull_data: skbPullData,
  skb_adjust_room: { forHook: (hook) => (hook === 'sk_skb' ? streamAdjustRoom : skbAdjustRoom) },
  skb_change_head: skbChangeHead,
  skb_change_tail: skbChangeTail,
  skb_change_proto: skbChangeProto,
  skb_change_type: skbChangeType,
  skb_vlan_push: skbVlanPush,
  skb_vlan_pop: skbVlanPop,
  skb_ecn_set_ce: skbEcnSetCe,
  skb_set_tstamp: skbSetTstamp,
  csum_update: csumUpdate,
  csum_level: csumLevel,
  get_hash_recalc: getHashRecalc,
  set_hash: setHash,
  set_hash_invalid: setHashInvalid,
  get_route_realm: getRouteRealm,
  clone_redirect: cloneRedirect,
  redirect_peer: redirectPeer,
  redirect_neigh: redirectNeigh,
  fib_lookup: fibLookup,
  dynptr_data: dynptrData,
  dynptr_from_mem: dynptrFromMem,
  dynptr_read: dynptrRead,
  dynptr_write: dynptrWrite,
  ringbuf_discard_dynptr: ringbufDiscardDynptr,
  ringbuf_reserve_dynptr: ringbufReserveDynptr,
  ringbuf_submit_dynptr: ringbufSubmitDynptr,
  get_cgroup_classid: getCgroupClassid,
  get_current_ancestor_cgroup_id: getCurrentAncestorCgroupId,
  get_current_cgroup_id: getCurrentCgroupId,
  get_current_comm: getCurrentComm,
  get_current_pid_tgid: getCurrentPidTgid,
  get_current_uid_gid: getCurrentUidGid,
  get_netns_cookie: getNetnsCookie,
  get_ns_current_pid_tgid: getNsCurrentPidTgid,
  get_numa_node_id: getNumaNodeId,
  jiffies64: jiffies64,
  sk_ancestor_cgroup_id: skAncestorCgroupId,
  skb_ancestor_cgroup_id: skbAncestorCgroupId,
  skb_cgroup_classid: skbCgroupClassid,
  skb_cgroup_id: skbCgroupId,
  sk_cgroup_id: skCgroupId,
  tcp_check_syncookie: tcpCheckSyncookie,
  tcp_gen_syncookie: tcpGenSyncookie,
  tcp_raw_check_syncookie_ipv4: tcpRawCheckSyncookieIpv4,
  tcp_raw_check_syncookie_ipv6: tcpRawCheckSyncookieIpv6,
  tcp_raw_gen_syncookie_ipv4: tcpRawGenSyncookieIpv4,
  tcp_raw_gen_syncookie_ipv6: tcpRawGenSyncookieIpv6,
  msg_apply_bytes: msgApplyBytes,
  msg_cork_bytes: msgCorkBytes,
  msg_pop_data: msgPopData,
  msg_pull_data: msgPullData,
  msg_push_data: msgPushData,
  probe_read_kernel: probeReadKernel,
  probe_read_kernel_str: probeReadKernelStr,
  snprintf: snprintf,
  strncmp: strncmp,
  strtol: strtol,
  strtoul: strtoul,
  skb_get_tunnel_key: skbGetTunnelKey,
  skb_get_tunnel_opt: skbGetTunnelOpt,
  skb_get_xfrm_state: skbGetXfrmState,
  skb_set_tunnel_key: skbSetTunnelKey,
  skb_set_tunnel_opt: skbSetTunnelOpt,
  sk_lookup_tcp: skLookupTcp,
  sk_lookup_udp: skLookupUdp,
  skc_lookup_tcp: skcLookupTcp,
  sk_release: skRelease,
  sk_fullsock: skFullsock,
  tcp_sock: tcpSock,
  get_listener_sock: getListenerSock,
  sk_assign: { forHook: (hook) => (hook === 'sk_lookup' ? lookupSkAssign : skbSkAssign) },
  get_socket_cookie: {
    forHook: (hook) => (hook === 'sk_reuseport' ? getSocketPtrCookie : getSocketCookie),
  },
  get_socket_uid: getSocketUid,
  check_mtu: { forHook: (hook) => (hook === 'xdp' ? xdpCheckMtu : skbCheckMtu) },
};

/** The helpers programs of a hook may call, by number. */
export function helpersOf(hook: HookName): ReadonlyMap<number, HelperFunction> {
  const profile = programType(hook).helpers;
  if (profile === 'filter-ubpf') return filterUbpfHelpers;
  const table = new Map<number, HelperFunction>();
  for (const name of Object.keys(BUILT_HELPERS) as BuiltHelperName[]) {
    const row = helperByName(name)!;
    const prototype = prototypeOf(row, hook);
    if (!row.hooks.includes(hook) || prototype === undefined) continue;
    const made = LINUX[name];
    const run = typeof made === 'function' ? made : made.forHook(hook);
    const helper = checked(`bpf_${name}`, prototype, run);
    table.set(row.id, Object.assign(helper, { looksUp: name === 'map_lookup_elem' }));
  }
  return table;
}

/** Why a helper number cannot be called by programs of a hook. */
export const describeHelper =
  (hook: HookName): Machine['describeHelper'] =>
  (id) => {
    const profile = programType(hook).helpers;
    if (profile === 'filter-ubpf')
      return {
        kind: 'unknown-helper',
        message: `helper ${id} does not exist, ${hook} has 0 to ${FILTER_UBPF_HELPERS.length - 1}`,
      };
    const row = helperById(id);
    if (row === undefined)
      return { kind: 'unknown-helper', message: `helper ${id} does not exist` };
    if (!row.hooks.includes(hook))
      return {
        kind: 'unknown-helper',
        message:
          `bpf_${row.name} may not be called by ${hook} programs: ` +
          `the kernel refuses the program`,
      };
    const why = row.refused ? `: ${row.refused}` : '';
    return {
      kind: 'helper-not-built',
      message: `bpf_${row.name} is known but not built here${why}`,
    };
  };

/**
 * What a helper number is called for a hook: `bpf_map_lookup_elem`, `memfrob`; undefined where
 * there is none.
 */
export function helperName(hook: HookName, id: number): string | undefined {
  if (programType(hook).helpers === 'filter-ubpf')
    return FILTER_UBPF_HELPERS.find((row) => row.id === id)?.name;
  const row = helperById(id);
  return row && `bpf_${row.name}`;
}

/** Registers a helper reads, r1 on. */
export function helperParameters(hook: HookName, id: number): number {
  if (programType(hook).helpers === 'filter-ubpf')
    return FILTER_UBPF_HELPERS.find((row) => row.id === id)?.parameters ?? 0;
  return helperById(id)?.parameters ?? 0;
}
