// kernel/bpf/helpers.c: bpf_timer_init, _set_callback, _start and _cancel.
import { expect, test } from 'vitest';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { runWithMaps } from '../testing/with-maps.ts';

const [EBUSY, EINVAL] = [-16n, -22n];
/** A value with a struct bpf_timer in front, twice. */
const MAP = {
  type: MAP_TYPE_ID.array,
  valueSize: 24,
  maxEntries: 2,
  special: [{ kind: 'timer', offset: 0 }],
};
const find = (key: number, register: 'r6' | 'r7'): string =>
  `*(u32 *)(r10 - 4) = ${key}; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ` +
  `call bpf_map_lookup_elem; if r0 == 0 goto out; ${register} = r0`;
const on = (register: string) => ({
  init: (clock = 1) =>
    `r1 = ${register}; ld_pseudo r2, 0x1, 0; r3 = ${clock}; r0 = 7; call bpf_timer_init`,
  start: (flags = 0, ns = 1000) =>
    `r1 = ${register}; r2 = ${ns}; r3 = ${flags}; r0 = 7; call bpf_timer_start`,
  cancel: `r1 = ${register}; r0 = 7; call bpf_timer_cancel`,
  callback: `r1 = ${register}; r0 = 7; ld_pseudo r2, 0x4, CALLBACK; call bpf_timer_set_callback`,
});
const [one, other] = [on('r6'), on('r7')];

/** What the last of some calls answers. */
function answer(...calls: string[]): bigint | string {
  const statements = [find(0, 'r6'), find(1, 'r7'), ...calls, 'out: exit'].join('; ').split('; ');
  const sizes = statements.map((statement) => (statement.includes('ld_pseudo') ? 2 : 1));
  const slotOf = (n: number): number => sizes.slice(0, n).reduce((sum, size) => sum + size, 0);
  // The callback stands behind the last statement; a function is named by how far away it is.
  const end = slotOf(statements.length);
  const source = statements.map((text, n) => text.replace('CALLBACK', `${end - slotOf(n) - 1}`));
  const { r0, fault } = runWithMaps([...source, 'r0 = 0', 'exit'].join('; '), [MAP as never]);
  return fault?.message ?? BigInt.asIntN(64, r0!);
}

test.each<[string, string[], bigint]>([
  ['a timer is made once', [one.init()], 0n],
  ['not twice', [one.init(), one.init()], EBUSY],
  ['of another element another one is', [one.init(), other.init()], 0n],
  ['by the real clock', [one.init(0)], 0n],
  ['by that since boot', [one.init(7)], 0n],
  ['by no other clock', [one.init(2)], EINVAL],
  ['by none beyond them', [one.init(8)], EINVAL],
  ['one that was not made has no callback', [one.callback], EINVAL],
  ['one that was has', [one.init(), one.callback], 0n],
  ['of another element that is nothing', [other.init(), one.callback], EINVAL],
  ['one that was not made does not start', [one.start()], EINVAL],
  ['nor one without a callback', [one.init(), one.start()], EINVAL],
  ['one with a callback does', [one.init(), one.callback, one.start()], 0n],
  ['at a time', [one.init(), one.callback, one.start(1)], 0n],
  ['on this CPU', [one.init(), one.callback, one.start(3)], 0n],
  ['by no flag that nobody knows', [one.init(), one.callback, one.start(4)], EINVAL],
  ['one that was not made is not cancelled', [one.cancel], EINVAL],
  ['one that is not armed is, which says 0', [one.init(), one.cancel], 0n],
  ['one that is armed says 1', [one.init(), one.callback, one.start(), one.cancel], 1n],
  ['not twice', [one.init(), one.callback, one.start(), one.cancel, one.cancel], 0n],
  [
    'behind that its callback has to be set anew',
    [one.init(), one.callback, one.start(), one.cancel, one.start()],
    EINVAL,
  ],
  [
    'another is armed still',
    [one.init(), other.init(), other.callback, other.start(), one.cancel, other.cancel],
    1n,
  ],
])('%s', (_title, calls, r0) => expect(answer(...calls)).toBe(r0));
