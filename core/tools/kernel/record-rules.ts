// What the verifier of the running kernel lets packet programs do; writes
//   core/spec/helper-availability.generated.ts     which hook may call which helper
//   core/spec/kernel-structs.generated.ts          where fields of the kernel's structures lie
//   core/testdata/kernel/context-access.json       how fields of contexts may be accessed, and
//                                                  what programs may return
// Part of `npm run kernel:record`; needs root and python3.
import { readFileSync, writeFileSync } from 'node:fs';
import { assemble } from '../../asm/assemble.ts';
import { toHex } from '../../bytes/hex.ts';
import { Btf } from '../../object/btf/btf.ts';
import type { BtfRecord } from '../../object/btf/types.ts';
import { CONTEXTS } from '../../spec/contexts.ts';
import { HELPER_LIST } from '../../spec/helper-list.generated.ts';
import { helperByName } from '../../spec/helpers.ts';
import { PROGRAM_TYPES, type ProgramTypeRow } from '../../spec/program-types.ts';
import { BPF_SOCK, BPF_TCP_SOCK } from '../../spec/sockets.ts';
import { askKernel, type KernelJob, kernelVersion } from '../../testing/kernel.ts';

const LINUX_HOOKS = (PROGRAM_TYPES as readonly ProgramTypeRow[]).filter(
  (row) => row.id !== undefined,
);
const kernel = kernelVersion();

const job = (row: ProgramTypeRow, source: string, log = false): KernelJob => ({
  type: row.id!,
  attach: row.attach,
  insns: toHex(assemble(source)),
  log,
});

/**
 * Numbers of the helpers that the verifier knows for a program type; what else is wrong with the
 * call does not matter.
 */
function helpersOf(row: ProgramTypeRow): number[] {
  const ids = HELPER_LIST.map(([id]) => id);
  const answers = askKernel(ids.map((id) => job(row, `call ${id}; r0 = 0; exit`, true)));
  return ids.filter((_, i) => !/cannot use helper|invalid func/.test(answers[i].log ?? ''));
}

/** Past the end of every context. */
const BEYOND = 8;
const SIZES = [1, 2, 4, 8];

/** A digit for each offset: bit n is set where an access of 2^n bytes is taken. */
function accessDigits(row: ProgramTypeRow, write: boolean): string {
  const length = CONTEXTS[row.context!].size + BEYOND;
  const places = Array.from({ length }, (_, offset) =>
    SIZES.map((size) => ({ offset, size })),
  ).flat();
  const answers = askKernel(
    places.map(({ offset, size }) => {
      const memory = `*(u${size * 8} *)(r1 + ${offset})`;
      return job(
        row,
        write ? `r0 = 0; r2 = 0; ${memory} = r2; exit` : `r2 = ${memory}; r0 = 0; exit`,
      );
    }),
  );
  const masks = new Array<number>(length).fill(0);
  for (const [i, { offset, size }] of places.entries())
    if (answers[i].errno === 0) masks[offset] |= 1 << Math.log2(size);
  return masks.map((mask) => mask.toString(16)).join('');
}

/** How programs reach a socket's structures: r0 points at one when the prelude is through. */
const SOCKETS = {
  sock_common: { prelude: 'r0 = *(u64 *)(r1 + 168); if r0 == 0 goto out', size: BPF_SOCK.size },
  sock: {
    prelude:
      `r1 = *(u64 *)(r1 + 168); if r1 == 0 goto out; ` +
      `call ${helperByName('sk_fullsock')!.id}; if r0 == 0 goto out`,
    size: BPF_SOCK.size,
  },
  tcp_sock: {
    prelude:
      `r1 = *(u64 *)(r1 + 168); if r1 == 0 goto out; ` +
      `call ${helperByName('sk_fullsock')!.id}; if r0 == 0 goto out; r1 = r0; ` +
      `call ${helperByName('tcp_sock')!.id}; if r0 == 0 goto out`,
    size: BPF_TCP_SOCK.size,
  },
};

function socketDigits({ prelude, size }: { prelude: string; size: number }): string {
  const tc = LINUX_HOOKS.find((row) => row.name === 'tc')!;
  const places = Array.from({ length: size + BEYOND }, (_, offset) =>
    SIZES.map((width) => ({ offset, width })),
  ).flat();
  const answers = askKernel(
    places.map(({ offset, width }) =>
      job(tc, `${prelude}; r2 = *(u${width * 8} *)(r0 + ${offset}); out: r0 = 0; exit`),
    ),
  );
  const masks = new Array<number>(size + BEYOND).fill(0);
  for (const [i, { offset, width }] of places.entries())
    if (answers[i].errno === 0) masks[offset] |= 1 << Math.log2(width);
  return masks.map((mask) => mask.toString(16)).join('');
}

/** struct bpf_sk_lookup for a test run: TCP from 1.2.3.4 port 0x1f5a to 5.6.7.8 port 8080. */
function lookupContext(): string {
  const view = new DataView(new ArrayBuffer(CONTEXTS.bpf_sk_lookup.size));
  view.setUint32(8, 2, true);
  view.setUint32(12, 6, true);
  view.setUint32(16, 0x04030201, true);
  view.setUint16(36, 0x5a1f, true);
  view.setUint32(40, 0x08070605, true);
  view.setUint32(60, 8080, true);
  return toHex(new Uint8Array(view.buffer));
}

/** What every allowed load of an sk_lookup program's context gives there, by `offset:size`. */
function lookupValues(): Record<string, string> {
  const row = LINUX_HOOKS.find(({ name }) => name === 'sk_lookup')!;
  const places = Array.from({ length: 64 - 8 }, (_, i) =>
    [1, 2, 4].map((size) => ({ offset: 8 + i, size })),
  ).flat();
  const answers = askKernel(
    places.map(({ offset, size }) => ({
      ...job(
        row,
        `r6 = *(u${size * 8} *)(r1 + ${offset}); *(u64 *)(r10 - 8) = 0; r2 = r10; r2 += -8;
          ld_pseudo r1, 0x1, 0; call 1;
        if r0 == 0 goto out; *(u64 *)(r0 + 0) = r6; out: r0 = 1; exit`,
      ),
      refs: [[4, 0]] as const,
      maps: [{ type: 2, key: 4, value: 8, entries: 1 }],
      runs: [{ ctx: lookupContext() }],
      dump: true,
    })),
  );
  const taken = places.flatMap(({ offset, size }, i) =>
    answers[i].errno === 0 ? [[`${offset}:${size}`, answers[i].maps![0][0][1]] as const] : [],
  );
  return Object.fromEntries(taken);
}

/** Values of r0 at the end that a hook is asked about. */
const RETURNED = [-1, 0, 1, 2, 3, 4, 7, 0x7fffffff];
const CGROUP_INET_EGRESS = 1;

/** Those of RETURNED that the verifier lets programs end with. */
function returnsOf(row: ProgramTypeRow, attach = row.attach): number[] {
  const answers = askKernel(
    RETURNED.map((value) => ({ ...job(row, `r0 = ${value}; exit`), attach })),
  );
  return RETURNED.filter((_, i) => answers[i].errno === 0);
}

const availability = LINUX_HOOKS.map((row) => `  ${row.name}: [${helpersOf(row).join(', ')}],`);
writeFileSync(
  'core/spec/helper-availability.generated.ts',
  `// Generated by npm run kernel:record (core/tools/kernel/record-rules.ts) from Linux \
${kernel}. Do not edit.
/** Numbers of the helpers that the verifier lets programs of a hook call. */
export const HELPER_AVAILABILITY = {
${availability.join('\n')}
} as const;
`,
);
const access = Object.fromEntries(
  LINUX_HOOKS.map((row) => [
    row.name,
    { read: accessDigits(row, false), write: accessDigits(row, true) },
  ]),
);
const returns = {
  ...Object.fromEntries(LINUX_HOOKS.map((row) => [row.name, returnsOf(row)])),
  'cgroup_skb egress': returnsOf(
    LINUX_HOOKS.find(({ name }) => name === 'cgroup_skb')!,
    CGROUP_INET_EGRESS,
  ),
};
const sockets = Object.fromEntries(
  Object.entries(SOCKETS).map(([name, way]) => [name, socketDigits(way)]),
);
writeFileSync(
  'core/testdata/kernel/context-access.json',
  `${JSON.stringify({ kernel, access, sockets, lookup: lookupValues(), returns }, null, 1)}\n`,
);
console.log(`rules of Linux ${kernel} recorded for ${LINUX_HOOKS.length} hooks`);

/**
 * Fields of structures of the kernel that netfilter programs, and maps by their address, are shown;
 * by structure.
 */
const SHOWN: Record<string, readonly string[]> = {
  nf_hook_state: ['hook', 'pf', 'in', 'out'],
  bpf_map: ['map_type', 'key_size', 'value_size', 'max_entries', 'map_extra', 'map_flags'],
  net_device: ['ifindex', 'mtu'],
  sk_buff: [
    'len',
    'data_len',
    'mac_len',
    'mark',
    'priority',
    'hash',
    'skb_iif',
    'protocol',
    'vlan_proto',
    'vlan_tci',
  ],
};
const types = new Btf(new Uint8Array(readFileSync('/sys/kernel/btf/vmlinux')), 'little');

/** Offset and size of a field, also one of an unnamed structure or union inside; both in bytes. */
function placeOf(struct: BtfRecord, name: string): { offset: number; size: number } | undefined {
  for (const member of struct.members) {
    if (member.name === name)
      return { offset: member.bitOffset / 8, size: types.sizeOf(member.type)! };
    const inner = member.name === '' ? types.resolve(member.type) : undefined;
    if (inner?.kind !== 'struct' && inner?.kind !== 'union') continue;
    const found = placeOf(inner, name);
    if (found) return { ...found, offset: found.offset + member.bitOffset / 8 };
  }
  return undefined;
}

const structs = Object.entries(SHOWN).map(([name, fields]) => {
  const struct = types.find('struct', name)!;
  const rows = fields.map((field) => {
    const { offset, size } = placeOf(struct, field)!;
    return `{ name: '${field}', offset: ${offset}, size: ${size} }`;
  });
  return `  ${name}: { size: ${struct.size}, fields: [${rows.join(', ')}] },`;
});
writeFileSync(
  'core/spec/kernel-structs.generated.ts',
  `// Generated by npm run kernel:record (core/tools/kernel/record-rules.ts) from the types of \
Linux ${kernel}. Do not edit.
/** Where fields of the kernel's own structures lie, bytes. */
export const KERNEL_STRUCTS = {
${structs.join('\n')}
} as const;
`,
);
