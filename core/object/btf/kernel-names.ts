import { areOneKind } from '../co-re/compatible.ts';
import { essentialName } from '../co-re/types.ts';
import type { Btf } from './btf.ts';
import type { BtfType } from './types.ts';

/** Kinds of types in the list of names, a letter each; of a typedef what is behind it. */
const LETTERS = {
  s: 'struct',
  u: 'union',
  e: 'enum',
  E: 'enum64',
  f: 'fwd',
  i: 'int',
  d: 'float',
  p: 'ptr',
  a: 'array',
  c: 'func_proto',
  v: 'void',
} as const satisfies Record<string, BtfType['kind']>;
type Letter = keyof typeof LETTERS;

const letterOf = (kind: BtfType['kind']): Letter => {
  const found = (Object.keys(LETTERS) as Letter[]).find((letter) => LETTERS[letter] === kind);
  if (found === undefined) throw new Error(`types of kind ${kind} have no letter`);
  return found;
};

const LISTED: ReadonlySet<BtfType['kind']> = new Set(['struct', 'union', 'typedef', 'fwd']);

/**
 * Writes the list of every named type that is not bundled whole: `s` and the name, `t`, a letter
 * and the name for a typedef.
 */
export function writeNames(btf: Btf): string {
  const lines = new Set<string>();
  for (const type of btf.types) {
    if (type.name === '' || !LISTED.has(type.kind)) continue;
    const behind =
      type.kind === 'typedef'
        ? `t${letterOf(btf.resolve(type.id)?.kind ?? 'void')}`
        : letterOf(type.kind);
    lines.add(`${behind}${type.name}`);
  }
  return [...lines].sort().join('\n');
}

/** The names of all types of a kernel, and which of the bundled ones are there in part. */
export class KernelNames {
  private readonly listed: ReadonlySet<string>;
  private readonly partial: ReadonlySet<string>;

  constructor(list: string, partial: readonly string[]) {
    this.listed = new Set(list.split('\n'));
    this.partial = new Set(partial);
  }

  /** Whether the kernel has a type of that name (flavors aside) and kind, bundled or not. */
  has(type: BtfType): boolean {
    const name = essentialName(type.name);
    if (type.kind !== 'typedef')
      return (Object.keys(LETTERS) as Letter[]).some((letter) => this.isA(letter, name, type));
    return (Object.keys(LETTERS) as Letter[]).some((letter) =>
      this.listed.has(`t${letter}${name}`),
    );
  }

  private isA(letter: Letter, name: string, type: BtfType): boolean {
    return (
      areOneKind({ ...type, kind: LETTERS[letter] } as BtfType, type) &&
      this.listed.has(`${letter}${name}`)
    );
  }

  isPartial = ({ name }: BtfType): boolean => this.partial.has(name);

  /**
   * Whether a type of the object has the kernel's of that name for its own
   * (bpf_core_types_are_compat): of records the kind alone says so. Undefined where what is behind
   * a typedef would have to be looked into.
   */
  exists(btf: Btf, type: BtfType): boolean | undefined {
    if (type.kind !== 'typedef') return this.has(type);
    const behind = btf.resolve(type.id)?.kind ?? 'void';
    const name = essentialName(type.name);
    if (!this.listed.has(`t${letterOf(behind)}${name}`)) return false;
    return behind === 'ptr' || behind === 'array' || behind === 'func_proto' ? undefined : true;
  }
}
