// The prototypes of the helpers as the running kernel has them in memory (prototypes.py); writes
//   core/spec/helper-prototypes.generated.ts
// Each is proved by the verifier: a call with arguments made from it is taken, in every hook that
// may call the helper. The same calls tell which of them invalidate packet pointers, and which give
// something that has to be given back. Part of `npm run kernel:record`; needs root and python3.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { assemble } from '../../asm/assemble.ts';
import { toHex } from '../../bytes/hex.ts';
import { Btf } from '../../object/btf/btf.ts';
import { HELPER_AVAILABILITY } from '../../spec/helper-availability.generated.ts';
import { HELPER_LIST } from '../../spec/helper-list.generated.ts';
import { MAP_TYPES } from '../../spec/map-types.ts';
import { type HookName, programType } from '../../spec/program-types.ts';
import type { Argument, Prototype } from '../../spec/prototypes.ts';
import { askKernel, type KernelJob, type KernelMap, kernelVersion } from '../../testing/kernel.ts';
import { literal } from './literal.ts';

interface Raw {
  readonly gpl: number;
  readonly packet: number;
  readonly returns: number;
  readonly arguments: readonly number[];
  readonly sizes: readonly number[];
}

/** C functions of helpers that are not called as the helper is (net/core/filter.c). */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  get_prandom_u32: ['bpf_user_rnd_u32'],
  redirect: ['bpf_redirect', 'bpf_xdp_redirect'],
  redirect_map: ['bpf_xdp_redirect_map'],
  fib_lookup: ['bpf_skb_fib_lookup', 'bpf_xdp_fib_lookup'],
  check_mtu: ['bpf_skb_check_mtu', 'bpf_xdp_check_mtu'],
  sk_select_reuseport: ['sk_select_reuseport'],
  perf_event_output: ['bpf_skb_event_output', 'bpf_xdp_event_output', 'bpf_event_output_data'],
  lwt_push_encap: ['bpf_lwt_in_push_encap', 'bpf_lwt_xmit_push_encap'],
  skb_load_bytes: [
    'bpf_skb_load_bytes',
    'bpf_flow_dissector_load_bytes',
    'sk_reuseport_load_bytes',
  ],
  get_socket_cookie: ['bpf_get_socket_cookie', 'bpf_get_socket_ptr_cookie'],
  sk_assign: ['bpf_sk_assign', 'bpf_sk_lookup_assign'],
  probe_read_kernel: ['bpf_probe_read_kernel'],
};

/**
 * The verifier treats a tail call on its own (check_helper_call): its prototype has no function to
 * be found by (kernel/bpf/core.c, bpf_tail_call_proto).
 */
const TAIL_CALL: Prototype = {
  arguments: [{ type: 'ctx' }, { type: 'const_map_ptr' }, { type: 'anything' }],
  returns: { type: 'void' },
};

const kernel = kernelVersion();
const raw: Readonly<Record<string, readonly Raw[]>> = JSON.parse(
  execFileSync('python3', ['-B', 'core/tools/kernel/prototypes.py'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }),
);
const types = new Btf(new Uint8Array(readFileSync('/sys/kernel/btf/vmlinux')), 'little');

/** Names of an enumeration by value, the first name of each. */
function namesOf(enumeration: string, prefix: RegExp): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { name, value } of types.find('enum', enumeration)!.values)
    if (!names.has(Number(value))) names.set(Number(value), name.replace(prefix, '').toLowerCase());
  return names;
}
const ARGUMENTS = namesOf('bpf_arg_type', /^ARG_(PTR_TO_)?/);
const RETURNS = namesOf('bpf_return_type', /^RET_(PTR_TO_)?/);
const FLAGS = namesOf('bpf_type_flag', /^(PTR_|MEM_|OBJ_)?(?=\w)/);

function flagsOf(number: number): string[] {
  const bits = Array.from({ length: 24 }, (_, i) => 1 << (i + 8));
  return bits.filter((bit) => number & bit).map((bit) => FLAGS.get(bit)!.replace('_type', ''));
}

function typed(number: number, names: ReadonlyMap<number, string>, size: number) {
  const flags = flagsOf(number);
  return {
    type: names.get(number & 0xff)!,
    ...(flags.length > 0 && { flags }),
    ...(flags.includes('fixed_size') && { size }),
  };
}

function prototypeOf(row: Raw): Prototype {
  const count = row.arguments.indexOf(0);
  const taken = count < 0 ? row.arguments : row.arguments.slice(0, count);
  return {
    arguments: taken.map((argument, i) => typed(argument, ARGUMENTS, row.sizes[i]) as Argument),
    returns: typed(row.returns, RETURNS, 0) as Prototype['returns'],
    ...(row.gpl && { gpl: true as const }),
    ...(row.packet && { packetAccess: true as const }),
  };
}

/** Maps by number that calls are made with: a kind for each helper. */
function mapFor(helper: string): KernelMap {
  const kinds = ['ringbuf', 'hash', 'queue', 'percpu_array', 'sk_storage', 'devmap', 'sockmap'];
  const takers = MAP_TYPES.filter((type) => type.helpers.includes(helper));
  const type = takers.find(({ name }) => kinds.includes(name)) ?? takers[0];
  const value = { prog_array: 4, perf_event_array: 4, devmap: 4, sockmap: 4, sockhash: 4 };
  const own: Partial<KernelMap> =
    type.name === 'ringbuf'
      ? { key: 0, value: 0, entries: 4096 }
      : type.name === 'queue'
        ? { key: 0 }
        : type.name.includes('cgroup_storage')
          ? { key: 8, entries: 0 }
          : type.name === 'sk_storage'
            ? { entries: 0, flags: 1 }
            : {};
  return {
    type: type.id,
    key: 4,
    value: value[type.name as keyof typeof value] ?? 8,
    entries: type.name === 'perf_event_array' ? 2 : 1,
    ...own,
  };
}

/** Bytes of memory that an argument of size counts. */
const BYTES = 8;

/** Where the context holds data, data_end and the socket. */
const FIELDS: Partial<Record<HookName, { data?: [number, number, number]; sk?: number }>> = {
  xdp: { data: [4, 0, 4] },
  sk_msg: { data: [8, 0, 8], sk: 72 },
  sk_lookup: { sk: 0 },
  flow_dissector: { data: [4, 76, 80] },
  sk_reuseport: { sk: 40 },
  netfilter: {},
  socket_filter: { sk: 168 },
};
const SKB: { data?: [number, number, number]; sk?: number } = { data: [4, 76, 80], sk: 168 };

/** What cannot be made from the prototype alone: it wants types of the program, or a state. */
const LEFT_OUT = new Set(['spin_lock', 'timer', 'dynptr', 'func', 'const_str', 'kptr_xchg_dest']);

interface Call {
  readonly setup: string[];
  readonly after: string[];
  readonly usesMap: boolean;
}

/** Assembly that fills r1 on from a prototype; the context is in r6. undefined: cannot be made. */
function callOf(
  helper: string,
  { arguments: wanted, returns }: Prototype,
  hook: HookName,
): Call | undefined {
  if (wanted.some(({ type }) => LEFT_OUT.has(type))) return undefined;
  const { sk } = FIELDS[hook] ?? SKB;
  const setup: string[] = [];
  const after: string[] = [];
  let usesMap = false;
  for (const [i, { type, flags, size }] of wanted.entries()) {
    const register = `r${i + 1}`;
    if (type === 'const_map_ptr' && !MAP_TYPES.some((map) => map.helpers.includes(helper)))
      return undefined;
    if (type === 'ctx') setup.push(`${register} = r6`);
    else if (type === 'const_map_ptr') {
      usesMap = true;
      setup.push(`ld_pseudo ${register}, 0x1, 0`);
    } else if (type === 'anything') setup.push(`${register} = 0`);
    else if (/^(map_key|map_value|mem|stack)$/.test(type))
      setup.push(`${register} = r10`, `${register} += ${-64 * (i + 1)}`);
    else if (/size/.test(type)) setup.push(`${register} = ${BYTES}`);
    else if (/sock/.test(type) && flags?.includes('maybe_null')) {
      setup.push(`${register} = 0`);
      continue;
    } else if (/sock/.test(type) && !flags?.includes('release') && sk !== undefined)
      setup.unshift(`r7 = *(u64 *)(r6 + ${sk})`, 'if r7 == 0 goto out');
    else return undefined;
    if (/sock/.test(type)) setup.push(`${register} = r7`);
    if (size !== undefined && size > 64) return undefined;
  }
  if (returns.type === 'void') after.push('r0 = 0');
  return { setup, after, usesMap };
}

/** Zeros over the stack, for arguments of memory. */
const CLEAN = Array.from({ length: 48 }, (_, i) => `*(u64 *)(r10 - ${8 * (i + 1)}) = 0`).join('; ');

function question(
  helper: string,
  id: number,
  prototype: Prototype,
  hook: HookName,
  packet: boolean,
): KernelJob | undefined {
  const call = callOf(helper, prototype, hook);
  const row = programType(hook);
  const data = (FIELDS[hook] ?? SKB).data;
  if (call === undefined || (packet && !data)) return undefined;
  const [width, start, end] = data ?? [4, 0, 0];
  const bits = width * 8;
  const lines = [
    'r6 = r1',
    CLEAN,
    ...(packet
      ? [
          `r8 = *(u${bits} *)(r6 + ${start}); r9 = *(u${bits} *)(r6 + ${end})`,
          'r0 = r8; r0 += 1; if r0 > r9 goto out',
        ]
      : []),
    ...call.setup,
    `call ${id}`,
    ...call.after,
    ...(packet ? ['r0 = *(u8 *)(r8 + 0)'] : []),
    'out: r0 = 0; exit',
  ];
  const bytes = assemble(lines.join('; '));
  const loads: (readonly [number, number])[] = [];
  for (let slot = 0; slot < bytes.length / 8; slot++)
    if (bytes[slot * 8] === 0x18) loads.push([slot, 0]);
  return {
    type: row.id!,
    attach: row.attach,
    insns: toHex(bytes),
    log: true,
    ...(call.usesMap && { maps: [mapFor(helper)], refs: loads }),
  };
}

const HOOKS = Object.keys(HELPER_AVAILABILITY) as (keyof typeof HELPER_AVAILABILITY)[];

/** A helper in a hook, with what is asked about it: a call of each variant, one with a packet. */
interface Case {
  readonly helper: string;
  readonly hook: HookName;
  readonly variants: readonly Prototype[];
  readonly calls: readonly (KernelJob | undefined)[];
  readonly packets: readonly (KernelJob | undefined)[];
}

function variantsOf(helper: string): Prototype[] {
  if (helper === 'tail_call') return [TAIL_CALL];
  const functions = FUNCTIONS[helper] ?? [`bpf_${helper}`];
  const found = functions.flatMap((name) => raw[name] ?? []).map(prototypeOf);
  if (found.length === 0) throw new Error(`no prototype of ${helper} in the kernel's memory`);
  const variants = [
    ...new Map(found.map((variant) => [JSON.stringify(variant), variant])).values(),
  ];
  // One that takes NULL is asked about with NULL, and one that does not would pass with a pointer.
  const nulls = (variant: Prototype) =>
    variant.arguments.filter(({ flags }) => flags?.includes('maybe_null')).length;
  return variants.sort((a, b) => nulls(b) - nulls(a));
}

const cases: Case[] = HELPER_LIST.flatMap(([id, helper]) => {
  const callers = HOOKS.filter((hook) =>
    (HELPER_AVAILABILITY[hook] as readonly number[]).includes(id),
  );
  if (callers.length === 0) return [];
  const variants = variantsOf(helper);
  return callers.map((hook) => ({
    helper,
    hook,
    variants,
    calls: variants.map((variant) => question(helper, id, variant, hook, false)),
    packets: variants.map((variant) => question(helper, id, variant, hook, true)),
  }));
});
const questions = new Set(cases.flatMap(({ calls, packets }) => [...calls, ...packets]));
questions.delete(undefined);
const asked = [...questions] as KernelJob[];
const replies = askKernel(asked);
const answers = new Map(asked.map((job, i) => [job, replies[i]]));

const UNRELEASED = /Unreleased reference/;
const INVALIDATED = /mem access 'scalar'/;
const unproved: string[] = [];

/** The prototype that the verifier takes, with what its answers tell besides. */
function judged({ helper, hook, variants, calls, packets }: Case): Prototype {
  const said = calls.map((job) => job && answers.get(job)!);
  const taken = said.findIndex(
    (answer) => answer && (answer.errno === 0 || UNRELEASED.test(answer.log ?? '')),
  );
  const lastLines = (log: string) => log.trim().split('\n').slice(-3).join(' / ');
  const logs = said.map((answer) => (answer?.log === undefined ? '-' : lastLines(answer.log)));
  if (taken < 0) unproved.push(`${hook} ${helper}: ${logs.join(' | ')}`);
  // Where the verifier cannot be asked the last one, which is for programs on packets.
  const chosen = taken < 0 ? variants.length - 1 : taken;
  const packet = packets[chosen] && answers.get(packets[chosen]);
  return {
    ...variants[chosen],
    ...(INVALIDATED.test(packet?.log ?? '') && { invalidatesPacket: true as const }),
    ...(UNRELEASED.test(said[chosen]?.log ?? '') && { acquires: true as const }),
  };
}

/** A helper's prototypes, each with the hooks it is for. */
const byHelper = new Map<string, Map<string, { prototype: Prototype; hooks: HookName[] }>>();
for (const one of cases) {
  const prototype = judged(one);
  const key = JSON.stringify(prototype);
  const rows = byHelper.get(one.helper) ?? new Map();
  byHelper.set(one.helper, rows);
  const row = rows.get(key) ?? { prototype, hooks: [] };
  rows.set(key, row);
  row.hooks.push(one.hook);
}

const rows = [...byHelper].map(([helper, variants]) => {
  const [first, ...others] = variants.values();
  if (others.length === 0) return `  ${helper}: ${literal(first.prototype)},`;
  const each = [first, ...others].map(({ prototype, hooks }) => literal({ hooks, ...prototype }));
  return `  ${helper}: [${each.join(', ')}],`;
});
writeFileSync(
  'core/spec/helper-prototypes.generated.ts',
  `// Generated by npm run kernel:record (core/tools/kernel/record-prototypes.ts) from Linux \
${kernel}. Do not edit.
/**
 * What every helper that some hook may call takes, answers and does; several where hooks differ.
 */
export const HELPER_PROTOTYPES = {
${rows.join('\n')}
} as const;
`,
);
console.log(
  `${byHelper.size} prototypes; ${cases.length - unproved.length} of ${cases.length} calls in ` +
    `hooks were made from them and taken by Linux ${kernel}, the others want more than a ` +
    `prototype tells or a state`,
);
const surprising = unproved.filter((line) => !line.endsWith(': -'));
if (surprising.length > 0) console.log(surprising.join('\n'));
