import { InputError } from '../../errors.ts';
import type { Btf } from '../btf/btf.ts';
import type { BtfPrototype, BtfRecord, BtfType } from '../btf/types.ts';
import {
  type Effort,
  essentialName,
  isEnum,
  isRecord,
  NOT_BUNDLED,
  notBundled,
  spend,
} from './types.ts';

/**
 * Types that lead to each other more often than this are given up, as libbpf does (relo_core.c).
 */
const MAX_CHAIN = 32;

/** A type of the object and one of the target, behind typedefs and qualifiers. */
interface Pair {
  readonly local: BtfType;
  readonly target: BtfType;
}

/** Both sides of a comparison, and what it may still cost. */
class Comparison {
  readonly localBtf: Btf;
  readonly targetBtf: Btf;
  readonly effort: Effort;

  constructor(localBtf: Btf, targetBtf: Btf, effort: Effort) {
    this.localBtf = localBtf;
    this.targetBtf = targetBtf;
    this.effort = effort;
  }

  pair(localId: number, targetId: number): Pair {
    spend(this.effort);
    const local = this.localBtf.resolve(localId);
    const target = this.targetBtf.resolve(targetId);
    if (local === undefined || target === undefined)
      throw new InputError('', 'a type leads to no type');
    return { local, target };
  }
}

const haveNames = (local: string, target: string): boolean =>
  essentialName(local) === essentialName(target);
/** Enumerations of 32 and 64 bits are one kind. */
export const areOneKind = (a: BtfType, b: BtfType): boolean =>
  a.kind === b.kind || (isEnum(a) && isEnum(b));
const isBitFieldInt = (type: BtfType): boolean => type.kind === 'int' && type.bitOffset !== 0;

/**
 * Whether a field of one type may be read as the other: sizes, signs and dimensions are free
 * (bpf_core_fields_are_compat).
 */
export function fieldsAreCompatible(
  localBtf: Btf,
  localId: number,
  targetBtf: Btf,
  targetId: number,
  effort: Effort,
): boolean {
  const both = new Comparison(localBtf, targetBtf, effort);
  let { local, target } = both.pair(localId, targetId);
  for (;;) {
    if (isRecord(local) && isRecord(target)) return true;
    if (!areOneKind(local, target)) return false;
    switch (local.kind) {
      case 'ptr':
      case 'float':
        return true;
      case 'fwd':
      case 'enum':
      case 'enum64':
        return local.name === '' || target.name === '' || haveNames(local.name, target.name);
      case 'int':
        return !isBitFieldInt(local) && !isBitFieldInt(target);
      case 'array':
        if (target.kind !== 'array') return false;
        ({ local, target } = both.pair(local.type, target.type));
        break;
      default:
        return false;
    }
  }
}

/**
 * Whether two types of one name are the same thing, whatever is in them
 * (bpf_core_types_are_compat).
 */
export function typesAreCompatible(
  localBtf: Btf,
  localId: number,
  targetBtf: Btf,
  targetId: number,
  effort: Effort,
): boolean {
  const localRoot = localBtf.byId(localId);
  const targetRoot = targetBtf.byId(targetId);
  if (localRoot === undefined || targetRoot === undefined || !areOneKind(localRoot, targetRoot))
    return false;
  return compatible(new Comparison(localBtf, targetBtf, effort), localId, targetId, MAX_CHAIN);
}

function compatible(both: Comparison, localId: number, targetId: number, depth: number): boolean {
  let ids = { local: localId, target: targetId };
  for (let chain = MAX_CHAIN; chain > 0; chain--) {
    const { local, target } = both.pair(ids.local, ids.target);
    if (!areOneKind(local, target)) return false;
    switch (local.kind) {
      case 'void':
      case 'struct':
      case 'union':
      case 'enum':
      case 'enum64':
      case 'fwd':
        return true;
      case 'int':
        return !isBitFieldInt(local) && !isBitFieldInt(target);
      case 'ptr':
      case 'array':
        ids = { local: local.type, target: (target as typeof local).type };
        break;
      case 'func_proto': {
        const other = target as BtfPrototype;
        if (!parametersAre(compatible, both, local, other, depth)) return false;
        ids = { local: local.type, target: other.type };
        break;
      }
      default:
        return false;
    }
  }
  throw new InputError('', `types lead to each other more than ${MAX_CHAIN} times`);
}

type Comparer = (both: Comparison, localId: number, targetId: number, depth: number) => boolean;

function parametersAre(
  compare: Comparer,
  both: Comparison,
  local: BtfPrototype,
  target: BtfPrototype,
  depth: number,
): boolean {
  if (local.parameters.length !== target.parameters.length) return false;
  if (depth === 0 && local.parameters.length > 0)
    throw new InputError('', `functions take each other more than ${MAX_CHAIN} deep`);
  return local.parameters.every(({ type }, i) =>
    compare(both, type, target.parameters[i]!.type, depth - 1),
  );
}

/**
 * Whether the target's type has all that the object's has: members and enumerators by name and type
 * (bpf_core_types_match).
 */
export function typesMatch(
  localBtf: Btf,
  localId: number,
  targetBtf: Btf,
  targetId: number,
  effort: Effort,
): boolean {
  return matches(new Comparison(localBtf, targetBtf, effort), localId, targetId, MAX_CHAIN, false);
}

function matches(
  both: Comparison,
  localId: number,
  targetId: number,
  depth: number,
  isPointedTo: boolean,
): boolean {
  if (depth === 0) throw new InputError('', `types lie in each other more than ${MAX_CHAIN} deep`);
  let ids = { local: localId, target: targetId };
  let behindPointer = isPointedTo;
  for (let chain = MAX_CHAIN; chain > 0; chain--) {
    const { local, target } = both.pair(ids.local, ids.target);
    if (target.name === NOT_BUNDLED) throw notBundled('what a pointer in the type leads to');
    if (!haveNames(local.name, target.name)) return false;
    if (isRecord(local) && behindPointer) {
      if (target.kind === 'fwd') return target.union === (local.kind === 'union');
      return local.kind === target.kind;
    }
    if (local.kind === 'fwd' && behindPointer && isRecord(target))
      return local.union === (target.kind === 'union');
    if (!areOneKind(local, target)) return false;
    switch (local.kind) {
      case 'void':
        return true;
      case 'fwd':
        return local.union === (target as typeof local).union;
      case 'int': {
        const { size, signed } = target as typeof local;
        return local.size === size && local.signed === signed;
      }
      case 'enum':
      case 'enum64':
        return enumsMatch(local, target as typeof local, both.effort);
      case 'struct':
      case 'union':
        return membersMatch(both, local, target as BtfRecord, depth, behindPointer);
      case 'ptr':
        behindPointer = true;
        ids = { local: local.type, target: (target as typeof local).type };
        break;
      case 'array':
        if (local.count !== (target as typeof local).count) return false;
        ids = { local: local.type, target: (target as typeof local).type };
        break;
      case 'func_proto': {
        const other = target as BtfPrototype;
        const compare: Comparer = (sides, a, b, left) => matches(sides, a, b, left, behindPointer);
        if (!parametersAre(compare, both, local, other, depth)) return false;
        ids = { local: local.type, target: other.type };
        break;
      }
      default:
        return false;
    }
  }
  throw new InputError('', `types lead to each other more than ${MAX_CHAIN} times`);
}

function enumsMatch(
  local: { readonly size: number; readonly values: readonly { readonly name: string }[] },
  target: { readonly size: number; readonly values: readonly { readonly name: string }[] },
  effort: Effort,
): boolean {
  if (local.size !== target.size || local.values.length > target.values.length) return false;
  spend(effort, target.values.length);
  const names = new Set(target.values.map(({ name }) => essentialName(name)));
  return local.values.every(({ name }) => names.has(essentialName(name)));
}

function membersMatch(
  both: Comparison,
  local: BtfRecord,
  target: BtfRecord,
  depth: number,
  behindPointer: boolean,
): boolean {
  if (local.members.length > target.members.length) return false;
  return local.members.every((member) =>
    target.members.some((other) => {
      spend(both.effort);
      return (
        haveNames(member.name, other.name) &&
        matches(both, member.type, other.type, depth - 1, behindPointer)
      );
    }),
  );
}
