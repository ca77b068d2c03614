// npm run why:random -- [--count 1000] [--from 1] Random programs over every hook and context, with
// helpers and maps of every kind: each is explained, and all that was not named is changed, one
// thing at a time. A seed whose verdict changes is printed; then how much was changed.
import { parseArgs } from 'node:util';
import { type Checked, checkCauses } from '../testing/compare-causes.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } },
});
const wanted = Number(values.count);
const first = Number(values.from);

const add = (sums: Map<string, number>, name: string, count: number) =>
  sums.set(name, (sums.get(name) ?? 0) + count);
const list = (sums: ReadonlyMap<string, number>): string =>
  [...sums]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count.toLocaleString('en')}`)
    .join(', ');

const [hooks, left, changes, named] = [0, 0, 0, 0].map(() => new Map<string, number>());
const wrong: Checked[] = [];
let checked = 0;
let seed = first;
for (; checked < wanted; seed++) {
  const result = checkCauses(seed);
  if (result.left !== undefined) {
    add(left, result.left.replace(/\d+/g, 'N'), 1);
    continue;
  }
  checked += 1;
  add(hooks, result.hook, 1);
  for (const [kind, count] of result.changes) add(changes, kind, count);
  for (const [kind, count] of result.named) add(named, kind, count);
  if (result.wrong.length === 0) continue;
  wrong.push(result);
  if (wrong.length <= 10)
    console.log(`seed ${result.seed} (${result.hook})\n  ${result.wrong.slice(0, 3).join('\n  ')}`);
}
const all = [...changes.values()].reduce((sum, count) => sum + count, 0);
const [tried, turned] = [named.get('tried') ?? 0, named.get('turned') ?? 0];
named.delete('tried');
named.delete('turned');
console.log(`seeds ${first} to ${seed - 1}: ${checked} programs explained (${list(hooks)})`);
console.log(`changed without being named: ${all.toLocaleString('en')} (${list(changes)})`);
console.log(
  `named: ${list(named)}; of ${tried} named bytes changed at random ${turned} gave another verdict`,
);
if (left.size > 0) console.log(`left out: ${list(left)}`);
console.log(`${wrong.length} programs whose verdict was changed by what was not named`);
if (wrong.length > 0)
  console.log(
    `seeds: ${wrong
      .slice(0, 500)
      .map((result) => result.seed)
      .join(' ')}`,
  );
process.exitCode = wrong.length === 0 ? 0 : 1;
