import type { Instruction, Undefined } from '../asm/decode.ts';
import { SLOT_BYTES } from '../asm/encoding.ts';
import { toHex } from '../bytes/hex.ts';
import { helperName } from '../helpers/table.ts';
import type { CodeSpace } from '../machine/code-space.ts';
import type { LoadedObject, SourceLine } from '../object/types.ts';
import { functionAt, poisonAt } from '../program/code.ts';
import { jumpTarget } from '../program/control-flow.ts';
import { instructionText } from '../program/instruction-text.ts';
import { lineIn } from '../program/lines.ts';
import type { CodeRow, CodeView } from '../protocol/messages.ts';
import type { HookName } from '../spec/program-types.ts';
import type { Pc } from '../spec/units.ts';

/** What a symbol, map or helper in an instruction is called. */
export function commentOf(
  object: LoadedObject,
  code: CodeSpace,
  hook: HookName,
  pc: Pc,
  instruction: Instruction | Undefined,
): string {
  const { row, slot } = instruction;
  if (row === undefined) return (instruction as Undefined).reason;
  const poison = poisonAt(code, pc);
  if (poison !== undefined) return poison;
  if (row.kind === 'lddw') {
    const map = object.maps[slot.imm];
    if (row.source === 'map') return map ? `map ${map.name}` : '';
    if (row.source === 'function') return functionAt(code, pc + 1 + slot.imm)?.function.name ?? '';
    if (row.source !== 'map-value' || !map) return '';
    const offset = (instruction as Instruction).nextImm;
    const variable = map.variables?.find(
      (candidate) =>
        offset >= candidate.offset && offset < candidate.offset + Math.max(1, candidate.size),
    );
    if (variable === undefined) return `${map.name}+${offset}`;
    return offset === variable.offset
      ? `${map.name} ${variable.name}`
      : `${map.name} ${variable.name}+${offset - variable.offset}`;
  }
  if (row.kind !== 'call') return '';
  if (row.op === 'call') return helperName(hook, slot.imm) ?? 'no such helper';
  if (row.op === 'call_local')
    return functionAt(code, jumpTarget(instruction, pc)!)?.function.name ?? '';
  return row.op === 'call_kfunc' ? (object.externs[slot.imm]?.name ?? '') : '';
}

/** The listing of a code space: every instruction with its text, names, source line and target. */
export function codeView(object: LoadedObject, code: CodeSpace, hook: HookName): CodeView {
  const lines: CodeView['lines'] = [];
  const lineIndex = new Map<string, number>();
  const indexOf = (line: SourceLine): number => {
    const key = `${line.line} ${line.file}`;
    const known = lineIndex.get(key);
    if (known !== undefined) return known;
    lineIndex.set(key, lines.length);
    return lines.push({ file: line.file, line: line.line, text: line.text }) - 1;
  };
  const rows: CodeRow[] = [];
  for (const program of code.programs) {
    const { bytes } = program.linked;
    for (let pc = program.start; pc < program.end; ) {
      const instruction = code.instructions[pc]!;
      const line = lineIn(program, pc - program.start);
      const target = jumpTarget(instruction, pc);
      const at = (pc - program.start) * SLOT_BYTES;
      rows.push({
        pc,
        bytes: toHex(bytes.subarray(at, at + instruction.slots * SLOT_BYTES)),
        text: instructionText(instruction),
        comment: commentOf(object, code, hook, pc, instruction),
        ...(line && { line: indexOf(line) }),
        ...(target !== undefined && { target }),
        ...(instruction.row?.kind === 'jump' && { conditional: true }),
        doc: instruction.row?.doc ?? '',
      });
      pc += instruction.slots;
    }
  }
  const functions = code.programs.flatMap((program) =>
    program.linked.functions.map(({ name, start, end, section }) => ({
      name,
      start: program.start + start,
      end: program.start + end,
      section,
    })),
  );
  return { functions, rows, lines };
}

/**
 * C files as far as the lines of an object tell: each line at its number, what is between left
 * empty.
 */
export function reconstructSources(lines: CodeView['lines']): { file: string; text: string }[] {
  const files = new Map<string, string[]>();
  for (const { file, line, text } of lines) {
    if (text === '' || line > 100_000) continue;
    const known = files.get(file) ?? [];
    files.set(file, known);
    while (known.length < line) known.push('');
    known[line - 1] = text;
  }
  return [...files].map(([file, text]) => ({ file, text: text.join('\n') }));
}
