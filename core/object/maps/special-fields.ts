import type { Btf } from '../btf/btf.ts';
import type { SpecialField } from '../types.ts';

/**
 * Structs of uapi/linux/bpf.h that are the kernel's own inside a map value (kernel/bpf/btf.c,
 * btf_get_field_type).
 */
const SPECIAL = new Set([
  'bpf_spin_lock',
  'bpf_res_spin_lock',
  'bpf_timer',
  'bpf_wq',
  'bpf_task_work',
  'bpf_list_head',
  'bpf_list_node',
  'bpf_rb_root',
  'bpf_rb_node',
  'bpf_refcount',
]);

/**
 * Depth of nested structs and elements of an array that are looked into; the kernel takes 8 levels
 * and 11 fields.
 */
const DEPTH = 8;
const ELEMENTS = 11;

/** The fields of a type that are the kernel's own, ascending by offset. */
export function specialFields(btf: Btf, type: number): SpecialField[] {
  const found: SpecialField[] = [];
  collect(btf, type, 0, DEPTH, found);
  return found.sort((a, b) => a.offset - b.offset);
}

function collect(btf: Btf, id: number, offset: number, depth: number, found: SpecialField[]): void {
  const type = btf.resolve(id);
  if (type === undefined || depth === 0 || found.length >= ELEMENTS) return;
  if (type.kind === 'array') {
    const size = btf.sizeOf(type.type) ?? 0;
    for (let i = 0; i < Math.min(type.count, ELEMENTS); i++)
      collect(btf, type.type, offset + i * size, depth - 1, found);
  } else if (type.kind === 'struct') {
    if (SPECIAL.has(type.name)) found.push({ kind: type.name, offset, size: type.size });
    else
      for (const member of type.members)
        collect(btf, member.type, offset + member.bitOffset / 8, depth - 1, found);
  }
}
