// node core/testdata/kernel/record-uapi.mjs
// What the tables of core/spec are compared with: numbers of enumerations, offsets of structures and parameters of kernel
// functions from the running kernel's own types, and macros of the installed uapi headers. Needs bpftool and clang.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ENUMS = [
  'bpf_prog_type',
  'bpf_attach_type',
  'bpf_map_type',
  'xdp_action',
  'sk_action',
  'bpf_ret_code',
  'bpf_func_id',
  'bpf_core_relo_kind',
  'nf_inet_hooks',
];
const STRUCTS = [
  '__sk_buff',
  'xdp_md',
  'sk_msg_md',
  'sk_reuseport_md',
  'bpf_sk_lookup',
  'bpf_nf_ctx',
  'bpf_sock',
  'bpf_tcp_sock',
  'bpf_flow_keys',
  'bpf_tunnel_key',
  'bpf_fib_lookup',
];
const HEADERS = [
  'errno.h',
  'linux/errno.h',
  'linux/if_ether.h',
  'linux/icmp.h',
  'linux/icmpv6.h',
  'linux/pkt_cls.h',
  'linux/netfilter.h',
  'linux/in.h',
  'linux/tcp.h',
];
const MACROS = /^(ETH_P_\w+|ICMP_\w+|ICMPV6_\w+|TC_ACT_\w+|NF_\w+|E[A-Z0-9]+)$/;

const types = JSON.parse(
  execFileSync(
    'bpftool',
    ['-j', 'btf', 'dump', 'file', '/sys/kernel/btf/vmlinux', 'format', 'raw'],
    {
      maxBuffer: 1 << 30,
      encoding: 'utf8',
    },
  ),
).types;
const byId = new Map(types.map((type) => [type.id, type]));
const named = (kind, name) =>
  types.find((type) => type.kind.startsWith(kind) && type.name === name);

const enums = Object.fromEntries(
  ENUMS.map((name) => [
    name,
    Object.fromEntries(named('ENUM', name).values.map((value) => [value.name, value.val])),
  ]),
);
// The flags of BPF_MAP_CREATE stand in an enumeration without a name.
const flags = types.find(
  (type) => type.kind === 'ENUM' && type.values?.some(({ name }) => name === 'BPF_F_NO_PREALLOC'),
);
enums.map_flags = Object.fromEntries(flags.values.map((value) => [value.name, value.val]));

/** Members by name, those of unions without a name among them. */
const membersOf = (type, base = 0) =>
  type.members.flatMap(({ name, type_id, bits_offset, bitfield_size }) => {
    let inner = byId.get(type_id);
    while (['TYPEDEF', 'CONST', 'VOLATILE'].includes(inner.kind)) inner = byId.get(inner.type_id);
    const offset = base + bits_offset / 8;
    if (name === '(anon)') return membersOf(inner, offset);
    return [[name, offset, bitfield_size ? bitfield_size / 8 : sizeOf(inner)]];
  });
function sizeOf(type) {
  if (type.kind === 'PTR') return 8;
  if (type.kind === 'ARRAY') return type.nr_elems * sizeOf(resolved(type.type_id));
  return type.size;
}
function resolved(id) {
  let type = byId.get(id);
  while (['TYPEDEF', 'CONST', 'VOLATILE'].includes(type.kind)) type = byId.get(type.type_id);
  return type;
}
const structs = Object.fromEntries(
  STRUCTS.map((name) => [
    name,
    { size: named('STRUCT', name).size, members: membersOf(named('STRUCT', name)) },
  ]),
);

const table = readFileSync(join(import.meta.dirname, '../../spec/kfuncs.ts'), 'utf8');
const kfuncs = Object.fromEntries(
  [...table.matchAll(/name: '(bpf_\w+)'/g)].map(([, name]) => {
    const proto = byId.get(named('FUNC', name).type_id);
    return [name, proto.params.length];
  }),
);

const source = HEADERS.map((header) => `#include <${header}>`).join('\n');
const defined = execFileSync('clang-19', ['-dM', '-E', '-'], { input: source, encoding: 'utf8' });
const macros = {};
for (const [, name, value] of defined.matchAll(
  /^#define (\w+) \(?(-?(?:0x[0-9A-Fa-f]+|\d+))\)?$/gm,
))
  if (MACROS.test(name)) macros[name] = Number(value);
const protocols = {};
for (const [, name, value] of readFileSync('/usr/include/linux/in.h', 'utf8').matchAll(
  /(IPPROTO_\w+) = (\d+)/g,
))
  protocols[name] = Number(value);

const kernel = execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim();
const sorted = (object) =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(
  join(import.meta.dirname, 'uapi.json'),
  `${JSON.stringify({ kernel, enums, structs, kfuncs, macros: sorted(macros), protocols }, null, 1)}\n`,
);
