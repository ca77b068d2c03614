import type { ContextAccess, Machine } from '../machine/machine.ts';
import { address } from '../memory/memory.ts';
import type { ContextName } from '../spec/contexts.ts';
import { type ContextField, contextFields } from '../spec/contexts.ts';
import type { HookName } from '../spec/program-types.ts';

const mayRead = (field: ContextField, hook: HookName): boolean => field.read === undefined || field.read.includes(hook);
const mayWrite = (field: ContextField, hook: HookName): boolean => field.write?.includes(hook) ?? false;

/** A context as the kernel gives it to a program: fields with types and rights, not plain memory. */
export class TypedContext implements ContextAccess {
  readonly fields: readonly ContextField[];
  private readonly machine: Machine;
  private readonly hook: HookName;
  /** Values of the number fields, by name. */
  private values: Map<string, bigint>;
  /** Fields the instruction at `touchedPc` touched. */
  touched: { name: string; kind: 'read' | 'write' }[] = [];
  touchedPc = -1;

  constructor(machine: Machine, name: ContextName, hook: HookName, values: ReadonlyMap<string, bigint>) {
    this.machine = machine;
    this.hook = hook;
    this.fields = contextFields(name);
    this.values = new Map(values);
  }

  value(field: ContextField): bigint {
    const { packet } = this.machine;
    switch (field.yields) {
      case 'packet-start':
        return address(packet.region, packet.data - packet.meta);
      case 'packet-end':
        return address(packet.region, packet.end - packet.meta);
      case 'packet-meta':
        return address(packet.region);
      case 'pointer':
        return 0n;
      case 'number':
        return field.name === 'len' ? BigInt(packet.end - packet.data) : (this.values.get(field.name) ?? 0n);
    }
  }

  private find(offset: number, size: number): ContextField | string {
    const field = this.fields.find((row) => offset >= row.offset && offset < row.offset + row.size);
    if (field === undefined) return offset < 0 ? 'that lies before the context' : 'there is no such field';
    if (offset + size > field.offset + field.size) return `${field.name} has ${field.size} bytes`;
    if ((field.whole || field.yields !== 'number') && size !== field.size)
      return `${field.name} is only accessed as ${field.size} bytes`;
    if (offset % size !== 0) return `${field.name} is not aligned for ${size} bytes there`;
    return field;
  }

  private touch(name: string, kind: 'read' | 'write'): void {
    const pc = this.machine.recorder?.pc ?? -1;
    if (pc !== this.touchedPc) this.touched = [];
    this.touchedPc = pc;
    if (!this.touched.some((entry) => entry.name === name && entry.kind === kind)) this.touched.push({ name, kind });
  }

  load(offset: number, size: number): bigint | string {
    const field = this.find(offset, size);
    if (typeof field === 'string') return field;
    if (!mayRead(field, this.hook)) return `${field.name} may not be read by ${this.hook} programs`;
    this.touch(field.name, 'read');
    const value = this.value(field);
    if (size === field.size) return value;
    const byte = this.machine.memory.littleEndian ? offset - field.offset : field.size - size - (offset - field.offset);
    return BigInt.asUintN(size * 8, value >> BigInt(byte * 8));
  }

  store(offset: number, size: number, value: bigint): string | undefined {
    const field = this.find(offset, size);
    if (typeof field === 'string') return field;
    if (!mayWrite(field, this.hook)) return `${field.name} may not be written by ${this.hook} programs`;
    const scratch = field.name.startsWith('cb[');
    if (size !== field.size && !scratch) return `${field.name} is only written as ${field.size} bytes`;
    this.touch(field.name, 'write');
    const byte = this.machine.memory.littleEndian ? offset - field.offset : field.size - size - (offset - field.offset);
    const shift = BigInt(byte * 8);
    const mask = BigInt.asUintN(size * 8, -1n) << shift;
    this.values.set(field.name, (this.value(field) & ~mask) | (value << shift));
    return undefined;
  }

  save(): unknown {
    return new Map(this.values);
  }

  restore(saved: unknown): void {
    this.values = new Map(saved as Map<string, bigint>);
    this.touched = [];
  }
}
