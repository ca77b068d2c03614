import { FORMS, LNCT } from '../../spec/dwarf.ts';
import type { StringTable } from '../elf/string-table.ts';
import { classOf, readForm } from './entries.ts';
import type { Cursor } from './sections.ts';

/** Directories and files of all tables of an object, each column counted: some take no bytes. */
const MAX_NAMES = 1 << 18;
/** Names are joined with their directories: what all paths of an object may take together. */
const MAX_PATH_TEXT = 16 << 20;

/** What the tables of an object have used of both. */
export interface NameBudget {
  names: number;
  text: number;
}

/** What a table's names are read with. */
export interface NameContext {
  readonly version: number;
  readonly addressBytes: number;
  readonly offsetBytes: 4 | 8;
  readonly strings: (section: '.debug_str' | '.debug_line_str') => StringTable;
  /** Where the compiler ran; before DWARF 5 that stands in .debug_info alone. */
  readonly directory: string;
  readonly budget: NameBudget;
}

interface FileEntry {
  readonly name: string;
  readonly directory: number;
}

/** The files of one line number program, by the numbers its rows use. */
export class LineFiles {
  private readonly context: NameContext;
  private readonly directories: string[] = [];
  private readonly files: FileEntry[] = [];
  private readonly paths = new Map<number, string>();

  /** Reads the tables of a header, which stand at `cursor`. */
  constructor(cursor: Cursor, context: NameContext) {
    this.context = context;
    if (context.version >= 5) this.readTables(cursor);
    else this.readLists(cursor);
  }

  /**
   * Before DWARF 5: strings until an empty one; number 0 is where the compiler ran, files count
   * from 1.
   */
  private readLists(cursor: Cursor): void {
    this.directories.push(this.context.directory);
    for (let name = cursor.string(); name !== ''; name = cursor.string()) {
      this.spend(cursor, 1);
      this.directories.push(name);
    }
    this.files.push({ name: '', directory: 0 });
    for (let name = cursor.string(); name !== ''; name = cursor.string()) this.define(cursor, name);
  }

  /** A file as the lists and DW_LNE_define_file have it: its name, directory, time and size. */
  define(cursor: Cursor, name: string): void {
    const directory = cursor.count();
    cursor.uleb();
    cursor.uleb();
    this.spend(cursor, 1);
    this.files.push({ name, directory });
  }

  private readTables(cursor: Cursor): void {
    for (const { name } of this.readTable(cursor)) this.directories.push(name);
    for (const file of this.readTable(cursor)) this.files.push(file);
  }

  /** What each column is and how it is written, then the rows. */
  private readTable(cursor: Cursor): FileEntry[] {
    const columns = Array.from({ length: cursor.u8() }, () => ({
      content: cursor.count(),
      form: cursor.count(),
    }));
    const count = cursor.count();
    this.spend(cursor, count * Math.max(1, columns.length));
    return Array.from({ length: count }, () => {
      let name = '';
      let directory = 0;
      for (const { content, form } of columns) {
        if (FORMS[form] === undefined) cursor.fail(`form ${form} is not known`);
        const { value } = readForm(cursor, this.context, form, 0n);
        if (content === LNCT.path) name = this.text(cursor, form, value);
        else if (content === LNCT.directory_index && typeof value === 'bigint')
          directory = Number(value);
      }
      return { name, directory };
    });
  }

  private text(cursor: Cursor, form: number, value: unknown): string {
    if (typeof value === 'string') return value;
    const is = classOf(form);
    if (typeof value !== 'bigint' || (is !== 'line_strp' && is !== 'strp'))
      cursor.fail(`a name of form ${form}`);
    return this.context.strings(is === 'strp' ? '.debug_str' : '.debug_line_str').at(Number(value));
  }

  private spend(cursor: Cursor, names: number): void {
    this.context.budget.names += names;
    if (this.context.budget.names > MAX_NAMES)
      cursor.fail(`more than ${MAX_NAMES} directories and files`);
  }

  /**
   * A file's path, as BTF spells it: directory and name with `/` between; empty where there is no
   * such file.
   */
  path(cursor: Cursor, number: number): string {
    const known = this.paths.get(number);
    if (known !== undefined) return known;
    const path = this.join(this.files[number]);
    this.context.budget.text += path.length;
    if (this.context.budget.text > MAX_PATH_TEXT)
      cursor.fail(`more than ${MAX_PATH_TEXT} characters of paths`);
    this.paths.set(number, path);
    return path;
  }

  private join(file: FileEntry | undefined): string {
    if (file === undefined || file.name === '') return '';
    const directory = this.directories[file.directory] ?? '';
    return [this.directories[0] ?? '', file.directory === 0 ? '' : directory, file.name].reduce(
      (before, part) =>
        before === '' || part.startsWith('/') ? part : part === '' ? before : `${before}/${part}`,
    );
  }
}
