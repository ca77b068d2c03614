import type { MadeChange } from '../cover/changes.ts';
import { cover } from '../cover/cover.ts';
import { coveringInputs } from '../cover/inputs.ts';
import type { KeptPacket } from '../cover/set.ts';
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
function entryWords({ map, key, value, words }: MadeChange): string {
  if (value === undefined) return `${map}[${key}] is taken out`;
  return words ?? `${map}[${key}] = ${value}`;
}

/** What goes before a packet; empty: nothing. */
const beforeWords = ({ done, wait, fill }: KeptPacket): string[] => [
  ...(wait === undefined ? [] : [`${wait} ns pass since the one in front of it came`]),
  ...done.map(entryWords),
  ...(fill === undefined ? [] : [`map ${fill} is filled to its last entry, and stays full`]),
];

const missingWords = ({ pc, taken, text, line, why }: CoverMissing): string =>
  `  ${line ? `${line.file}:${line.line}, ` : ''}instruction ${pc}, ${text}: ` +
  `never ${taken ? 'taken' : 'passed by'}: ${why}`;

/**
 * `run --cover FILE`: packets behind those that are given with which each conditional jump goes
 * both ways, as far as there are any; all of them are written as pcapng, with the times at which
 * they come. Answers the exit status.
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
  const { ways, before, after, lines, given, packets, missing, isTimed } = found;
  const { packets: timed } = coveringInputs(session.inputs, found);
  for (const { name, bytes, time = 0 } of timed)
    out.write({ bytes, time: BigInt(time), wireLength: bytes.length, comment: name });
  out.close();
  if (args.json) {
    const made = packets.map(({ name, bytes, done, time, wait, fill }) => ({
      name,
      length: bytes.length,
      entries: done,
      ...(fill !== undefined && { fill }),
      ...(isTimed && { time: `${time}` }),
      ...(wait !== undefined && { wait: `${wait}` }),
    }));
    const account = { ways, before, after, lines, given, isTimed, packets: made, missing };
    write(JSON.stringify(account));
    return 0;
  }
  write(
    `${after} of ${ways} ways out of conditional jumps are taken by ` +
      `${pluralOf(packets.length, 'packet')}, ${before} by the ${given} that were given`,
  );
  if (lines)
    write(
      `${lines.after} of ${pluralOf(lines.all, 'line')} with such jumps ` +
        `${lines.after === 1 ? 'goes' : 'go'} every way, ${lines.before} before`,
    );
  if (isTimed) write('  the program asks for the time: run the file with --set clock=capture');
  for (const [i, packet] of packets.entries())
    for (const words of beforeWords(packet)) write(`  in front of packet ${i + 1}: ${words}`);
  for (const way of missing) write(missingWords(way));
  return 0;
}
