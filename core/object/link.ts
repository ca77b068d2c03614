import { readSlot, SLOT_BYTES, writeSlot } from '../asm/encoding.ts';
import type { Endian } from '../bytes/reader.ts';
import { at, InputError } from '../errors.ts';
import { CALL_SOURCE, LDDW_OPCODE, LDDW_SOURCE } from '../spec/isa.ts';
import type { LineInfo } from './btf/ext.ts';
import type { CoreRelocated } from './co-re/relocation.ts';
import { firstFrom, type ObjectFunction } from './functions.ts';
import type { LinesOf } from './line-info.ts';
import type { Reference, ReferenceTarget } from './references.ts';
import type { CoreResult, LinkedCode, LinkedFunction, SourceLine } from './types.ts';

/** The kernel's limit for one program, BPF_COMPLEXITY_LIMIT_INSNS. */
const MAX_PROGRAM_SLOTS = 1_000_000;
/** Programs share subprograms, each has its own copy: what all of them may take together. */
const MAX_LINKED_BYTES = 64 << 20;

/** What all programs of an object are linked from. */
export interface Linker {
  readonly endian: Endian;
  /** By section index, then by start. */
  readonly functions: ReadonlyMap<number, ReadonlyMap<number, ObjectFunction>>;
  readonly lines: LinesOf;
  /** Instructions as CO-RE relocations left them. */
  readonly code: CoreRelocated['code'];
  /**
   * CO-RE relocations that patched no value into their instruction, by section name; ascending by
   * offset.
   */
  readonly unresolved: ReadonlyMap<string, readonly CoreResult[]>;
  /** Bytes that may still be linked. */
  bytesLeft: number;
}

export function createLinker(
  endian: Endian,
  functions: ReadonlyMap<number, ReadonlyMap<number, ObjectFunction>>,
  lines: LinesOf,
  core: CoreRelocated | undefined,
): Linker {
  const code: Linker['code'] = core?.code ?? new Map();
  return {
    endian,
    functions,
    lines,
    code,
    unresolved: unresolvedOf(core),
    bytesLeft: MAX_LINKED_BYTES,
  };
}

function unresolvedOf(core: CoreRelocated | undefined): Map<string, CoreResult[]> {
  const bySection = new Map<string, CoreResult[]>();
  for (const result of core?.results ?? []) {
    if (result.how === 'patched') continue;
    const neighbours = bySection.get(result.section) ?? [];
    bySection.set(result.section, neighbours);
    neighbours.push(result);
  }
  return bySection;
}

/**
 * Puts a function and every function it can reach one behind the other; the first thing that cannot
 * be resolved is the error.
 */
export function linkProgram(
  linker: Linker,
  entry: ObjectFunction,
): LinkedCode | { readonly error: InputError } {
  try {
    const starts = placeFunctions(linker, entry);
    const functions = [...starts].map(([fn, start]) => linkedFunction(fn, start));
    const bytes = new Uint8Array(functions.at(-1)!.end * SLOT_BYTES);
    const poisoned = new Map<number, string>();
    for (const [fn, start] of starts) {
      const code = linker.code.get(fn.section) ?? fn.section.data;
      bytes.set(code.subarray(fn.start, fn.end), start * SLOT_BYTES);
      notePoisoned(linker, fn, start, poisoned);
      for (const reference of fn.references) patch(linker, bytes, fn, reference, starts);
    }
    const lines = [...starts].flatMap(([fn, start]) =>
      linesOf(linker.lines(fn.section), fn, start),
    );
    return { bytes, functions, lines, ...(poisoned.size > 0 && { poisoned }) };
  } catch (error) {
    if (error instanceof InputError) return { error };
    throw error;
  }
}

/**
 * Where each reachable function starts in the linked code, in slots; in the order they are found.
 */
function placeFunctions(linker: Linker, entry: ObjectFunction): Map<ObjectFunction, number> {
  const starts = new Map<ObjectFunction, number>();
  const queue = [entry];
  const queued = new Set(queue);
  let slots = 0;
  for (const fn of queue) {
    checkLength(fn);
    starts.set(fn, slots);
    slots += (fn.end - fn.start) / SLOT_BYTES;
    if (slots > MAX_PROGRAM_SLOTS) {
      throw new InputError(
        at(entry.section.name, entry.start),
        `"${entry.name}" and what it calls have more than ${MAX_PROGRAM_SLOTS} instructions`,
      );
    }
    for (const { target } of fn.references) {
      if (target instanceof InputError) throw target;
      const callee = target.to === 'code' ? calleeOf(linker, target) : undefined;
      if (callee === undefined || queued.has(callee)) continue;
      queued.add(callee);
      queue.push(callee);
    }
  }
  linker.bytesLeft -= slots * SLOT_BYTES;
  if (linker.bytesLeft < 0) {
    throw new InputError(
      at(entry.section.name, entry.start),
      `the programs of this object take more than ${MAX_LINKED_BYTES} bytes linked`,
    );
  }
  return starts;
}

function checkLength({ name, section, start, end }: ObjectFunction): void {
  if ((end - start) % SLOT_BYTES === 0 && end > start) return;
  throw new InputError(
    at(section.name, start),
    `function "${name}" has ${end - start} bytes, instructions have ${SLOT_BYTES}`,
  );
}

/** Every place code refers to starts a function: findFunctions made it so. */
const calleeOf = (
  linker: Linker,
  { section, offset }: Extract<ReferenceTarget, { to: 'code' }>,
): ObjectFunction => linker.functions.get(section)!.get(offset)!;

function linkedFunction(
  { name, section, start, end, type }: ObjectFunction,
  pc: number,
): LinkedFunction {
  return {
    name,
    start: pc,
    end: pc + (end - start) / SLOT_BYTES,
    section: section.name,
    sectionIndex: section.index,
    sectionOffset: start,
    type,
  };
}

function patch(
  linker: Linker,
  bytes: Uint8Array,
  fn: ObjectFunction,
  { offset, target }: Reference,
  starts: ReadonlyMap<ObjectFunction, number>,
): void {
  if (target instanceof InputError) throw target;
  const pc = starts.get(fn)! + (offset - fn.start) / SLOT_BYTES;
  const slot = readSlot(bytes, pc * SLOT_BYTES, linker.endian);
  const isLoad = slot.opcode === LDDW_OPCODE;
  let next = 0;
  switch (target.to) {
    case 'code':
      slot.src = isLoad ? LDDW_SOURCE.function : CALL_SOURCE.call_local;
      slot.imm = starts.get(calleeOf(linker, target))! - pc - 1;
      break;
    case 'map':
      slot.src = LDDW_SOURCE.map;
      slot.imm = target.index;
      break;
    case 'data':
      slot.src = LDDW_SOURCE['map-value'];
      slot.imm = target.index;
      next = target.offset;
      break;
    case 'extern':
      slot.src = CALL_SOURCE.call_kfunc;
      slot.imm = target.index;
      break;
    case 'address':
      slot.src = LDDW_SOURCE.imm64;
      slot.imm = Number(BigInt.asIntN(32, target.address));
      next = Number(BigInt.asIntN(32, target.address >> 32n));
      break;
  }
  writeSlot(bytes, pc * SLOT_BYTES, slot, linker.endian);
  if (!isLoad) return;
  if (offset + 2 * SLOT_BYTES > fn.end) {
    throw new InputError(
      at(fn.section.name, offset),
      `a 64-bit immediate load lacks its second slot in function "${fn.name}"`,
    );
  }
  const second = readSlot(bytes, (pc + 1) * SLOT_BYTES, linker.endian);
  writeSlot(bytes, (pc + 1) * SLOT_BYTES, { ...second, imm: next }, linker.endian);
}

/**
 * What CO-RE relocations could not do in a function: an instruction not to be reached, or a
 * function not to be loaded.
 */
function notePoisoned(
  linker: Linker,
  fn: ObjectFunction,
  start: number,
  poisoned: Map<number, string>,
): void {
  const all = linker.unresolved.get(fn.section.name) ?? [];
  for (const result of all.slice(firstFrom(all, fn.start), firstFrom(all, fn.end))) {
    if (result.how === 'failed') throw result.error;
    if (result.how !== 'poisoned') continue;
    const pc = start + (result.offset - fn.start) / SLOT_BYTES;
    poisoned.set(pc, `CO-RE relocation of ${result.subject} failed: ${result.reason}`);
  }
}

/** The source lines of a function, moved to where it was placed. */
function linesOf(all: readonly LineInfo[], fn: ObjectFunction, start: number): SourceLine[] {
  const own = all.slice(firstFrom(all, fn.start), firstFrom(all, fn.end));
  return own.map(({ offset, file, line, column, text }) => {
    return { pc: start + Math.floor((offset - fn.start) / SLOT_BYTES), file, line, column, text };
  });
}
