import type { TypeTable } from './type-table.ts';
import type { BtfType } from './types.ts';

/** Nested types deeper than this are cut to `…`: cycles through anonymous types end here. */
const MAX_DEPTH = 16;
/** Of a function type; C compilers need not take more than 127. */
const MAX_PARAMETERS = 127;
/** A declaration is for reading; longer ones are cut to `…`. */
const MAX_LENGTH = 4096;

/** C text that declares `name` with type `id`, or the type alone when `name` is ''. */
export function declarationOf(types: TypeTable, id: number, name: string): string {
  const budget = { left: MAX_LENGTH };
  return declare(types, id, name, 0, budget).trimEnd();
}

/**
 * C declarators read inside out: each type wraps the declarator built so far (`*p`, `(*p)[4]`) and
 * passes it on to the type it refers to, until a type with a name ends the walk.
 */
function declare(
  types: TypeTable,
  id: number,
  declarator: string,
  depth: number,
  budget: { left: number },
): string {
  const type = types.byId(id);
  if (type === undefined || depth > MAX_DEPTH || budget.left <= 0) return `… ${declarator}`;
  const inner = (next: number, text: string): string =>
    declare(types, next, text, depth + 1, budget);
  budget.left -= declarator.length + type.name.length + 2;
  switch (type.kind) {
    case 'ptr':
      return inner(
        type.type,
        bindsTighter(types, type.type) ? `(*${declarator})` : `*${declarator}`,
      );
    case 'array':
      return inner(type.type, `${declarator}[${type.count}]`);
    case 'func_proto':
      return inner(type.type, `${declarator}(${parameterList(type.parameters, inner)})`);
    case 'func':
      return inner(type.type, type.name);
    case 'var':
      return inner(type.type, type.name);
    case 'const':
    case 'volatile':
    case 'restrict':
      return qualified(types, type, declarator, inner);
    case 'type_tag':
      return inner(type.type, declarator);
    default:
      return `${baseName(type, inner, budget)} ${declarator}`;
  }
}

/** `[]` and `()` bind tighter than `*`, so a pointer to them needs parentheses. */
function bindsTighter(types: TypeTable, id: number): boolean {
  const kind = types.byId(id)?.kind;
  return kind === 'array' || kind === 'func_proto';
}

type Inner = (id: number, declarator: string) => string;

function parameterList(
  parameters: readonly { name: string; type: number }[],
  inner: Inner,
): string {
  if (parameters.length === 0) return 'void';
  return parameters
    .slice(0, MAX_PARAMETERS)
    .map(({ name, type }, index) =>
      type === 0 && index === parameters.length - 1 ? '...' : inner(type, name).trimEnd(),
    )
    .join(', ');
}

/**
 * A qualifier of a pointer stands behind the star (`* const p`), of anything else in front (`const
 * int x`).
 */
function qualified(
  types: TypeTable,
  type: Extract<BtfType, { kind: 'const' | 'volatile' | 'restrict' }>,
  declarator: string,
  inner: Inner,
): string {
  const word = type.kind;
  if (types.byId(type.type)?.kind === 'ptr')
    return inner(type.type, ` ${word} ${declarator}`.trimEnd());
  const text = inner(type.type, declarator);
  // An array and its elements may both be const: C says it once.
  return text.startsWith(`${word} `) ? text : `${word} ${text}`;
}

function baseName(type: BtfType, inner: Inner, budget: { left: number }): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'struct':
    case 'union':
      return type.name === ''
        ? `${type.kind} { ${memberList(type.members, inner, budget)}}`
        : `${type.kind} ${type.name}`;
    case 'fwd':
      return `${type.union ? 'union' : 'struct'} ${type.name}`;
    case 'enum':
    case 'enum64':
      return type.name === ''
        ? `enum { ${enumeratorList(type.values, budget)} }`
        : `enum ${type.name}`;
    default:
      return type.name;
  }
}

function memberList(
  members: readonly { name: string; type: number; bitSize: number }[],
  inner: Inner,
  budget: { left: number },
): string {
  let text = '';
  for (const member of members) {
    if (budget.left <= 0) return `${text}… `;
    text +=
      `${inner(member.type, member.name).trimEnd()}` +
      `${member.bitSize > 0 ? `: ${member.bitSize}` : ''}; `;
  }
  return text;
}

function enumeratorList(
  values: readonly { name: string; value: bigint }[],
  budget: { left: number },
): string {
  const parts: string[] = [];
  for (const { name, value } of values) {
    if (budget.left <= 0) {
      parts.push('…');
      break;
    }
    parts.push(`${name} = ${value}`);
    budget.left -= name.length + 4;
  }
  return parts.join(', ');
}
