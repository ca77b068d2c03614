import { expressionText, type Location } from '../object/dwarf/location.ts';
import {
  type DebugInfo,
  type DebugScope,
  type DebugVariable,
  readDebugInfo,
} from '../object/dwarf/scopes.ts';
import { offsetOf } from '../object/dwarf/sections.ts';
import { parseElf } from '../object/elf/elf.ts';

/** A variable of the source and where it is while the program runs, by the DWARF sections. */
export interface DebugVariableRow {
  /** `f`, or `f > g` in a call of g that was inlined; none: a global. */
  readonly scope: string;
  readonly declaration: string;
  /** Expressions in LLVM's names, each with the bytes of the section of the code it holds for. */
  readonly places: readonly string[];
}

function placeText({ range, operations }: Location): string {
  const where = expressionText(operations);
  return range ? `${offsetOf(range.start)}..${offsetOf(range.end)}: ${where}` : where;
}

function rowOf(
  { types }: DebugInfo,
  scope: string,
  { name, type, locations, constant }: DebugVariable,
): DebugVariableRow {
  const places = constant === undefined ? locations.map(placeText) : [`always ${constant}`];
  return { scope, declaration: type === 0 ? name : types.declaration(type, name), places };
}

function rowsOf(info: DebugInfo, scope: DebugScope, outer: string): DebugVariableRow[] {
  const path = [outer, scope.name].filter((name) => name !== '').join(' > ');
  return [
    ...scope.variables.map((variable) => rowOf(info, path, variable)),
    ...scope.scopes.flatMap((inner) => rowsOf(info, inner, path)),
  ];
}

/** Parameters, locals and globals of an ELF object, and what of its DWARF is damaged. */
export function debugVariables(bytes: Uint8Array): {
  variables: DebugVariableRow[];
  warnings: readonly string[];
} {
  const info = readDebugInfo(parseElf(bytes));
  const globals = info.globals.map((variable) => rowOf(info, '', variable));
  return {
    variables: [...info.functions.flatMap((scope) => rowsOf(info, scope, '')), ...globals],
    warnings: info.warnings,
  };
}
