import type { ContextField } from '../spec/contexts.ts';
import { KERNEL_STRUCTS } from '../spec/kernel-structs.generated.ts';
import type { Machine } from './machine.ts';
import { TypedStructure } from './typed.ts';

export type StructName = keyof typeof KERNEL_STRUCTS;

/**
 * One of the kernel's own structures as programs read it through BTF pointers: of its fields those
 * that are known here, where Linux 6.18 has them. Fields without a value are 0, pointers NULL;
 * nothing of it may be written.
 */
export function kernelStructure(
  machine: Machine,
  name: StructName,
  values: Readonly<Record<string, bigint>>,
): TypedStructure {
  const fields = KERNEL_STRUCTS[name].fields.map((field): ContextField => {
    const yields =
      field.name === 'len'
        ? 'length'
        : field.size === 8 && !(field.name in NUMBERS)
          ? 'pointer'
          : 'number';
    return { ...field, yields, editable: false, initial: 0, doc: '' };
  });
  const given = new Map(Object.entries(values));
  return new TypedStructure(machine, {
    fields,
    hook: 'netfilter',
    values: given,
    pointers: given,
    partial: true,
  });
}

/** Fields of 8 bytes that are no pointers. */
const NUMBERS = { map_extra: true } as const;
