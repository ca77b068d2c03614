import type { BuiltHelperName } from './helpers.ts';

/**
 * What has to be so for a helper to fail that is called as the verifier lets it be called, for
 * those that programs ask whether they did (net/core/filter.c, kernel/bpf/helpers.c, ringbuf.c,
 * hashtab.c).
 */
export const HELPER_FAILURES: Readonly<Partial<Record<BuiltHelperName, string>>> = {
  skb_load_bytes: 'the packet ends before the bytes that it reads',
  skb_store_bytes: 'the packet ends before the bytes that it writes',
  skb_pull_data: 'the packet is shorter than what it asks for',
  skb_change_tail: 'the packet would be shorter than its headers, or longer than it may be',
  l3_csum_replace: 'the packet ends before the checksum',
  l4_csum_replace: 'the packet ends before the checksum',
  xdp_load_bytes: 'the packet ends before the bytes that it reads',
  xdp_store_bytes: 'the packet ends before the bytes that it writes',
  xdp_adjust_head:
    'less than an Ethernet header would be left, or there is less room in front than it asks for',
  xdp_adjust_tail:
    'less than an Ethernet header would be left, or there is less room behind than it asks for',
  xdp_adjust_meta: 'there is less room in front of the packet than it asks for',
  ringbuf_reserve: 'the ring buffer has no room for the record',
  ringbuf_output: 'the ring buffer has no room for the record',
  map_update_elem: 'the map is full, or its flags do not let it put the entry in',
  timer_init: 'the timer is there already',
  fib_lookup: 'there is no such device, or its flags or address family are none',
};
