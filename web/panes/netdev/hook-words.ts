import type {
  HookListView,
  HookPacketView,
  HookProgramView,
  HookStepView,
} from '../../../core/protocol/messages.ts';
import { AFTER_CODE } from '../../../core/spec/hook-lists.ts';
import { count } from '../../ui/format.ts';

type ListHook = HookListView['hook'];

/** What is said of each kind of list. */
export const LIST_WORDS: Readonly<
  Record<ListHook, { readonly label: string; readonly order: string; readonly end: string }>
> = {
  tc: {
    label: 'tc',
    order:
      'All programs of tcx are asked in their order, then the filters of clsact in that of pref.',
    end: 'Where no program decides, the packet goes on.',
  },
  xdp: {
    label: 'XDP',
    order: "libxdp's dispatcher asks the lowest priority first; of equals their names decide.",
    end: 'Where the last program lets the next one be asked, the dispatcher returns XDP_PASS.',
  },
  cgroup_skb: {
    label: 'cgroup',
    order: 'All programs of the cgroup run, in the order in which they were attached.',
    end: 'One that refuses the packet is enough; those behind it run all the same.',
  },
};

/** `Packet 3: p2 decides, TC_ACT_SHOT: drop` */
export function wayWords({ number, by, name, action }: HookPacketView): string {
  const who = by === undefined ? 'no program decides' : `${by} decides`;
  return `Packet ${count(number)}: ${who}, ${name}: ${action}`;
}

/** `TC_ACT_OK (0), decides` */
export const saidWords = ({ name, code, after }: HookStepView): string =>
  `${name}${code === undefined ? '' : ` (${code})`}, ${AFTER_CODE[after].label}`;

/** Why a program was not asked of the chosen packet. */
export function whyNotAsked(
  { status, where }: HookProgramView,
  { steps, by }: HookPacketView,
): string {
  if (status === 'off') return 'not attached';
  const ending = steps.find(({ after }) => after === 'ends-tcx');
  if (ending && where === 'tcx') return `not asked: ${ending.id} ended tcx`;
  return by === undefined ? 'not asked' : `not asked: ${by} decided`;
}
