import { address } from '../memory/memory.ts';
import type { ContextField } from '../spec/contexts.ts';
import type { HookName } from '../spec/program-types.ts';
import type { Machine, TypedAccess } from './machine.ts';
import { EVER_READ, EVER_WRITTEN } from './recorder.ts';

const NO_QUEUE_MAPPING = 0xffffn;

const isPointer = ({ yields }: ContextField): boolean => yields !== 'number' && yields !== 'length';
const mayRead = (field: ContextField, hook: HookName): boolean =>
  field.read === undefined || field.read.includes(hook);
const mayWrite = (field: ContextField, hook: HookName): boolean =>
  field.write?.includes(hook) ?? false;

/** What a structure is made of. */
export interface Structure {
  readonly fields: readonly ContextField[];
  readonly hook: HookName;
  /** Values of the number fields, by name. */
  readonly values: ReadonlyMap<string, bigint>;
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
  private readonly hook: HookName;
  private values: Map<string, bigint>;
  private pointers: Map<string, bigint>;

  constructor(
    machine: Machine,
    { fields, hook, values, pointers, options, partial = false }: Structure,
  ) {
    this.partial = partial;
    this.machine = machine;
    this.hook = hook;
    this.fields = fields.filter(
      (field) => field.only === undefined || options?.get(field.only[0]) === field.only[1],
    );
    this.values = new Map(values);
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
        return this.values.get(field.name) ?? 0n;
    }
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
    target.set(name, BigInt.asUintN((field.stored ?? field.size) * 8, value));
  }

  /**
   * The field an access lies in, or why there is none. Two words of scratch may be taken at once.
   */
  private find(offset: number, size: number): ContextField | string {
    const field = this.fields.find((row) => offset >= row.offset && offset < row.offset + row.size);
    if (field === undefined && this.partial) return 'what the kernel has there is not known here';
    if (field === undefined)
      return offset < 0 ? 'that lies before the context' : 'there is no such field';
    if (offset - field.offset >= (field.starts ?? field.size))
      return `${field.name} is not accessed from there`;
    const end = field.offset + field.size;
    const pair =
      field.scratch && size === 2 * field.size && offset === field.offset && this.wordBehind(field);
    if (offset + size > end && !pair) return `${field.name} has ${field.size} bytes`;
    const whole = isPointer(field) || field.narrowest === field.size;
    if (whole && size !== field.size)
      return `${field.name} is only accessed as ${field.size} bytes`;
    if (size < (field.narrowest ?? 1))
      return `${field.name} is only accessed as ${field.narrowest} bytes or more`;
    if (offset % size !== 0) return `${field.name} is not aligned for ${size} bytes there`;
    return field;
  }

  private wordBehind(field: ContextField): ContextField | undefined {
    return this.fields.find((row) => row.scratch && row.offset === field.offset + field.size);
  }

  private touch(kind: number, field: ContextField, second: ContextField | undefined): void {
    const { recorder } = this.machine;
    if (!recorder) return;
    recorder.touched = { kind, fields: second ? [field, second] : [field] };
    for (const touched of recorder.touched.fields) recorder.provenance?.field(kind, touched);
  }

  load(offset: number, size: number): bigint | string {
    const field = this.find(offset, size);
    if (typeof field === 'string') return field;
    if (!mayRead(field, this.hook)) return `${field.name} may not be read by ${this.hook} programs`;
    const second = size > field.size ? this.wordBehind(field) : undefined;
    this.touch(EVER_READ, field, second);
    if (second !== undefined) return this.joined(field, second);
    const value = this.value(field);
    if (field.zeroTail && offset - field.offset >= (field.stored ?? field.size)) return 0n;
    if (size >= (field.stored ?? field.size)) return value;
    return BigInt.asUintN(size * 8, value >> BigInt(this.shift(field, offset, size)));
  }

  store(offset: number, size: number, value: bigint): string | undefined {
    const field = this.find(offset, size);
    if (typeof field === 'string') return field;
    if (!mayWrite(field, this.hook))
      return `${field.name} may not be written by ${this.hook} programs`;
    if (size < field.size && !field.scratch)
      return `${field.name} is only written as ${field.size} bytes`;
    const second = size > field.size ? this.wordBehind(field) : undefined;
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
  }

  save(): unknown {
    return { values: new Map(this.values), pointers: new Map(this.pointers) };
  }

  restore(saved: unknown): void {
    const image = saved as { values: Map<string, bigint>; pointers: Map<string, bigint> };
    this.values = new Map(image.values);
    this.pointers = new Map(image.pointers);
  }
}
