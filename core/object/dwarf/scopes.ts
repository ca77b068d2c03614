import { AT, TAG } from '../../spec/dwarf.ts';
import type { BtfEnum } from '../btf/types.ts';
import type { ElfFile } from '../elf/elf.ts';
import { DebugEntries, type DebugEntry, type Unit } from './entries.ts';
import { debugEnums } from './enums.ts';
import {
  type Location,
  locationsOf,
  type Operation,
  type Range,
  rangesOf,
  readExpression,
} from './location.ts';
import { DwarfTypes } from './types.ts';

/** A parameter, a local or a global variable. */
export interface DebugVariable {
  readonly name: string;
  /** Number of DebugInfo.types; 0 is void. */
  readonly type: number;
  readonly parameter: boolean;
  /** Empty where it has no place: it was optimised out. */
  readonly locations: readonly Location[];
  /** What it always is. */
  readonly constant?: bigint | Uint8Array;
  /**
   * The function has it, this instance of it does not: nothing is left of it here, and its name
   * means it all the same.
   */
  readonly dropped?: true;
}

/** A function, a call of one that was inlined, or a block in braces. */
export interface DebugScope {
  readonly kind: 'function' | 'inlined' | 'block';
  readonly name: string;
  readonly ranges: readonly Range[];
  readonly variables: readonly DebugVariable[];
  readonly scopes: readonly DebugScope[];
  /** Of an inlined call: the line it stands on. */
  readonly callLine?: number;
  readonly frameBase?: readonly Operation[];
}

/** What the DWARF sections of an object say about its variables. */
export interface DebugInfo {
  readonly functions: readonly DebugScope[];
  readonly globals: readonly DebugVariable[];
  readonly types: DwarfTypes;
  readonly enums: readonly BtfEnum[];
  readonly warnings: readonly string[];
}

/** Scopes inside a function, by the tag of their entry. */
const SCOPES: Readonly<Record<number, DebugScope['kind'] | undefined>> = {
  [TAG.inlined_subroutine]: 'inlined',
  [TAG.lexical_block]: 'block',
};

/** Reads all functions and variables; what is damaged is left out, with a warning. */
export function readDebugInfo(elf: ElfFile): DebugInfo {
  const entries = new DebugEntries(elf);
  const types = new DwarfTypes(entries);
  const functions: DebugScope[] = [];
  const globals: DebugVariable[] = [];
  for (const { root } of entries.units)
    if (root) readNamespace(entries, types, root, functions, globals);
  return {
    functions,
    globals,
    types,
    enums: debugEnums(entries, types),
    warnings: entries.warnings,
  };
}

function readNamespace(
  entries: DebugEntries,
  types: DwarfTypes,
  parent: DebugEntry,
  functions: DebugScope[],
  globals: DebugVariable[],
): void {
  for (const entry of parent.children) {
    if (entry.tag === TAG.namespace) readNamespace(entries, types, entry, functions, globals);
    if (entry.tag === TAG.variable) globals.push(variable(entries, types, entry));
    if (entry.tag !== TAG.subprogram) continue;
    const scope = readScope(entries, types, entry, 'function');
    // Without code it is a declaration, or what inlined calls are instances of.
    if (scope.ranges.length > 0) functions.push(scope);
  }
}

function readScope(
  entries: DebugEntries,
  types: DwarfTypes,
  entry: DebugEntry,
  kind: DebugScope['kind'],
): DebugScope {
  const { children, unit } = entry;
  const callLine = entries.count(entry, AT.call_line);
  const base = frameBase(entries, unit, entry);
  return {
    kind,
    name: kind === 'block' ? '' : entries.name(entry),
    ranges: entries.orWarning(() => rangesOf(entries, entry)) ?? [],
    variables: [
      ...children.filter(isVariable).map((child) => variable(entries, types, child)),
      ...droppedVariables(entries, types, entry),
    ],
    scopes: children.flatMap((child) => {
      const kind = SCOPES[child.tag];
      return kind === undefined ? [] : readScope(entries, types, child, kind);
    }),
    ...(callLine > 0 && { callLine }),
    ...(base && { frameBase: base }),
  };
}

const isVariable = ({ tag }: DebugEntry): boolean =>
  tag === TAG.variable || tag === TAG.formal_parameter;

/**
 * Variables of the function that an entry is an instance of, of which the compiler left none in the
 * instance.
 */
function droppedVariables(
  entries: DebugEntries,
  types: DwarfTypes,
  entry: DebugEntry,
): DebugVariable[] {
  const origins = entries.origins(entry).slice(1);
  const kept = new Set(entry.children.flatMap((child) => entries.origins(child)));
  return origins
    .flatMap(({ children }) => children)
    .filter((child) => isVariable(child) && !kept.has(child))
    .map((child) => ({ ...variable(entries, types, child), dropped: true }));
}

function frameBase(entries: DebugEntries, unit: Unit, entry: DebugEntry): Operation[] | undefined {
  const block = entries.block(entry, AT.frame_base);
  return (
    block &&
    entries.orWarning(() => readExpression(entries, unit, block, entries.section('.debug_info')))
  );
}

function variable(entries: DebugEntries, types: DwarfTypes, entry: DebugEntry): DebugVariable {
  const constant = entries.number(entry, AT.const_value) ?? entries.block(entry, AT.const_value);
  return {
    name: entries.name(entry),
    type: types.of(entry),
    parameter: entry.tag === TAG.formal_parameter,
    locations: entries.orWarning(() => locationsOf(entries, entry)) ?? [],
    ...(constant !== undefined && { constant }),
  };
}
