import { InputError } from '../../errors.ts';
import { AT, LNE, LNS } from '../../spec/dwarf.ts';
import type { ElfFile } from '../elf/elf.ts';
import { StringTable } from '../elf/string-table.ts';
import { DebugEntries } from './entries.ts';
import { LineFiles, type NameBudget } from './line-files.ts';
import {
  type Address,
  addressIn,
  Cursor,
  debugSection,
  offsetOf,
  sectionOf,
  unitLength,
} from './sections.ts';

/**
 * Rows of all tables of an object; a program of 1,000,000 instructions, the most the kernel takes,
 * has fewer.
 */
const MAX_ROWS = 1 << 20;
const MAX_WARNINGS = 16;

/**
 * A row of the line number table: from this address on, up to the next row, the code comes from
 * this line.
 */
export interface DebugLine {
  readonly address: Address;
  readonly file: string;
  /** 0: from none in particular. */
  readonly line: number;
  readonly column: number;
  /** A good place for a breakpoint. */
  readonly isStatement: boolean;
  /** The code before this address was the last of its sequence. */
  readonly ends: boolean;
}

export interface DebugLines {
  /** In the order they are written: ascending in each sequence. */
  readonly rows: readonly DebugLine[];
  readonly warnings: readonly string[];
}

/** What the tables of one object share. */
interface Reading {
  readonly elf: ElfFile;
  readonly rows: DebugLine[];
  readonly strings: (section: string) => StringTable;
  /** Where the compiler ran, by the offset of the line number program. */
  readonly directories: () => ReadonlyMap<number, string>;
  readonly budget: NameBudget;
}

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** Reads .debug_line; a damaged table gives the rows in front of the damage, and a warning. */
export function readDebugLines(elf: ElfFile): DebugLines {
  const warnings: string[] = [];
  const tables = new Map<string, StringTable>();
  const reading: Reading = {
    elf,
    rows: [],
    strings: (name) => {
      const table = tables.get(name) ?? new StringTable(debugSection(elf, name).reader.bytes, name);
      tables.set(name, table);
      return table;
    },
    directories: once(() => compilerDirectories(elf)),
    budget: { names: 0, text: 0 },
  };
  const cursor = new Cursor(debugSection(elf, '.debug_line'), 0);
  const orWarning = (read: () => void): void => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (warnings.length < MAX_WARNINGS) warnings.push(error.message);
    }
  };
  orWarning(() => {
    while (cursor.offset < cursor.section.reader.length) {
      const offset = cursor.offset;
      const { end, offsetBytes } = unitLength(cursor);
      orWarning(() => readTable(cursor, reading, offset, offsetBytes, end));
      cursor.offset = end;
    }
  });
  return { rows: reading.rows, warnings };
}

function compilerDirectories(elf: ElfFile): Map<number, string> {
  const entries = new DebugEntries(elf);
  const directories = new Map<number, string>();
  for (const { root } of entries.units) {
    const program = root && entries.list(root, AT.stmt_list, '', 0);
    if (root && program !== undefined) directories.set(program, entries.text(root, AT.comp_dir));
  }
  return directories;
}

/** What a line number program is run with (6.2.4). */
interface Header {
  readonly instructionBytes: number;
  readonly operations: number;
  readonly startsAsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of each standard opcode. */
  readonly operands: Uint8Array;
}

function readTable(
  cursor: Cursor,
  reading: Reading,
  offset: number,
  offsetBytes: 4 | 8,
  end: number,
): void {
  const version = cursor.u16();
  if (version < 2 || version > 5)
    cursor.fail(`line numbers of version ${version}, 2 to 5 are read`);
  const addressBytes = version >= 5 ? cursor.u8() : 8;
  if (version >= 5) cursor.u8(); // bytes of a segment selector
  const headerBytes = cursor.size(offsetBytes);
  const program = cursor.offset + headerBytes;
  if (program > end) cursor.fail(`a header of ${headerBytes} bytes reaches behind its table`);
  const header = readHeader(cursor, version);
  const directory = version >= 5 ? '' : (reading.directories().get(offset) ?? '');
  const { strings, budget } = reading;
  const files = new LineFiles(cursor, {
    version,
    addressBytes,
    offsetBytes,
    strings,
    directory,
    budget,
  });
  cursor.offset = program;
  new LineProgram(cursor, header, files, reading.rows).run(end);
}

function readHeader(cursor: Cursor, version: number): Header {
  const instructionBytes = cursor.u8();
  const operations = version >= 4 ? cursor.u8() : 1;
  const startsAsStatement = cursor.u8() !== 0;
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  if (lineRange === 0) cursor.fail('a line range of 0');
  const opcodeBase = cursor.u8();
  const operands = cursor.bytes(Math.max(0, opcodeBase - 1));
  return {
    instructionBytes,
    operations: Math.max(1, operations),
    startsAsStatement,
    lineBase,
    lineRange,
    opcodeBase,
    operands,
  };
}

/** The machine whose registers are a row, and whose code writes the table. */
class LineProgram {
  private readonly cursor: Cursor;
  private readonly header: Header;
  private readonly files: LineFiles;
  private readonly rows: DebugLine[];
  private section = 0;
  private offset = 0;
  private operation = 0;
  private file = 1;
  private line = 1;
  private column = 0;
  private isStatement: boolean;

  constructor(cursor: Cursor, header: Header, files: LineFiles, rows: DebugLine[]) {
    this.cursor = cursor;
    this.header = header;
    this.files = files;
    this.rows = rows;
    this.isStatement = header.startsAsStatement;
  }

  run(end: number): void {
    const { cursor, header } = this;
    while (cursor.offset < end) {
      const opcode = cursor.u8();
      if (opcode === 0) this.extended();
      else if (opcode < header.opcodeBase) this.standard(opcode);
      else this.special(opcode - header.opcodeBase);
    }
  }

  private reset(): void {
    [this.section, this.offset, this.operation] = [0, 0, 0];
    [this.file, this.line, this.column] = [1, 1, 0];
    this.isStatement = this.header.startsAsStatement;
  }

  private row(ends = false): void {
    if (this.rows.length === MAX_ROWS) this.cursor.fail(`more than ${MAX_ROWS} rows`);
    this.rows.push({
      address: addressIn(this.section, this.offset),
      file: this.files.path(this.cursor, this.file),
      line: this.line,
      column: this.column,
      isStatement: this.isStatement,
      ends,
    });
  }

  /** By so many operations; of a machine with one to an instruction, by so many instructions. */
  private advance(by: number): void {
    const { instructionBytes, operations } = this.header;
    const operation = this.operation + by;
    this.move(instructionBytes * Math.floor(operation / operations));
    this.operation = operation % operations;
  }

  private move(bytes: number): void {
    this.offset = (this.offset + bytes) % 2 ** 32;
  }

  private special(adjusted: number): void {
    const { lineBase, lineRange } = this.header;
    this.advance(Math.floor(adjusted / lineRange));
    this.line = (this.line + lineBase + (adjusted % lineRange)) >>> 0;
    this.row();
  }

  private standard(opcode: number): void {
    const { cursor, header } = this;
    switch (opcode) {
      case LNS.copy:
        this.row();
        break;
      case LNS.advance_pc:
        this.advance(Number(BigInt.asUintN(32, cursor.uleb())));
        break;
      case LNS.advance_line:
        this.line = Number(BigInt.asUintN(32, BigInt(this.line) + cursor.sleb()));
        break;
      case LNS.set_file:
        this.file = cursor.count();
        break;
      case LNS.set_column:
        this.column = cursor.count();
        break;
      case LNS.negate_stmt:
        this.isStatement = !this.isStatement;
        break;
      case LNS.const_add_pc:
        this.advance(Math.floor((255 - header.opcodeBase) / header.lineRange));
        break;
      case LNS.fixed_advance_pc:
        this.move(cursor.u16());
        this.operation = 0;
        break;
      case LNS.set_basic_block:
      case LNS.set_prologue_end:
      case LNS.set_epilogue_begin:
        break;
      default:
        // Of an instruction set, or of a later version: its operands are known by their number
        // alone.
        for (let left = header.operands[opcode - 1] ?? 0; left > 0; left--) cursor.uleb();
    }
  }

  private extended(): void {
    const { cursor } = this;
    const length = cursor.count();
    const end = cursor.offset + length;
    cursor.section.reader.need(cursor.offset, length, 'an extended opcode');
    if (length === 0) return;
    switch (cursor.u8()) {
      case LNE.end_sequence:
        this.row(true);
        this.reset();
        break;
      case LNE.set_address: {
        if (length !== 5 && length !== 9) cursor.fail(`an address of ${length - 1} bytes`);
        const address = cursor.address(length - 1);
        [this.section, this.offset, this.operation] = [sectionOf(address), offsetOf(address), 0];
        break;
      }
      case LNE.define_file:
        this.files.define(cursor, cursor.string());
        break;
    }
    cursor.offset = end;
  }
}
