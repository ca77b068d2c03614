// npm run compare:filters -- [--record]
// Every display filter of core/testdata/packets/filters.txt over the captures beside it, by tshark
// and here: prints what differs in packets that both take apart into the same headers. --record
// writes tshark's answers, which the tests read.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  answerHere,
  asRanges,
  comparable,
  comparedPackets,
  FILTERED,
  type FilterAnswer,
  filteredPackets,
  filterTexts,
} from '../testing/filters.ts';
import { pcapOf } from '../testing/pcap.ts';
import { filterByTshark, headersByTshark, tsharkVersion } from '../testing/tshark.ts';

const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } });

const packets = filteredPackets();
const path = join(mkdtempSync(join(tmpdir(), 'filters-')), 'packets.pcap');
writeFileSync(path, pcapOf(packets));

const headers = headersByTshark(path);
const answers: FilterAnswer[] = [];
let different = 0;
for (const filter of filterTexts()) {
  const theirs = asRanges(filterByTshark(path, filter));
  answers.push({ filter, packets: theirs });
  const { numbers } = comparedPackets(filter, packets, headers);
  const [there, here] = [theirs, answerHere(filter, packets)].map((ranges) =>
    comparable(ranges, numbers),
  );
  if (here === there) continue;
  different++;
  console.log(`${filter}\n  tshark ${there}\n  here   ${here}`);
}
if (values.record)
  writeFileSync(
    join(FILTERED, 'filters.json'),
    `{"headers": ${JSON.stringify(headers, undefined, 0)},\n"answers": [\n` +
      `${answers.map((answer) => JSON.stringify(answer)).join(',\n')}\n]}\n`,
  );
console.log(`${tsharkVersion()}\n${answers.length} filters, ${different} answered otherwise`);
