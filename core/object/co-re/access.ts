import { InputError } from '../../errors.ts';
import type { CoreRelocationGroup } from '../../spec/relocations.ts';
import type { Btf } from '../btf/btf.ts';
import type { BtfArray, BtfEnum, BtfMember, BtfRecord, BtfType } from '../btf/types.ts';
import { fieldsAreCompatible } from './compatible.ts';
import { type Effort, essentialName, isEnum, isRecord, nameOf, spend } from './types.ts';

/** The longest access libbpf takes, BPF_CORE_SPEC_MAX_LEN. */
const MAX_STEPS = 64;
/** Bit offsets have 32 bits in libbpf. */
const MAX_BITS = 0xffff_ffff;
/** What a member leads to whose type is broken. */
const VOID: BtfType = { kind: 'void', id: 0, name: '' };

/** A turning point of an access: a named member, an element of an array, or an enumerator. */
export type AccessStep =
  | {
      readonly at: 'member';
      readonly record: BtfRecord;
      readonly index: number;
      readonly member: BtfMember;
    }
  | { readonly at: 'element'; readonly type: BtfType; readonly index: number }
  | { readonly at: 'enumerator'; readonly type: BtfEnum; readonly index: number };

/** What a relocation is about, in the types of one side. */
export interface Access {
  readonly btf: Btf;
  /** As the relocation, or the candidate, names it: typedefs are not followed. */
  readonly root: BtfType;
  /**
   * None where it is about a type as a whole. Members of anonymous records are steps of their own
   * only by name.
   */
  readonly steps: readonly AccessStep[];
  readonly bitOffset: number;
}

/**
 * Reads `0:1:2`: an index of the pointer, then of members and elements; or an enumerator; or `0` of
 * a type.
 */
export function readAccess(
  btf: Btf,
  root: BtfType,
  text: string,
  group: CoreRelocationGroup,
): Access {
  if (!/^\d{1,9}(:\d{1,9})*$/.test(text))
    throw new InputError('', `"${text.slice(0, 40)}" is no access`);
  const indices = text.split(':').map(Number);
  if (indices.length > MAX_STEPS)
    throw new InputError('', `an access of ${indices.length} steps, at most ${MAX_STEPS}`);
  if (group === 'type') {
    if (text !== '0')
      throw new InputError('', `access "${text.slice(0, 40)}" of a type as a whole`);
    return { btf, root, steps: [], bitOffset: 0 };
  }
  const type = btf.resolve(root.id);
  if (type === undefined) throw new InputError('', `type ${root.id} leads to no type`);
  if (group === 'enumerator') return readEnumerator(btf, root, type, indices);
  let reached: Reached = { type, bitOffset: indices[0]! * sizeIn(btf, type) * 8 };
  const steps: AccessStep[] = [{ at: 'element', type, index: indices[0]! }];
  for (const index of indices.slice(1)) {
    reached = enter(btf, reached, index, steps);
    checkOffset(reached.bitOffset);
  }
  return { btf, root, steps, bitOffset: reached.bitOffset };
}

interface Reached {
  readonly type: BtfType;
  readonly bitOffset: number;
}

function readEnumerator(
  btf: Btf,
  root: BtfType,
  type: BtfType,
  indices: readonly number[],
): Access {
  const [index] = indices;
  if (!isEnum(type) || indices.length > 1 || index! >= type.values.length)
    throw new InputError('', `type ${root.id} has no enumerator ${indices.join(':')}`);
  return { btf, root, steps: [{ at: 'enumerator', type, index: index! }], bitOffset: 0 };
}

function enter(
  btf: Btf,
  { type, bitOffset }: Reached,
  index: number,
  steps: AccessStep[],
): Reached {
  if (isRecord(type)) {
    const member = type.members[index];
    const inside = member && btf.resolve(member.type);
    if (member === undefined || inside === undefined)
      throw new InputError('', `${nameOf(type)} has no member ${index}`);
    if (member.name !== '') steps.push({ at: 'member', record: type, index, member });
    return { type: inside, bitOffset: bitOffset + member.bitOffset };
  }
  if (type.kind === 'array') {
    const element = btf.resolve(type.type);
    if (element === undefined || !reaches(type, index, steps.at(-1)))
      throw new InputError('', `an array of ${type.count} has no element ${index}`);
    steps.push({ at: 'element', type: element, index });
    return { type: element, bitOffset: bitOffset + index * sizeIn(btf, element) * 8 };
  }
  throw new InputError('', `an access goes into ${nameOf(type)}, which has no parts`);
}

/** An array of no elements that a record ends with has as many as one likes. */
function reaches(array: BtfArray, index: number, holder: AccessStep | undefined): boolean {
  if (index < array.count) return true;
  return (
    array.count === 0 &&
    holder?.at === 'member' &&
    holder.index === holder.record.members.length - 1
  );
}

function checkOffset(bitOffset: number): void {
  if (bitOffset > MAX_BITS)
    throw new InputError('', `an offset of ${bitOffset} bits, at most ${MAX_BITS} are counted`);
}

export function sizeIn(btf: Btf, type: BtfType): number {
  const size = btf.sizeOf(type.id);
  if (size === undefined) throw new InputError('', `${nameOf(type)} has no size`);
  return size;
}

/** The access in words of C: `struct sk_buff.cb[3]`, `enum xdp_action::XDP_PASS`. */
export function describeAccess({ root, steps }: Access): string {
  const parts = steps.map((step, i) => {
    if (step.at === 'member') return `.${step.member.name}`;
    if (step.at === 'enumerator') return `::${step.type.values[step.index]!.name}`;
    return i > 0 || step.index > 0 ? `[${step.index}]` : '';
  });
  return `${nameOf(root)}${parts.join('')}`;
}

/**
 * The same enumerator or field in a type of the target; undefined where that has none, or one of
 * another kind.
 */
export function findAccess(
  local: Access,
  btf: Btf,
  candidate: BtfType,
  effort: Effort,
): Access | undefined {
  const type = btf.resolve(candidate.id);
  if (type === undefined)
    throw new InputError('', `type ${candidate.id} of the target leads to no type`);
  const [first] = local.steps;
  return first?.at === 'enumerator'
    ? findEnumerator(first, btf, candidate, type, effort)
    : findField(local, btf, candidate, type, effort);
}

function findEnumerator(
  wanted: Extract<AccessStep, { at: 'enumerator' }>,
  btf: Btf,
  root: BtfType,
  type: BtfType,
  effort: Effort,
): Access | undefined {
  if (!isEnum(type)) return undefined;
  spend(effort, type.values.length);
  const name = essentialName(wanted.type.values[wanted.index]!.name);
  const index = type.values.findIndex((value) => essentialName(value.name) === name);
  return index < 0
    ? undefined
    : { btf, root, steps: [{ at: 'enumerator', type, index }], bitOffset: 0 };
}

function findField(
  local: Access,
  btf: Btf,
  root: BtfType,
  start: BtfType,
  effort: Effort,
): Access | undefined {
  const steps: AccessStep[] = [];
  let reached: Reached = { type: start, bitOffset: 0 };
  for (const [i, step] of local.steps.entries()) {
    if (step.at === 'member') {
      const found = findMember(local.btf, step.member, btf, reached, effort);
      if (found === undefined) return undefined;
      steps.push(found.step);
      reached = found.reached;
      continue;
    }
    let { type } = reached;
    if (i > 0) {
      if (type.kind !== 'array' || !reaches(type, step.index, steps.at(-1))) return undefined;
      const element = btf.resolve(type.type);
      if (element === undefined) throw new InputError('', `an array of the target has no type`);
      type = element;
    }
    steps.push({ at: 'element', type, index: step.index });
    reached = { type, bitOffset: reached.bitOffset + step.index * sizeIn(btf, type) * 8 };
    checkOffset(reached.bitOffset);
  }
  return { btf, root, steps, bitOffset: reached.bitOffset };
}

/**
 * A member by name, also inside anonymous records; undefined too where the one of that name is of
 * another kind.
 */
function findMember(
  localBtf: Btf,
  wanted: BtfMember,
  btf: Btf,
  { type, bitOffset }: Reached,
  effort: Effort,
  depth = MAX_STEPS,
): { readonly step: AccessStep; readonly reached: Reached } | undefined {
  if (!isRecord(type)) return undefined;
  if (depth === 0)
    throw new InputError('', `records of the target lie in each other more than ${MAX_STEPS} deep`);
  for (const [index, member] of type.members.entries()) {
    spend(effort);
    const reached = {
      type: btf.resolve(member.type) ?? VOID,
      bitOffset: bitOffset + member.bitOffset,
    };
    if (member.name === wanted.name) {
      const isAlike = fieldsAreCompatible(localBtf, wanted.type, btf, member.type, effort);
      return isAlike ? { step: { at: 'member', record: type, index, member }, reached } : undefined;
    }
    const found =
      member.name === ''
        ? findMember(localBtf, wanted, btf, reached, effort, depth - 1)
        : undefined;
    if (found) return found;
  }
  return undefined;
}
