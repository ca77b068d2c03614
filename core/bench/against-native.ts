// Filters over many packets: compiled code as the product runs it, against what gcc -O2 makes of
// the same C in a process of its own.
import { FILTERS, type Filter } from './filters.ts';
import { geometricMean, median } from './measure.ts';
import { NativeFilter, whyNoNative } from './native.ts';

const ROUNDS = 41;
const WARM_UP = 25;

/** A time that a lane has. `isPart`: of what native code has nothing to compare with. */
export interface Column {
  readonly label: string;
  readonly isPart?: true;
}

/** Something that runs a filter over its packets. */
export interface Lane {
  readonly columns: readonly Column[];
  /** Nanoseconds of a packet, by column. */
  round(): Promise<readonly number[]>;
  sum(): Promise<string>;
  close(): unknown;
}

function nativeLane(filter: Filter): Lane {
  const native = new NativeFilter(filter);
  const { length } = filter.packets();
  return {
    columns: [{ label: 'native' }],
    round: async () => [await native.round(length)],
    sum: () => native.sum(),
    close: () => native.close(),
  };
}

/** Rounds of all lanes in turns: ns by column, and the median of each one's ratio to the first. */
async function measure(lanes: readonly Lane[]) {
  const rounds: number[][] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const times: number[] = [];
    for (const lane of lanes) times.push(...(await lane.round()));
    if (round >= 0) rounds.push(times);
  }
  const columns = lanes.flatMap((lane) => lane.columns);
  return columns.map((column, i) => ({
    ...column,
    ns: median(rounds.map((times) => times[i])),
    ratio: median(rounds.map((times) => times[i] / times[0])),
  }));
}

type Measured = Awaited<ReturnType<typeof measure>>;

async function measureFilter(
  filter: Filter,
  makeLanes: (filter: Filter) => Promise<Lane[]>,
): Promise<Measured> {
  const others = await makeLanes(filter);
  const lanes = whyNoNative() === undefined ? [nativeLane(filter), ...others] : others;
  try {
    const sums = await Promise.all(lanes.map((lane) => lane.sum()));
    if (sums.some((sum) => sum !== sums[0]))
      throw new Error(
        `${filter.name}: ${lanes.map(({ columns: [{ label }] }, i) => `${label} ${sums[i]}`)}`,
      );
    return await measure(lanes);
  } finally {
    for (const lane of lanes) lane.close();
  }
}

function printRow(name: string, row: Measured): void {
  const cells = row.map(({ ns, ratio, isPart }, i) => {
    const time = ns.toFixed(1).padStart(10);
    return i === 0 || isPart ? time : `${time} ${`[${ratio.toFixed(2)}]`.padStart(9)}`;
  });
  console.log(`${name.padEnd(13)} ${cells.join('  ')}`);
}

/** Measures every filter and prints it. `makeLanes`: what runs it beside native code. */
export async function againstNative(
  makeLanes: (filter: Filter) => Promise<Lane[]>,
  names: readonly string[] = [],
): Promise<void> {
  const why = whyNoNative();
  if (why !== undefined) console.log(`\n${why}`);
  console.log(`\nns per packet [times the first column; medians of ${ROUNDS} alternating rounds]`);
  const wanted = FILTERS.filter(({ name }) => names.length === 0 || names.includes(name));
  const rows: Measured[] = [];
  for (const filter of wanted) {
    const row = await measureFilter(filter, makeLanes);
    if (rows.length === 0) {
      const labels = row.map(({ label, isPart }, i) => label.padStart(i === 0 || isPart ? 10 : 20));
      console.log(`${'filter'.padEnd(13)} ${labels.join('  ')}`);
    }
    printRow(filter.name, row);
    rows.push(row);
  }
  if (why !== undefined) return;
  for (const [i, { label, isPart }] of rows[0].entries())
    if (i > 0 && !isPart) {
      const ratios = rows.map((row) => row[i].ratio);
      const [mean, worst] = [geometricMean(ratios), Math.max(...ratios)];
      console.log(`${label}: geometric mean ${mean.toFixed(2)}, worst ${worst.toFixed(2)}`);
    }
}
