import { basename } from 'node:path';
import { decodeAll } from '../asm/decode.ts';
import { disassemble } from '../asm/disassemble.ts';
import { SLOT_BYTES } from '../asm/encoding.ts';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { LoadedObject } from '../object/types.ts';
import type { ObjectView } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { Session } from '../session/session.ts';
import { codeView } from '../view/code-view.ts';
import { objectView } from '../view/object-view.ts';
import type { Arguments } from './arguments.ts';
import { debugVariables } from './debug-variables.ts';
import { kernelTypesOf, operandOf, readFile } from './set-up.ts';

type Write = (line: string) => void;

async function load(args: Arguments): Promise<LoadedObject> {
  const path = operandOf(args, 'object');
  return openObject({
    ...inputsFor(basename(path), readFile(path)),
    ...(await kernelTypesOf(args)),
  });
}

function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = rows[0].map((_, column) =>
    rows.reduce((most, row) => Math.max(most, String(row[column]).length), 0),
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => String(cell).padEnd(widths[column])).join('  ')}`.trimEnd(),
  );
}

/** `inspect`: what an object holds. */
export async function inspectCommand(args: Arguments, write: Write): Promise<number> {
  const object = await load(args);
  write(args.json ? JSON.stringify(factsOf(object)) : inspection(object));
  return 0;
}

function debugOf(object: LoadedObject) {
  const btf = object.btf && { types: object.btf.types.length };
  const lines = object.programs.reduce(
    (sum, program) => sum + ('bytes' in program.linked ? program.linked.lines.length : 0),
    0,
  );
  const { variables, warnings } =
    objectView(object).format === 'elf'
      ? debugVariables(object.bytes)
      : { variables: [], warnings: [] };
  return { btf: btf ?? null, lines, variables, warnings };
}

const factsOf = (object: LoadedObject) => ({
  ...objectView(object),
  kernelTypes: object.target ?? null,
  debug: debugOf(object),
});

/** All of it as text, a table for each kind of thing. */
export function inspection(object: LoadedObject): string {
  const view = objectView(object);
  const { btf, lines, variables, warnings } = debugOf(object);
  const head =
    `${view.name}: ${view.format === 'elf' ? 'ELF object' : 'raw bytecode'}, ` +
    `${view.endian} endian, ${view.size} bytes, license ${view.license ?? 'not given'}`;
  const sections: [string, (string | number)[][]][] = [
    [
      'programs',
      view.programs.map((row) => [
        row.name,
        row.section,
        `${row.instructions} instructions`,
        `hook ${row.hook}${row.recognised ? '' : ' (assumed)'}`,
        row.error ?? '',
      ]),
    ],
    [
      'maps',
      view.maps.map((row) => [
        row.name,
        row.type,
        `key ${row.keySize}`,
        `value ${row.valueSize}`,
        `max ${row.maxEntries}`,
        row.origin,
        row.declaration,
        row.filledIn && `filled in: ${row.filledIn}`,
      ]),
    ],
    [
      'sections',
      view.sections.map((row) => [row.index, row.name, row.type, row.flags, row.offset, row.size]),
    ],
    [
      'symbols',
      view.symbols.map((row) => [
        row.name,
        row.type,
        row.binding,
        row.section,
        row.value,
        row.size,
      ]),
    ],
    [
      'relocations',
      view.relocations.map((row) => [
        row.section,
        `0x${row.offset.toString(16)}`,
        row.type,
        row.symbol,
        row.addend,
      ]),
    ],
    [
      'externs',
      view.externs.map((row) => [
        row.name,
        row.kind,
        row.weak ? 'weak' : '',
        row.value ?? row.given,
      ]),
    ],
    [
      `CO-RE relocations, with the types of ${object.target ?? 'the object'}`,
      view.coreRelocations.map((row) => [
        `${row.section}+0x${row.offset.toString(16)}`,
        row.kind,
        row.subject,
        row.local ?? '',
        row.how === 'patched' ? `-> ${row.result}` : `${row.how}: ${row.result}`,
      ]),
    ],
    [
      'variables, by DWARF',
      variables.map(({ scope, declaration, places }) => [
        scope,
        declaration,
        places.length > 0 ? places.join('; ') : 'optimised out',
      ]),
    ],
    [
      'warnings',
      [...view.warnings, ...sectionNotes(view.programs), ...warnings].map((warning) => [warning]),
    ],
  ];
  const tables = sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => [`${title}:`, ...table(rows)].join('\n'));
  const types = btf ? `BTF with ${btf.types} types` : 'no BTF';
  return [head, ...tables, `debug info: ${types}, ${lines} source lines`].join('\n');
}

/** What was assumed of section names, once each. */
const sectionNotes = (programs: ObjectView['programs']): string[] => [
  ...new Set(programs.map(({ note }) => note).filter((note) => note !== '')),
];

interface DisassembledInstruction {
  readonly pc: number;
  readonly bytes: string;
  readonly text: string;
  readonly source?: { readonly file: string; readonly line: number; readonly text: string };
}

/**
 * `disasm`: the instructions of each executable section as they stand in the file, or of one
 * program as linked.
 */
export async function disasmCommand(args: Arguments, write: Write): Promise<number> {
  const object = await load(args);
  if (args.program !== undefined) return disassembleProgram(args, object, write);
  for (const section of object.sections.filter((row) => row.flags.exec && row.size > 0)) {
    const code = object.bytes.subarray(
      section.offset,
      section.offset + section.size - (section.size % SLOT_BYTES),
    );
    const rows: DisassembledInstruction[] = [];
    for (const { pc, instruction } of decodeAll(code, object.endian)) {
      const bytes = toHex(code.subarray(pc * SLOT_BYTES, (pc + instruction.slots) * SLOT_BYTES));
      rows.push({ pc, bytes, text: disassemble(instruction, 'llvm').replace('\t', ' ') });
    }
    const starts = new Map(
      object.symbols
        .filter((symbol) => symbol.section === section.index && symbol.type !== 'section')
        .map((symbol) => [symbol.value, symbol.name]),
    );
    print(args, write, section.name, rows, (pc) => starts.get(pc * SLOT_BYTES));
  }
  return 0;
}

function disassembleProgram(args: Arguments, object: LoadedObject, write: Write): number {
  const session = new Session(
    { ...inputsFor(object.name, object.bytes), program: args.program, hook: args.hook },
    new WebAssembly.Memory({ initial: 1 }),
    object,
  );
  session.load();
  if (session.machine === undefined)
    throw new InputError(object.name, session.problem ?? 'cannot be linked');
  const { rows, lines, functions } = codeView(object, session.machine.code, session.hook);
  const shown = rows.map(({ pc, bytes, text, comment, line }) => ({
    pc,
    bytes,
    text: text + (comment && !args.json ? `  ; ${comment}` : ''),
    ...(line !== undefined && { source: lines[line] }),
  }));
  const starts = new Map(functions.map((row) => [row.start, row.name]));
  print(args, write, args.program!, shown, (pc) => starts.get(pc));
  return 0;
}

function print(
  args: Arguments,
  write: Write,
  name: string,
  rows: readonly DisassembledInstruction[],
  functionAt: (pc: number) => string | undefined,
): void {
  if (args.json) {
    for (const row of rows) write(JSON.stringify({ section: name, ...row }));
    return;
  }
  write(`${name}:`);
  let source: DisassembledInstruction['source'];
  for (const row of rows) {
    const symbol = functionAt(row.pc);
    if (symbol !== undefined) write(`<${symbol}>:`);
    if (row.source && row.source !== source)
      write(`; ${row.source.file}:${row.source.line}: ${row.source.text.trim()}`);
    source = row.source ?? source;
    write(`${String(row.pc).padStart(8)}:\t${row.bytes.replace(/..(?!$)/g, '$& ')}\t${row.text}`);
  }
}
