import { address } from '../memory/memory.ts';
import { fieldAccess } from '../spec/context-access.ts';
import type { ContextField } from '../spec/contexts.ts';
import type { HookName } from '../spec/program-types.ts';
import type { Machine, TypedAccess } from './machine.ts';
import { EVER_READ, EVER_WRITTEN } from './recorder.ts';

const NO_QUEUE_MAPPING = 0xffffn;

/** Numbers by the names of fields. */
export interface FieldValues {
  get(name: string): bigint | undefined;
}

/** What a structure is made of. */
export interface Structure {
  readonly fields: readonly ContextField[];
  readonly hook: HookName;
  /** Values of the number fields at first; always the same ones. */
  readonly values: FieldValues;
  /** Addresses that the `pointer` fields hold, by name; NULL where there is none. */
  readonly pointers?: ReadonlyMap<string, bigint>;
  /** Options of the hook, for fields that are there only with one of them. */
  readonly options?: ReadonlyMap<string, string>;
  /** One of the kernel's own structures, of which only these fields are known here. */
  readonly partial?: boolean;
}

/**
 * A structure as the kernel gives it to a program: fields with types and rights, not plain memory.
 */
export class TypedStructure implements TypedAccess {
  readonly fields: readonly ContextField[];
  readonly partial: boolean;
  private readonly machine: Machine;
  readonly hook: HookName;
  private readonly initial: FieldValues;
  /** Those that are other ones by now. */
  private values = new Map<string, bigint>();
  private pointers: Map<string, bigint>;
  private changed = new Set<string>();

  constructor(
    machine: Machine,
    { fields, hook, values, pointers, options, partial = false }: Structure,
  ) {
    this.partial = partial;
    this.machine = machine;
    this.hook = hook;
    const isThere = ({ only }: ContextField): boolean =>
      only === undefined || options?.get(only[0]) === only[1];
    this.fields = fields.every(isThere) ? fields : fields.filter(isThere);
    this.initial = values;
    this.pointers = new Map(pointers);
  }

  value(field: ContextField): bigint {
    const { packet } = this.machine;
    switch (field.yields) {
      case 'packet-start':
        return address(packet.region, packet.data - packet.meta);
      case 'packet-end':
        return address(packet.region, packet.linear - packet.meta);
      case 'packet-meta':
        return address(packet.region);
      case 'pointer':
        return this.pointers.get(field.name) ?? 0n;
      case 'length':
        return BigInt(packet.end - packet.data);
      case 'number':
        return this.values.get(field.name) ?? this.initial.get(field.name) ?? 0n;
    }
  }

  get written(): ReadonlySet<string> {
    return this.changed;
  }

  get(name: string): bigint {
    const field = this.fields.find((row) => row.name === name);
    if (field === undefined) return 0n;
    this.machine.recorder?.provenance?.field(EVER_READ, field);
    return this.value(field);
  }

  set(name: string, value: bigint): void {
    const field = this.fields.find((row) => row.name === name);
    if (field === undefined) return;
    this.machine.recorder?.provenance?.field(EVER_WRITTEN, field);
    const target = field.yields === 'pointer' ? this.pointers : this.values;
    this.changed.add(name);
    target.set(name, BigInt.asUintN((field.stored ?? field.size) * 8, value));
  }

  private touch(kind: number, field: ContextField, second: ContextField | undefined): void {
    const { recorder } = this.machine;
    if (!recorder) return;
    recorder.touched = { kind, fields: second ? [field, second] : [field] };
    for (const touched of recorder.touched.fields) recorder.provenance?.field(kind, touched);
  }

  load(offset: number, size: number): bigint | string {
    const access = fieldAccess(this, offset, size, false);
    if (typeof access === 'string') return access;
    const { field, second } = access;
    this.touch(EVER_READ, field, second);
    if (second !== undefined) return this.joined(field, second);
    const value = this.value(field);
    if (field.zeroTail && offset - field.offset >= (field.stored ?? field.size)) return 0n;
    if (size >= (field.stored ?? field.size)) return value;
    return BigInt.asUintN(size * 8, value >> BigInt(this.shift(field, offset, size)));
  }

  store(offset: number, size: number, value: bigint): string | undefined {
    const access = fieldAccess(this, offset, size, true);
    if (typeof access === 'string') return access;
    const { field, second } = access;
    this.touch(EVER_WRITTEN, field, second);
    if (second !== undefined) {
      this.split(field, second, value);
      return undefined;
    }
    // The kernel leaves a queue_mapping that is no queue as it is (net/core/filter.c,
    // bpf_convert_ctx_access).
    if (field.name === 'queue_mapping' && value >= NO_QUEUE_MAPPING) return undefined;
    const shift = BigInt(this.shift(field, offset, size));
    const mask = BigInt.asUintN(size * 8, -1n) << shift;
    const part = BigInt.asUintN(size * 8, value) << shift;
    this.set(field.name, (this.value(field) & ~mask) | part);
    return undefined;
  }

  /** Bits below a part of a field. */
  private shift(field: ContextField, offset: number, size: number): number {
    const byte = offset - field.offset;
    return 8 * (this.machine.memory.littleEndian ? byte : field.size - size - byte);
  }

  /** Two words as one number of 64 bits. */
  private joined(first: ContextField, second: ContextField): bigint {
    const [low, high] = this.machine.memory.littleEndian ? [first, second] : [second, first];
    return (this.value(high) << 32n) | this.value(low);
  }

  private split(first: ContextField, second: ContextField, value: bigint): void {
    const [low, high] = this.machine.memory.littleEndian ? [first, second] : [second, first];
    this.values.set(low.name, BigInt.asUintN(32, value));
    this.values.set(high.name, BigInt.asUintN(32, value >> 32n));
    this.changed.add(low.name).add(high.name);
  }

  save(): unknown {
    return {
      values: new Map(this.values),
      pointers: new Map(this.pointers),
      changed: new Set(this.changed),
    };
  }

  restore(saved: unknown): void {
    const image = saved as {
      values: Map<string, bigint>;
      pointers: Map<string, bigint>;
      changed: Set<string>;
    };
    this.values = new Map(image.values);
    this.pointers = new Map(image.pointers);
    this.changed = new Set(image.changed);
  }
}
