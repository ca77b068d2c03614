import type { Btf } from './btf/btf.ts';
import type { ElfFile, ElfSymbolEntry } from './elf/elf.ts';
import type { ExternTable } from './externs.ts';

/** What a check looks at. */
interface Parts {
  readonly elf: ElfFile;
  readonly btf: Btf | undefined;
  readonly externs: ExternTable['externs'];
}

const isData = ({ type }: ElfSymbolEntry): boolean => type === 'object' || type === 'notype';
const names = (found: readonly string[]): string =>
  `${found.slice(0, 5).join(', ')}${found.length > 5 ? ', …' : ''}`;

/**
 * Why tools/lib/bpf/libbpf.c does not open an object that can be run here; `find` answers the names
 * it is about.
 */
const REFUSALS: readonly { readonly find: (parts: Parts) => string[]; readonly because: string }[] =
  [
    {
      // bpf_object__collect_relos: "invalid section #65522"
      find: ({ elf }) =>
        elf.symbols.filter(({ placement }) => placement === 'common').map(({ name }) => name),
      because: 'common symbols, which lie in no section (build with -fno-common)',
    },
    {
      // parse_btf_map_def's caller: "unsupported map linkage static"
      find: ({ btf }) => mapVariables(btf, 'static'),
      because: 'static maps (take "static" away)',
    },
    {
      find: ({ btf }) => mapVariables(btf, 'extern'),
      because: 'maps of another file (link the objects with "bpftool gen object" first)',
    },
    {
      // bpf_object__add_programs: "program is static and not supported"
      find: ({ elf }) =>
        elf.symbols
          .filter(({ type, binding, section }) => {
            const home = section === undefined ? undefined : elf.sections[section];
            return (
              type === 'func' &&
              binding === 'local' &&
              home?.flags.exec === true &&
              home.name !== '.text'
            );
          })
          .map(({ name }) => name),
      because: 'static functions in a section of programs (leave their section attribute out)',
    },
    {
      // bpf_object__init_maps: "legacy map definitions in 'maps' section are not supported by
      // libbpf v1.0+"
      find: ({ elf }) =>
        elf.symbols
          .filter(
            (symbol) =>
              isData(symbol) &&
              symbol.section !== undefined &&
              elf.sections[symbol.section]?.name === 'maps',
          )
          .map(({ name }) => name),
      because: 'maps of section "maps", which libbpf 1.0 gave up for ".maps"',
    },
    {
      // bpf_object__init_btf: "BTF is required, but is missing or corrupted"
      find: ({ elf, btf }) =>
        btf === undefined && elf.sections.some(({ name }) => name === '.maps') ? ['.maps'] : [],
      because: 'BTF is missing, which it reads maps from (build with -g)',
    },
    {
      // bpf_object__collect_externs: "failed to find BTF for extern"
      find: ({ externs }) =>
        externs
          .filter(({ kind, weak }) => (kind === 'function' || kind === 'variable') && !weak)
          .map(({ name }) => name),
      because:
        'symbols that nothing defines (a helper is missing from bpf_helpers.h, ' +
        '__ksym or __kconfig at its declaration, or -fno-builtin)',
    },
  ];

function mapVariables(btf: Btf | undefined, linkage: 'static' | 'extern'): string[] {
  const section = btf?.find('datasec', '.maps');
  return (section?.variables ?? []).flatMap(({ type }) => {
    const variable = btf!.byId(type);
    return variable?.kind === 'var' && variable.linkage === linkage ? [variable.name] : [];
  });
}

/**
 * What libbpf would not open the object for, one sentence for each reason. Objects of uBPF, all in
 * .text, are not for libbpf.
 */
export function libbpfRefusals(parts: Parts): string[] {
  const { elf } = parts;
  const code = elf.sections.filter(({ flags, data }) => flags.exec && data.length > 0);
  if (code.every(({ name }) => name === '.text')) return [];
  if (elf.symbols.length === 0) return ['libbpf would refuse this object: it has no symbol table'];
  return REFUSALS.flatMap(({ find, because }) => {
    const found = [...new Set(find(parts))].filter((name) => name !== '');
    return found.length > 0 ? [`libbpf would refuse this object: ${because}: ${names(found)}`] : [];
  });
}
