import { cover } from '../cover/cover.ts';
import type { Candidate } from '../cover/set.ts';
import { InputError } from '../errors.ts';
import { MAX_PACKETS } from '../packet/limits.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import type { CoverMissing } from '../protocol/messages.ts';
import { finish } from '../session/session.ts';
import type { Arguments } from './arguments.ts';
import { CaptureWriter } from './capture-files.ts';
import { sessionInputs, sessionOf } from './set-up.ts';

type Write = (line: string) => void;

/** An entry that has to be put into a map in front of a packet, and what takes it out. */
const entryWords = ({ map, key, value }: Candidate['entries'][number]): string =>
  value === undefined ? `${map}[${key}] is taken out` : `${map}[${key}] = ${value}`;

const missingWords = ({ pc, taken, text, line, why }: CoverMissing): string =>
  `  ${line ? `${line.file}:${line.line}, ` : ''}instruction ${pc}, ${text}: ` +
  `never ${taken ? 'taken' : 'passed by'}: ${why}`;

/**
 * `run --cover FILE`: packets behind those that are given with which each conditional jump goes
 * both ways, as far as there are any; all of them are written as pcapng. Answers the exit status.
 */
export async function coverCommand(args: Arguments, write: Write, note: Write): Promise<number> {
  const path = args.cover!;
  const inputs = await sessionInputs(args, note, MAX_PACKETS);
  const session = await sessionOf(args, inputs);
  if (session.program === undefined)
    throw new InputError(session.object.name, 'has no program to cover');
  const linear = new WebAssembly.Memory({ initial: 1 });
  const found = finish(cover(session.inputs, linear, session.object));
  const out = new CaptureWriter(path, args.pcap ?? args.packetFile, '--cover');
  for (const { name, bytes } of found.packets)
    out.write({ bytes, time: 0n, wireLength: bytes.length, comment: name });
  out.close();
  const { ways, before, after, given, packets, missing } = found;
  if (args.json) {
    const made = packets.map(({ name, bytes, entries }) => ({
      name,
      length: bytes.length,
      entries,
    }));
    write(JSON.stringify({ ways, before, after, given, packets: made, missing }));
    return 0;
  }
  write(
    `${after} of ${ways} ways out of conditional jumps are taken by ` +
      `${pluralOf(packets.length, 'packet')}, ${before} by the ${given} that were given`,
  );
  for (const [i, { entries }] of packets.entries())
    for (const entry of entries) write(`  in front of packet ${i + 1}: ${entryWords(entry)}`);
  for (const way of missing) write(missingWords(way));
  return 0;
}
