import type { ContextField } from './contexts.ts';
import type { HookName } from './program-types.ts';

/** A structure that programs of a hook access by its fields. */
export interface FieldTable {
  readonly fields: readonly ContextField[];
  readonly hook: HookName;
  /** One of the kernel's own structures, of which only these fields are known here. */
  readonly partial?: boolean;
}

/** The field that an access lies in, and the word behind it where it takes two of scratch. */
export interface FieldAccess {
  readonly field: ContextField;
  readonly second?: ContextField;
}

/**
 * Whether a program may load or store `size` bytes at an offset, by the rows alone: the field, or
 * why not (is_valid_access of the program types; compared with the verifier in typed.test.ts).
 */
export function fieldAccess(
  table: FieldTable,
  offset: number,
  size: number,
  write: boolean,
): FieldAccess | string {
  const found = fieldAt(table, offset, size);
  if (typeof found === 'string') return found;
  const { field } = found;
  const right = write
    ? field.write?.includes(table.hook)
    : (field.read?.includes(table.hook) ?? true);
  if (!right)
    return `${field.name} may not be ${write ? 'written' : 'read'} by ${table.hook} programs`;
  if (write && size < field.size && !field.scratch)
    return `${field.name} is only written as ${field.size} bytes`;
  return found;
}

/** Two words of scratch may be taken at once. */
function fieldAt(
  { fields, partial }: FieldTable,
  offset: number,
  size: number,
): FieldAccess | string {
  const field = fields.find((row) => offset >= row.offset && offset < row.offset + row.size);
  if (field === undefined && partial) return 'what the kernel has there is not known here';
  if (field === undefined)
    return offset < 0 ? 'that lies before the context' : 'there is no such field';
  if (offset - field.offset >= (field.starts ?? field.size))
    return `${field.name} is not accessed from there`;
  const second =
    field.scratch && size === 2 * field.size && offset === field.offset
      ? fields.find((row) => row.scratch && row.offset === field.offset + field.size)
      : undefined;
  if (offset + size > field.offset + field.size && !second)
    return `${field.name} has ${field.size} bytes`;
  const whole = isPointer(field) || field.narrowest === field.size;
  if (whole && size !== field.size) return `${field.name} is only accessed as ${field.size} bytes`;
  if (size < (field.narrowest ?? 1))
    return `${field.name} is only accessed as ${field.narrowest} bytes or more`;
  if (offset % size !== 0) return `${field.name} is not aligned for ${size} bytes there`;
  return { field, ...(second && { second }) };
}

const isPointer = ({ yields }: ContextField): boolean => yields !== 'number' && yields !== 'length';
