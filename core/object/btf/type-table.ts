import { declarationOf } from './declaration.ts';
import type { BtfMember, BtfType } from './types.ts';

/** Chains of typedef, const, … longer than this are cycles. */
const MAX_CHAIN = 64;
/** Larger than any object here can be; keeps products of array lengths exact. */
const MAX_TYPE_BYTES = 2 ** 32;

/**
 * C types by number, whatever debug information they are from; 0 is void. They may refer to each
 * other in cycles.
 */
export abstract class TypeTable {
  /** Bytes of a pointer. */
  abstract readonly pointerSize: 4 | 8;

  /** Undefined for a number that is none's. */
  abstract byId(id: number): BtfType | undefined;

  /**
   * The type behind typedef, const, volatile, restrict and type_tag; undefined where the chain is
   * broken or a cycle.
   */
  resolve(id: number): BtfType | undefined {
    let type = this.byId(id);
    for (let steps = 0; type !== undefined && steps < MAX_CHAIN; steps++) {
      if (!isQualifier(type)) return type;
      type = this.byId(type.type);
    }
    return undefined;
  }

  /**
   * Bytes a value of the type takes; undefined for void, functions, forward declarations and broken
   * types.
   */
  sizeOf(id: number): number | undefined {
    let count = 1;
    let type = this.resolve(id);
    for (let steps = 0; type?.kind === 'array' && steps < MAX_CHAIN; steps++) {
      count *= type.count;
      type = this.resolve(type.type);
    }
    const size = type && (type.kind === 'ptr' ? this.pointerSize : elementSize(type));
    if (size === undefined || size * count > MAX_TYPE_BYTES) return undefined;
    return size * count;
  }

  /** The members of a struct or union, behind typedefs and qualifiers; none for any other type. */
  members(id: number): readonly BtfMember[] {
    const type = this.resolve(id);
    return type?.kind === 'struct' || type?.kind === 'union' ? type.members : [];
  }

  /**
   * The type as C would declare it: `struct key *`, `int (*)(void *)`, `__u8 mac[6]` when a name is
   * given.
   */
  declaration(id: number, name = ''): string {
    return declarationOf(this, id, name);
  }
}

function isQualifier(type: BtfType): type is Extract<BtfType, { kind: 'typedef' }> {
  return ['typedef', 'const', 'volatile', 'restrict', 'type_tag'].includes(type.kind);
}

const elementSize = (type: BtfType): number | undefined => ('size' in type ? type.size : undefined);
