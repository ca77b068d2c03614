import { SLOT_BYTES } from '../asm/encoding.ts';
import type { CodeSpace } from '../machine/code-space.ts';
import { type DebugInfo, type DebugScope, readDebugInfo } from '../object/dwarf/scopes.ts';
import { type Address, addressIn } from '../object/dwarf/sections.ts';
import { parseElf } from '../object/elf/elf.ts';
import type { LoadedObject } from '../object/types.ts';
import { functionAt } from '../program/code.ts';
import type { Pc } from '../spec/units.ts';

const known = new WeakMap<LoadedObject, { readonly info: DebugInfo | undefined }>();

function read(object: LoadedObject): DebugInfo | undefined {
  const hasInfo = object.sections.some(({ name, size }) => name === '.debug_info' && size > 0);
  return hasInfo && object.format === 'elf' ? readDebugInfo(parseElf(object.bytes)) : undefined;
}

/**
 * What the DWARF of an object says, read when it is first asked for; undefined where it has none.
 */
export function debugInfoOf(object: LoadedObject): DebugInfo | undefined {
  const made = known.get(object) ?? { info: read(object) };
  known.set(object, made);
  return made.info;
}

/** The address that DWARF knows an instruction by: before it was linked. */
export function debugAddress(code: CodeSpace, pc: Pc): Address | undefined {
  const found = functionAt(code, pc);
  if (found === undefined) return undefined;
  const { program, function: own } = found;
  return addressIn(
    own.sectionIndex,
    own.sectionOffset + (pc - program.start - own.start) * SLOT_BYTES,
  );
}

const covers = ({ ranges }: DebugScope, address: Address): boolean =>
  ranges.some(({ start, end }) => address >= start && address < end);

/**
 * The scopes an instruction stands in, outermost first: its function, then inlined calls and
 * blocks.
 */
export function scopesAt({ functions }: DebugInfo, address: Address): DebugScope[] {
  const found: DebugScope[] = [];
  for (let inner: readonly DebugScope[] = functions; ; ) {
    const next = inner.find((scope) => covers(scope, address));
    if (next === undefined) return found;
    found.push(next);
    inner = next.scopes;
  }
}

/** Inlined calls that an instruction stands in, outermost first. */
export function inlinedAt(object: LoadedObject, code: CodeSpace, pc: Pc): DebugScope[] {
  const info = debugInfoOf(object);
  const address = info && debugAddress(code, pc);
  return address === undefined
    ? []
    : scopesAt(info!, address).filter(({ kind }) => kind === 'inlined');
}
