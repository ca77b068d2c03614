import { baseName } from '../bytes/base-name.ts';
import type { SetUpPart } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { HookName } from '../spec/program-types.ts';

type Commands = SetUpPart['commands'];

/** A word that a shell takes as it stands, or in quotes. */
export const shellWord = (text: string): string =>
  /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Encapsulation of a route: the program runs where the route is looked up, or sends. */
const lwt =
  (way: 'in' | 'out' | 'xmit') =>
  (file: string, section: string): Commands => [
    {
      label: 'ip route',
      text: `ip route add 192.0.2.0/24 encap bpf ${way} obj ${file} section ${section} dev eth0`,
    },
  ];

/** How each hook is given its program by what a Linux system has; no row: a loader of its own. */
const COMMANDS: Partial<Record<HookName, (file: string, section: string) => Commands>> = {
  xdp: (file, section) => [
    { label: 'ip link', text: `ip link set dev eth0 xdp obj ${file} sec ${section}` },
    { label: 'ip link, to take it away', text: 'ip link set dev eth0 xdp off' },
  ],
  tc: (file, section) => [
    {
      label: 'tc filter',
      text:
        'tc qdisc add dev eth0 clsact\n' +
        `tc filter add dev eth0 ingress bpf da obj ${file} sec ${section}`,
    },
    { label: 'tc filter, to take it away', text: 'tc filter del dev eth0 ingress' },
  ],
  cgroup_skb: (file) => [
    {
      label: 'bpftool',
      text:
        `bpftool prog load ${file} /sys/fs/bpf/filter\n` +
        'bpftool cgroup attach /sys/fs/cgroup cgroup_inet_ingress pinned /sys/fs/bpf/filter',
    },
  ],
  lwt_in: lwt('in'),
  lwt_out: lwt('out'),
  lwt_xmit: lwt('xmit'),
};

/** Command lines that attach the selected program to its hook; of QEMU's filter `qemuSetup`. */
export function attachCommands({ hook, object, program }: Session): Commands {
  if (program === undefined || object.format !== 'elf') return [];
  return COMMANDS[hook]?.(shellWord(baseName(object.name)), shellWord(program.section)) ?? [];
}
