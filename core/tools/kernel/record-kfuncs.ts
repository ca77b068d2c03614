// The prototypes of kernel functions, read from the running kernel's types by the names and
// suffixes that the verifier goes by (Documentation/bpf/kfuncs.rst, get_kfunc_ptr_arg_type); writes
//   core/spec/kfunc-prototypes.generated.ts
// The verifier says which hooks may call each, whether its result may be NULL, and takes a call
// made from the prototype. Part of `npm run kernel:record`; needs root and python3.
import { readFileSync, writeFileSync } from 'node:fs';
import { assemble } from '../../asm/assemble.ts';
import { toHex } from '../../bytes/hex.ts';
import { Btf } from '../../object/btf/btf.ts';
import type { BtfType } from '../../object/btf/types.ts';
import { HELPER_AVAILABILITY } from '../../spec/helper-availability.generated.ts';
import { KFUNC_DOCS } from '../../spec/kfunc-docs.ts';
import { programType } from '../../spec/program-types.ts';
import type { Argument, Prototype } from '../../spec/prototypes.ts';
import { askKernel, type KernelJob, kernelVersion } from '../../testing/kernel.ts';
import { literal } from './literal.ts';

const types = new Btf(new Uint8Array(readFileSync('/sys/kernel/btf/vmlinux')), 'little');
const HOOKS = Object.keys(HELPER_AVAILABILITY) as (keyof typeof HELPER_AVAILABILITY)[];
type Hook = (typeof HOOKS)[number];

function functionOf(name: string) {
  const declared = types.find('func', name);
  const prototype = declared && types.byId(declared.type);
  if (prototype?.kind !== 'func_proto') throw new Error(`the kernel has no function ${name}`);
  return { id: types.types.indexOf(declared!), prototype };
}

/** Structures by their names in C, and what a pointer to one is. */
const POINTED: Readonly<Record<string, Argument['type']>> = {
  xdp_md: 'ctx',
  // The context, or where netfilter's context points at.
  __sk_buff: 'btf_id',
  bpf_dynptr: 'dynptr',
};

/** What makes, moves and ends an iterator says so in its name (btf_check_iter_kfuncs). */
const ITERATOR_FLAGS: Readonly<Record<string, Argument['flags']>> = {
  new: ['uninit'],
  destroy: ['release'],
};

function pointerArgument(kfunc: string, name: string, target: BtfType | undefined): Argument {
  const structure = target?.kind === 'struct' ? target.name : '';
  const pointed = POINTED[structure];
  if (pointed === 'dynptr' && name.endsWith('__uninit'))
    return { type: pointed, flags: ['uninit'] };
  if (pointed) return { type: pointed };
  if (structure.startsWith('bpf_iter_')) {
    const flags = ITERATOR_FLAGS[kfunc.slice(kfunc.lastIndexOf('_') + 1)];
    return { type: 'iter', ...(flags && { flags }) };
  }
  if (name.endsWith('__opt')) return { type: 'mem', flags: ['maybe_null', 'uninit'] };
  const size = target && types.sizeOf(types.types.indexOf(target));
  if (structure !== '' || size === undefined)
    throw new Error(`${kfunc}: ${name} is a pointer that no rule knows`);
  return { type: 'mem', flags: ['uninit', 'fixed_size', 'write'], size };
}

function argumentOf(kfunc: string, name: string, typeId: number): Argument {
  const type = types.resolve(typeId);
  if (type?.kind === 'ptr') return pointerArgument(kfunc, name, types.resolve(type.type));
  return { type: /__szk?$/.test(name) ? 'const_size' : 'anything' };
}

const RETURNED: Readonly<Record<string, Prototype['returns']['type']>> = {
  void: 'void',
  ptr: 'mem',
};

function prototypeOf(kfunc: string): Prototype {
  const { prototype } = functionOf(kfunc);
  const returns = types.resolve(prototype.type);
  return {
    arguments: prototype.parameters.map(({ name, type }) => argumentOf(kfunc, name, type)),
    returns: {
      type: RETURNED[returns?.kind ?? 'void'] ?? 'integer',
    },
  };
}

/** Where the objects of a call stand on the stack, below r10. */
const DYNPTR = 16;
const NEW_DYNPTR = 32;
const ITERATOR = 40;
const MEMORY = 64;

const call = (name: string): string => `call kfunc ${name}`;
const dynptrOf = (hook: Hook): string =>
  hook === 'xdp' ? 'bpf_dynptr_from_xdp' : 'bpf_dynptr_from_skb';

function argumentText({ type, flags }: Argument, register: string): string[] {
  const stack = (below: number): string[] => [`${register} = r10`, `${register} += -${below}`];
  switch (type) {
    case 'ctx':
    case 'btf_id':
      return [`${register} = r6`];
    case 'dynptr':
      return stack(flags?.includes('uninit') ? NEW_DYNPTR : DYNPTR);
    case 'iter':
      return stack(ITERATOR);
    case 'mem':
      return stack(MEMORY);
    case 'const_size':
      return [`${register} = 8`];
    default:
      return [`${register} = 0`];
  }
}

/** What has to be there before a call of it, and what has to follow. */
function around(kfunc: string, prototype: Prototype, hook: Hook): [string[], string[]] {
  const has = (type: Argument['type'], ...flags: string[]) =>
    prototype.arguments.some(
      (argument) => argument.type === type && (argument.flags ?? []).join() === flags.join(),
    );
  const before: string[] = [];
  const after: string[] = [];
  if (has('dynptr'))
    before.push('r1 = r6', 'r2 = 0', 'r3 = r10', `r3 += -${DYNPTR}`, call(dynptrOf(hook)));
  const iterator = [`r1 = r10`, `r1 += -${ITERATOR}`];
  if (has('iter') || has('iter', 'release'))
    before.push(...iterator, 'r2 = 0', 'r3 = 4', call('bpf_iter_num_new'));
  if (has('iter') || has('iter', 'uninit')) after.push(...iterator, call('bpf_iter_num_destroy'));
  const pairs: Readonly<Record<string, string>> = {
    bpf_rcu_read_lock: 'bpf_rcu_read_unlock',
    bpf_preempt_disable: 'bpf_preempt_enable',
  };
  for (const [begin, end] of Object.entries(pairs)) {
    if (kfunc === begin) after.push(call(end));
    if (kfunc === end) before.push(call(begin));
  }
  return [before, after];
}

const CLEAN = Array.from({ length: 8 }, (_, i) => `*(u64 *)(r10 - ${8 * (i + 1)}) = 0`);

/** A program of one call; `used`: what it gives is read without a look whether it is NULL. */
function question(kfunc: string, prototype: Prototype, hook: Hook, used: boolean): KernelJob {
  const [before, after] = around(kfunc, prototype, hook);
  const lines = [
    'r6 = r1',
    ...CLEAN,
    ...before,
    ...prototype.arguments.flatMap((argument, i) => argumentText(argument, `r${i + 1}`)),
    call(kfunc),
    ...(used ? ['r0 = *(u8 *)(r0 + 0)'] : []),
    ...after,
    'r0 = 0',
    'exit',
  ];
  const row = programType(hook);
  return { type: row.id!, attach: row.attach, insns: toHex(assembled(lines)), log: true };
}

/** Calls of kernel functions are calls of other functions of the program with another source. */
function assembled(lines: readonly string[]): Uint8Array {
  const named = lines.map((line) => /^call kfunc (\w+)$/.exec(line)?.[1]);
  const bytes = assemble(lines.map((line, i) => (named[i] ? 'call 1' : line)).join('; '));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const calls = named.filter((name) => name !== undefined);
  for (let at = 0; at < bytes.length; at += 8) {
    if (bytes[at] !== CALL) continue;
    bytes[at + 1] = PSEUDO_KFUNC_CALL << 4;
    view.setInt32(at + 4, functionOf(calls.shift()!).id, true);
  }
  return bytes;
}
const CALL = 0x85;
/** uapi BPF_PSEUDO_KFUNC_CALL. */
const PSEUDO_KFUNC_CALL = 2;

const NAMES = Object.keys(KFUNC_DOCS);
const cases = NAMES.flatMap((name) =>
  HOOKS.flatMap((hook) => [false, true].map((used) => ({ name, hook, used }))),
);
const prototypes = new Map(NAMES.map((name) => [name, prototypeOf(name)]));
const answers = askKernel(
  cases.map(({ name, hook, used }) => question(name, prototypes.get(name)!, hook, used)),
);
const saidOf = (name: string, hook: Hook, used: boolean) =>
  answers[cases.findIndex((one) => one.name === name && one.hook === hook && one.used === used)];

const errno = (name: string, hook: Hook, used: boolean): number => saidOf(name, hook, used).errno;

/**
 * Only programs bound to a device may call them, which the verifier asks first: they are registered
 * for XDP alone (net/core/xdp.c, xdp_metadata_init).
 */
const DEVICE_BOUND = /metadata kfuncs require device-bound program/;
const NOT_ALLOWED = (name: string) => `calling kernel function ${name} is not allowed`;
const rows: string[] = [];
const unproved: string[] = [];
let proved = 0;
for (const [name, prototype] of prototypes) {
  const hooks = HOOKS.filter((hook) => {
    const log = saidOf(name, hook, false).log ?? '';
    return DEVICE_BOUND.test(log) ? hook === 'xdp' : !log.includes(NOT_ALLOWED(name));
  });
  for (const hook of hooks) {
    const log = saidOf(name, hook, false).log;
    if (errno(name, hook, false) === 0) proved += 1;
    else unproved.push(`${hook} ${name}: ${log?.trim().split('\n').slice(-3).join(' / ')}`);
  }
  // Read at once, what may be NULL is refused.
  const nullable =
    prototype.returns.type === 'mem' &&
    hooks.some((hook) => errno(name, hook, false) === 0 && errno(name, hook, true) !== 0);
  const returns = nullable ? { type: 'mem', flags: ['maybe_null'] } : prototype.returns;
  rows.push(`  ${name}: ${literal({ hooks, ...prototype, returns })},`);
}
const version = kernelVersion();
writeFileSync(
  'core/spec/kfunc-prototypes.generated.ts',
  `// Generated by npm run kernel:record (core/tools/kernel/record-kfuncs.ts) from Linux \
${version}. Do not edit.
/** What kernel functions take and answer, and the hooks whose programs may call each. */
export const KFUNC_PROTOTYPES = {
${rows.join('\n')}
} as const;
`,
);
console.log(
  `${rows.length} prototypes; ${proved} of ${proved + unproved.length} calls made from them were ` +
    `taken by Linux ${version}`,
);
console.log(`Not taken:\n${unproved.join('\n')}`);
