/** Command lines that attach a list of programs on a real system, each by a tool that can do it. */
import { baseName } from '../bytes/base-name.ts';
import type { LoadedObject } from '../object/types.ts';
import { programType } from '../spec/program-types.ts';
import { hookOfSection } from '../spec/sections.ts';
import { shellWord } from '../view/attach-commands.ts';
import { inAskedOrder, isAttached, type LoadedOf, type SettledProgram } from './hook-list.ts';
import type { HookList } from './types.ts';

export interface HookCommands {
  readonly commands: readonly { readonly label: string; readonly text: string }[];
  /** What they need, and what no tool can do; whole sentences. */
  readonly notes: readonly string[];
}

const DEVICE = 'eth0';

export function hookCommands(
  { hook, direction = 'ingress' }: HookList,
  programs: readonly SettledProgram[],
  loadedOf: LoadedOf,
): HookCommands {
  const attached = inAskedOrder(programs).filter(isAttached);
  const isElf = ({ object }: SettledProgram) => loadedOf(object).format === 'elf';
  const files = attached.filter(isElf);
  const notes = attached
    .filter((one) => !isElf(one))
    .map(
      ({ entry }) => `${entry.id} is bytecode without an object around it: no tool attaches it.`,
    );
  const made = {
    tc: () => tcCommands(files, direction, loadedOf),
    xdp: () => xdpCommands(files, loadedOf),
    cgroup_skb: () => cgroupCommands(files, direction),
  }[hook]();
  return { commands: made.commands, notes: [...notes, ...made.notes] };
}

const fileOf = ({ object }: SettledProgram): string => shellWord(baseName(object.name));

function tcCommands(
  programs: readonly SettledProgram[],
  direction: 'ingress' | 'egress',
  loadedOf: LoadedOf,
): HookCommands {
  const tcx = programs.filter(({ where }) => where === 'tcx');
  const filters = programs.filter(({ where }) => where === 'cls_bpf');
  const attach = `tcx_${direction}`;
  return {
    commands: [
      ...(tcx.length > 0
        ? [
            {
              label: 'bpftool: tcx',
              text: tcx.flatMap((one) => tcxLines(one, attach)).join('\n'),
            },
          ]
        : []),
      ...(filters.length > 0
        ? [
            {
              label: 'tc filter: clsact',
              text: [
                `tc qdisc add dev ${DEVICE} clsact`,
                ...filters.map(
                  (one, i) =>
                    `tc filter add dev ${DEVICE} ${direction} pref ${i + 1} bpf da ` +
                    `obj ${fileOf(one)} ${partOf(one, loadedOf(one.object))}`,
                ),
              ].join('\n'),
            },
            {
              label: 'tc filter, to take them away',
              text: `tc filter del dev ${DEVICE} ${direction}`,
            },
          ]
        : []),
    ],
    notes: [
      ...(tcx.length > 0
        ? [
            `bpftool knows ${attach} since 7.5 (Linux 6.12), and puts each program behind those ` +
              'that are there: run the lines in this order.',
          ]
        : []),
      ...(filters.length > 0
        ? ['Without pref tc would put each filter in front of those that are there.']
        : []),
    ],
  };
}

/** Each program is loaded by itself, so that its maps are its own. */
function tcxLines(one: SettledProgram, attach: string): string[] {
  const { entry, program } = one;
  const folder = `/sys/fs/bpf/${entry.id}`;
  const isKnown = hookOfSection(program.section).hook === 'tc';
  return [
    `bpftool prog loadall ${fileOf(one)} ${folder}${isKnown ? '' : ' type classifier'}`,
    `bpftool net attach ${attach} pinned ${folder}/${shellWord(program.name)} dev ${DEVICE}`,
  ];
}

/** The section, or where it has several programs the one of them, by name. */
function partOf({ program }: SettledProgram, { programs }: LoadedObject): string {
  const isAlone = programs.filter(({ section }) => section === program.section).length === 1;
  return isAlone ? `sec ${shellWord(program.section)}` : `program ${shellWord(program.name)}`;
}

const GROUP = '/sys/fs/cgroup/group';

function cgroupCommands(
  programs: readonly SettledProgram[],
  direction: 'ingress' | 'egress',
): HookCommands {
  if (programs.length === 0) return { commands: [], notes: [] };
  const type = `cgroup_inet_${direction}`;
  const pinned = (one: SettledProgram): string =>
    `pinned /sys/fs/bpf/${one.entry.id}/${shellWord(one.program.name)}`;
  return {
    commands: [
      {
        label: 'bpftool: cgroup',
        text: programs
          .flatMap((one) => [
            `bpftool prog loadall ${fileOf(one)} /sys/fs/bpf/${one.entry.id} ` +
              `type cgroup_skb/${direction}`,
            `bpftool cgroup attach ${GROUP} ${type} ${pinned(one)} multi`,
          ])
          .join('\n'),
      },
      {
        label: 'bpftool, to take them away',
        text: programs
          .map((one) => `bpftool cgroup detach ${GROUP} ${type} ${pinned(one)}`)
          .join('\n'),
      },
    ],
    notes: ['Programs of the cgroups above this one run behind these.'],
  };
}

const ACTION_NAMES = new Map(programType('xdp').verdicts.map(({ code, name }) => [code, name]));

function xdpCommands(programs: readonly SettledProgram[], loadedOf: LoadedOf): HookCommands {
  const notes: string[] = [];
  const lines = programs.flatMap((one): string[] => {
    const { entry, program, xdp } = one;
    if (loadedOf(one.object).btf === undefined) {
      notes.push(
        `${entry.id} has no .BTF: libxdp cannot make it a part of its dispatcher (compile it -g).`,
      );
      return [];
    }
    if (xdp === undefined) return [];
    const names = xdp.actions.flatMap((code) => ACTION_NAMES.get(code) ?? []);
    const isSayable = names.length === xdp.actions.length && names.length > 0;
    if (xdp.actionsBy === 'list' && !isSayable) {
      notes.push(`${entry.id} has actions that xdp-loader cannot be told.`);
      return [];
    }
    return [
      [
        `xdp-loader load ${DEVICE} ${fileOf(one)} -n ${shellWord(program.name)}`,
        ...(xdp.priorityBy === 'list' ? [`-P ${xdp.priority}`] : []),
        ...(xdp.actionsBy === 'list' ? [`-A ${names.join(',')}`] : []),
      ].join(' '),
    ];
  });
  if (lines.some((line) => / -[PA] /.test(line)))
    notes.push('Older ones of xdp-loader have no -P and -A: `xdp-loader load --help` says so.');
  if (lines.length === 0) return { commands: [], notes };
  return {
    commands: [
      { label: 'xdp-loader', text: lines.join('\n') },
      { label: 'xdp-loader, to take them away', text: `xdp-loader unload ${DEVICE} --all` },
    ],
    notes,
  };
}
