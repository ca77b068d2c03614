import { describe, expect, test } from 'vitest';
import { Random } from '../testing/random.ts';
import { emptyChain } from './chain.ts';
import { stepsBetween, swappedBy, withStep } from './changes.ts';
import { qmpOfSteps } from './qemu-text.ts';
import type { ChainFilter } from './types.ts';

const ubpf = (id: string, changed: Partial<ChainFilter> = {}): ChainFilter => ({
  id,
  kind: 'filter-ubpf',
  queue: 'all',
  status: 'on',
  object: 0,
  properties: [],
  ...changed,
});
const objects = ['one.o', 'two.o'].map((name) => ({ name, bytes: new Uint8Array() }));
const [a, b, c] = ['a', 'b', 'c'].map((id) => ubpf(id));

/** The QMP commands of a change, without their braces. */
const commands = (before: readonly ChainFilter[], after: readonly ChainFilter[]): string[] =>
  qmpOfSteps(
    { chain: { ...emptyChain(), filters: before }, objects },
    stepsBetween(before, after),
  ).map((text) => {
    const { execute, arguments: args } = JSON.parse(text);
    const { 'qom-type': _type, netdev: _netdev, 'ip-mode': _mode, ...others } = args;
    return `${execute} ${Object.values(others).join(' ')}`;
  });

describe('the commands of a change', () => {
  test.each<[string, ChainFilter[], ChainFilter[], string[]]>([
    ['nothing changed', [a, b], [a, b], []],
    ['taken out', [a, b], [b], ['object-del a']],
    ['added at the tail', [a], [a, b], ['object-add b all on one.o']],
    ['added at the head', [a], [b, a], ['object-add b all on head behind one.o']],
    ['added between', [a, c], [a, b, c], ['object-add b all on id=a behind one.o']],
    [
      'another program: QEMU has no other way than taking it out and putting it in',
      [a, b, c],
      [a, ubpf('b', { object: 1 }), c],
      ['object-del b', 'object-add b all on id=a behind two.o'],
    ],
    [
      'moved to the head',
      [a, b, c],
      [c, a, b],
      ['object-del c', 'object-add c all on head behind one.o'],
    ],
    [
      'two that change places: one of them is moved',
      [a, b],
      [b, a],
      ['object-del b', 'object-add b all on head behind one.o'],
    ],
    [
      'switched off while it is there',
      [a],
      [ubpf('a', { status: 'off' })],
      ['qom-set /objects/a status off'],
    ],
    [
      'another queue while it is there',
      [a],
      [ubpf('a', { queue: 'rx' })],
      ['qom-set /objects/a queue rx'],
    ],
    [
      'ip-mode back to what it is initially',
      [ubpf('a', { properties: [['ip-mode', 'off']] })],
      [a],
      ['qom-set /objects/a ip-mode true'],
    ],
  ])('%s', (_title, before, after, said) => expect(commands(before, after)).toEqual(said));

  test('a dump that is to write elsewhere is made anew: its file is open already', () => {
    const dump = (file: string): ChainFilter => ({
      ...a,
      kind: 'filter-dump',
      object: undefined,
      properties: [['file', file]],
    });
    expect(stepsBetween([dump('x')], [dump('y')]).map(({ kind }) => kind)).toEqual([
      'remove',
      'add',
    ]);
  });

  test('a swap is named as one; taken out or added alone is none', () => {
    expect([...swappedBy(stepsBetween([a, b], [a, ubpf('b', { object: 1 })]))]).toEqual(['b']);
    expect([...swappedBy(stepsBetween([a, b], [a, c]))]).toEqual([]);
  });
});

test('the steps between any two chains lead from one to the other', () => {
  const random = new Random(5);
  const some = (): ChainFilter[] => {
    const left = ['a', 'b', 'c', 'd', 'e', 'f'];
    const list: ChainFilter[] = [];
    while (left.length > random.below(7)) {
      const [id] = left.splice(random.below(left.length), 1);
      const status = random.below(3) === 0 ? 'off' : 'on';
      list.push(ubpf(id, { object: random.below(2), status }));
    }
    return list;
  };
  for (let round = 0; round < 500; round++) {
    const [before, after] = [some(), some()];
    const steps = stepsBetween(before, after);
    expect(steps.reduce(withStep, before)).toEqual(after);
  }
});
