// npm run mutation -- core/hooks [more folders or files] [--seed 1] [--count 30] [--near] Makes
// small changes to the code one at a time and runs the tests that reach the place. What no test
// sees is listed: a missing test, or a change that makes no difference (then it belongs into
// core/tools/mutation/equivalent.json, with why).
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Random } from '../../testing/random.ts';
import { Compiler } from './compiler.ts';
import { equivalentTo, inOneLine } from './equivalent.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { type Outcome, Runner } from './runner.ts';
import { sampled } from './sample.ts';

const { values, positionals } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '30' },
    near: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

/** Sources of the folders named, without tests, generated files and what is not shipped. */
const sources = execFileSync('git', ['ls-files', ...positionals], { encoding: 'utf8' })
  .split('\n')
  .filter(
    (file) =>
      /\.tsx?$/.test(file) &&
      !/\.(test|generated|d)\.tsx?$|^core\/(tools|testing|bench)\//.test(file),
  );

const shown = (text: string): string =>
  inOneLine(text).length > 70 ? `${inOneLine(text).slice(0, 69)}…` : inOneLine(text);
const nameOf = (mutant: Mutant): string =>
  `${mutant.file}:${mutant.line}  ${mutant.kind}: ${shown(mutant.from)} -> ${shown(mutant.to)}`;

const all = sources.flatMap((file) => mutantsOf(file, readFileSync(file, 'utf8')));
if (all.length === 0)
  throw new Error(`nothing to change in ${positionals.join(', ') || 'no folder: name one'}`);
const compiler = new Compiler();
const { mutants, refused } = sampled(
  all,
  Number(values.count),
  new Random(Number(values.seed)),
  (mutants) => compiler.accepted(mutants),
);
compiler.dispose();
console.log(
  `${all.length} changes possible; ${mutants.length} taken with ` +
    `seed ${values.seed}, ${refused} more do not compile`,
);

const runner = new Runner(mutants);
const outcomes = new Map<number, Outcome>();
// The tests of a file's own folder see most of what is changed in it: only what is left is shown to
// all others, and with
// --near to none.
for (const own of values.near ? [true] : [true, false]) {
  const left = mutants.filter(
    (mutant) => !equivalentTo(mutant) && !outcomes.get(mutant.id)?.killed,
  );
  if (left.length === 0) break;
  const failing = await runner.prepare(own);
  if (failing.length > 0)
    console.log(`fail without a change, and see nothing: ${failing.join(', ')}`);
  for (const mutant of left) {
    const outcome = await runner.try(mutant);
    const reached = outcome.reached || (outcomes.get(mutant.id)?.reached ?? false);
    outcomes.set(mutant.id, { ...outcome, reached });
    if (outcome.killed) console.log(`killed      ${nameOf(mutant)}  by ${outcome.by}`);
    else if (own) console.log(`not near    ${nameOf(mutant)}`);
  }
}
runner.end();

const rows = new Map<string, { killed: number; survived: number; equivalent: number }>();
for (const mutant of mutants) {
  const folder = mutant.file.split('/').slice(0, 2).join('/');
  const row = rows.get(folder) ?? { killed: 0, survived: 0, equivalent: 0 };
  rows.set(folder, row);
  const known = equivalentTo(mutant);
  const outcome = outcomes.get(mutant.id);
  if (known) row.equivalent += 1;
  else if (outcome?.killed) row.killed += 1;
  else row.survived += 1;
  if (known) console.log(`equivalent  ${nameOf(mutant)}  (${known.why})`);
  else if (!outcome?.killed)
    console.log(`SURVIVED    ${nameOf(mutant)}${outcome?.reached ? '' : '  (no test comes here)'}`);
}

console.log('\nfolder | killed / counted | seen | survived | equivalent');
for (const [folder, { killed, survived, equivalent }] of [...rows].sort()) {
  const counted = killed + survived;
  const seen = counted === 0 ? '-' : `${Math.round((100 * killed) / counted)} %`;
  console.log(`${folder} | ${killed} / ${counted} | ${seen} | ${survived} | ${equivalent}`);
}
