import { parseInteger } from '../bytes/integer.ts';
import { ContextNumbers, type ContextSource } from '../hooks/enter.ts';
import { type BatchLayout, type FieldSource, MOST_CONTEXT_COLUMNS } from '../jit/batch.ts';
import type { TypedAccess } from '../machine/machine.ts';
import { type FieldValues, type Structure, TypedStructure } from '../machine/typed.ts';
import { fieldAccess } from '../spec/context-access.ts';
import { type ContextName, contextFields } from '../spec/contexts.ts';
import { programType } from '../spec/program-types.ts';
import { type Frames, frameOf } from './batch-frames.ts';
import type { Session } from './session.ts';

/** Loads of a field that differs from packet to packet, by where and how much of it is loaded. */
interface ContextColumn {
  readonly offset: number;
  readonly size: number;
}

/** A context that is lent: of a packet as it lies in a capture, without structures of its own. */
class LentContext extends TypedStructure {
  override load(offset: number, size: number): bigint | string {
    const access = fieldAccess(this, offset, size, false);
    const fields = typeof access === 'string' ? [] : [access.field, access.second];
    if (fields.some((field) => field?.yields === 'pointer')) return 'is not lent';
    return super.load(offset, size);
  }

  override store(): string {
    return 'is not lent';
  }
}

/**
 * What loads of a context give in compiled code for many packets: constants, what is known of the
 * packet anyway, and a column for each load of a field that every packet has its own value of.
 */
export class ContextColumns {
  private readonly session: Session;
  private readonly layout: BatchLayout;
  private readonly name: ContextName;
  private readonly source: Omit<ContextSource, 'frame'>;
  /** Fields of the context: those that are numbers are of a frame at a time. */
  private readonly structure: TypedStructure;
  private numbers: ContextNumbers;
  private readonly columns: ContextColumn[] = [];
  /** Packets are placed: a column more would have no values. */
  private isPlaced = false;

  constructor(session: Session, layout: BatchLayout) {
    const { options, inputs, machine } = session;
    const { hook } = session;
    this.session = session;
    this.layout = layout;
    this.name = programType(hook).context as ContextName;
    const context = inputs.context.map(
      ([field, value]) => [field, parseInteger(value, `context.${field}`)] as const,
    );
    const { littleEndian } = machine!.memory;
    this.source = { options, context: new Map(context), littleEndian };
    this.numbers = this.numbersOf(new Uint8Array(64));
    const values = { get: (field: string) => this.numbers.get(field) };
    this.structure = new TypedStructure(machine!, this.partsWith(values));
  }

  private partsWith(values: FieldValues): Structure {
    const { hook, options } = this.session;
    return { fields: contextFields(this.name), hook, values, options };
  }

  /** The context of a packet as it came. */
  lent(frame: Uint8Array): TypedAccess {
    return new LentContext(this.session.machine!, this.partsWith(this.numbersOf(frame)));
  }

  private numbersOf(frame: Uint8Array): ContextNumbers {
    return new ContextNumbers(this.session.hook, this.name, { ...this.source, frame });
  }

  /** What a load gives; undefined: the interpreter does it. */
  valueAt(offset: number, size: number): FieldSource | undefined {
    const access = fieldAccess(this.structure, offset, size, false);
    if (typeof access === 'string' || access.second !== undefined) return undefined;
    const { field } = access;
    switch (field.yields) {
      case 'packet-start':
      case 'packet-meta':
        return { kind: 'start' };
      case 'packet-end':
        return { kind: 'end' };
      case 'length':
        return size === field.size ? { kind: 'length' } : undefined;
      case 'pointer':
        return undefined;
    }
    if (typeof field.initial === 'number' || this.source.context.has(field.name))
      return { kind: 'constant', value: this.structure.load(offset, size) as bigint };
    return this.columnAt(offset, size);
  }

  private columnAt(offset: number, size: number): FieldSource | undefined {
    const { columns } = this;
    const known = columns.findIndex((column) => column.offset === offset && column.size === size);
    if (known >= 0) return { kind: 'column', column: known };
    if (this.isPlaced || columns.length === MOST_CONTEXT_COLUMNS) return undefined;
    columns.push({ offset, size });
    return { kind: 'column', column: columns.length - 1 };
  }

  /** Fills the columns of packets. */
  place(from: number, to: number, frames: Frames): void {
    this.isPlaced = true;
    const { columns, layout, structure } = this;
    if (columns.length === 0) return;
    const { words } = this.session.machine!.memory;
    const starts = columns.map((_, i) => layout.contextColumn(i) >> 2);
    for (let index = from; index < to; index++) {
      this.numbers = this.numbersOf(frameOf(frames, index));
      for (const [i, { offset, size }] of columns.entries())
        words[starts[i] + index] = Number(structure.load(offset, size));
    }
  }
}
