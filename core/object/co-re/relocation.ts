import { SLOT_BYTES } from '../../asm/encoding.ts';
import type { Endian } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import {
  type CoreRelocationName,
  type CoreRelocationRow,
  coreRelocationRow,
} from '../../spec/relocations.ts';
import type { Btf } from '../btf/btf.ts';
import type { CoreRelocation } from '../btf/ext.ts';
import type { KernelNames } from '../btf/kernel-names.ts';
import type { BtfType } from '../btf/types.ts';
import type { ElfSection } from '../elf/elf.ts';
import type { CoreAnswer, CoreResult, CoreTarget } from '../types.ts';
import { type Access, describeAccess, findAccess, readAccess } from './access.ts';
import { areOneKind, typesAreCompatible, typesMatch } from './compatible.ts';
import { patch, poison } from './patch.ts';
import { type Effort, essentialName, nameOf, notBundled, spend } from './types.ts';
import { type CoreValue, coreValue } from './value.ts';

/**
 * Comparisons for all relocations of an object together; the largest programs take a few hundred
 * thousand.
 */
const EFFORT = 4_000_000;

/**
 * Instructions of the sections that have CO-RE relocations, as they are with the target's types,
 * and what was done.
 */
export interface CoreRelocated {
  readonly code: ReadonlyMap<ElfSection, Uint8Array>;
  /** In the order of .BTF.ext. */
  readonly results: readonly CoreResult[];
}

/**
 * Applies every CO-RE relocation. What cannot be is a result that says so: it stops the programs
 * that hold it.
 */
export function relocateCore(
  sections: readonly ElfSection[],
  btf: Btf,
  relocations: readonly CoreRelocation[],
  target: CoreTarget,
  endian: Endian,
): CoreRelocated {
  const resolver = new Resolver(btf, target, endian);
  const code = new Map<ElfSection, Uint8Array>();
  const results = relocations.map((relocation, index) => {
    const section = sections.find(({ name }) => name === relocation.section);
    if (section && !code.has(section)) code.set(section, section.data.slice());
    return applyOne(resolver, relocation, index, section && code.get(section));
  });
  return { code, results };
}

function applyOne(
  resolver: Resolver,
  relocation: CoreRelocation,
  index: number,
  code: Uint8Array | undefined,
): CoreResult {
  const { section, offset, access, type } = relocation;
  const row = coreRelocationRow(relocation.kind);
  const plain = { section, offset, kind: row?.name ?? `kind ${relocation.kind}`, access, type };
  let subject = `type ${type}`;
  let answer: CoreAnswer | undefined;
  let local: CoreValue | undefined;
  try {
    if (row === undefined) throw new InputError('', 'its kind is not defined');
    if (code === undefined || offset % SLOT_BYTES !== 0 || offset + SLOT_BYTES > code.length)
      throw new InputError('', 'patches no instruction');
    const root = resolver.rootOf(type);
    subject = nameOf(root);
    const wanted = saying('cannot be read', () =>
      readAccess(resolver.btf, root, access, row.about),
    );
    subject = describeAccess(wanted);
    local = saying('cannot be read', () => coreValue(row.name, wanted, resolver.endian));
    answer = resolver.answer(row, wanted, index);
    if ('failed' in answer) throw new InputError('', answer.failed);
    const reason =
      'missing' in answer ? answer.missing : patch(code, offset, resolver.endian, local, answer);
    const base = { ...plain, subject, local: local.value, answer };
    if (reason === undefined && 'value' in answer)
      return { ...base, how: 'patched', value: answer.value };
    poison(code, offset, resolver.endian);
    return { ...base, how: 'poisoned', reason: reason! };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const fact = `CO-RE relocation ${plain.kind} of ${subject} ${error.reason}`;
    return {
      ...plain,
      subject,
      ...(local && { local: local.value }),
      answer: answer ?? { failed: error.reason },
      how: 'failed',
      error: new InputError(at(section, offset), fact),
    };
  }
}

/** Puts words in front of the reason why something cannot be done. */
function saying<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) throw new InputError('', `${what}: ${error.reason}`);
    throw error;
  }
}

type Row = CoreRelocationRow & { readonly name: CoreRelocationName };

/**
 * The answer about a type that is not among the bundled ones: three cases, and only two of them are
 * an answer.
 */
function unbundled(row: Row, local: Access, names: KernelNames, target: string): CoreAnswer {
  const what = nameOf(local.root);
  if (!names.has(local.root))
    return row.missing === 'zero'
      ? { value: 0n }
      : { missing: `no ${what} in the target types (${target})` };
  const exists = row.name === 'type_exists' ? names.exists(local.btf, local.root) : undefined;
  if (exists === undefined) throw notBundled(what);
  return { value: exists ? 1n : 0n };
}

/** Looks local types up in the target. */
class Resolver {
  readonly btf: Btf;
  readonly endian: Endian;
  private readonly target: CoreTarget;
  private readonly effort: Effort = { left: EFFORT };
  /**
   * Candidates by local type: those that did not fit one relocation are not asked for the next, as
   * in libbpf.
   */
  private readonly candidates = new Map<BtfType, BtfType[]>();

  constructor(btf: Btf, target: CoreTarget, endian: Endian) {
    this.btf = btf;
    this.target = target;
    this.endian = endian;
  }

  rootOf(id: number): BtfType {
    const root = this.btf.byId(id);
    if (root === undefined) throw new InputError('', 'is not in the types of the object');
    return root;
  }

  /**
   * What the target has for an access; the n-th relocation's known answer where only answers are at
   * hand.
   */
  answer(row: Row, local: Access, index: number): CoreAnswer {
    if (row.name === 'type_id_local') return { value: BigInt(local.root.id) };
    if ('answers' in this.target)
      return (
        this.target.answers[index] ?? {
          failed: `has no answer from the types of ${this.target.name}`,
        }
      );
    try {
      return this.search(row, local, this.target.btf, this.target.names);
    } catch (error) {
      if (error instanceof InputError) return { failed: `cannot be resolved: ${error.reason}` };
      throw error;
    }
  }

  private search(row: Row, local: Access, btf: Btf, names: KernelNames | undefined): CoreAnswer {
    const candidates = this.candidatesOf(local.root, btf);
    if (candidates.length === 0 && names) return unbundled(row, local, names, this.target.name);
    const fitting: BtfType[] = [];
    let first: { readonly access: Access; readonly value: CoreValue } | undefined;
    for (const candidate of candidates) {
      spend(this.effort);
      const access = this.match(row, local, btf, candidate);
      if (access === undefined) continue;
      fitting.push(candidate);
      const value = coreValue(row.name, access, this.endian);
      first ??= { access, value };
      if (access.bitOffset !== first.access.bitOffset || value.value !== first.value.value)
        throw new InputError(
          '',
          `several types of the target fit, with ${first.value.value} and ${value.value}`,
        );
    }
    if (first === undefined) {
      if (names && candidates.some(names.isPartial) && row.about === 'field')
        throw notBundled(`this member of ${nameOf(local.root)}`);
      if (row.missing === 'zero') return { value: 0n };
      const what = candidates.length === 0 ? nameOf(local.root) : `such ${row.about}`;
      return { missing: `no ${what} in the target types (${this.target.name})` };
    }
    this.candidates.set(local.root, fitting);
    return { value: first.value.value, ...(first.value.width && { width: first.value.width }) };
  }

  private match(
    row: CoreRelocationRow,
    local: Access,
    btf: Btf,
    candidate: BtfType,
  ): Access | undefined {
    if (row.about !== 'type') return findAccess(local, btf, candidate, this.effort);
    const isAlike = row.name === 'type_matches' ? typesMatch : typesAreCompatible;
    const fits = isAlike(local.btf, local.root.id, btf, candidate.id, this.effort);
    return fits ? { btf, root: candidate, steps: [], bitOffset: 0 } : undefined;
  }

  /** Types of the target with the same name, flavors aside, and of the same kind. */
  private candidatesOf(root: BtfType, btf: Btf): readonly BtfType[] {
    const known = this.candidates.get(root);
    if (known) return known;
    if (root.name === '') throw new InputError('', 'a type without a name cannot be looked up');
    const found = (byEssentialName(btf).get(essentialName(root.name)) ?? []).filter((type) =>
      areOneKind(type, root),
    );
    this.candidates.set(root, found);
    return found;
  }
}

const indices = new WeakMap<Btf, Map<string, BtfType[]>>();

function byEssentialName(btf: Btf): Map<string, BtfType[]> {
  const known = indices.get(btf);
  if (known) return known;
  const names = new Map<string, BtfType[]>();
  for (const type of btf.types) {
    if (type.name === '') continue;
    const name = essentialName(type.name);
    const same = names.get(name);
    if (same) same.push(type);
    else names.set(name, [type]);
  }
  indices.set(btf, names);
  return names;
}
