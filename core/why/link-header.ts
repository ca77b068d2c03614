import { qemuLinkLength } from '../hooks/link-layer.ts';
import { verdictOf } from '../hooks/verdict.ts';
import { dissect } from '../packet/dissect.ts';
import type { Explanation } from '../protocol/messages.ts';
import { endingOf } from '../session/outcome.ts';
import type { Session, Work } from '../session/session.ts';
import { fieldParts, type PacketBits } from './field-parts.ts';
import type { SliceResult } from './slice.ts';

const OPTION = 'ip-mode';

/**
 * With ip-mode=off filter-ubpf hands over the frame from its Ethernet header on. A program that is
 * written for ip-mode=on takes that for the IP header: what it compares are whole fields of the IP
 * header if that began with the frame, and no whole ones, or several at once, of what is there.
 */
export function* linkHeaderChange(
  session: Session,
  result: SliceResult,
): Work<Explanation['option']> {
  if (session.hook !== 'filter-ubpf' || session.options.get(OPTION) !== 'off') return undefined;
  if (!readsAsIp(session.frame, result)) return undefined;
  return yield* session.unrecorded(verdictWithIpMode(session));
}

function readsAsIp(frame: Uint8Array, { branches, value }: SliceResult): boolean {
  const asItIs = dissect(frame, 'ethernet').layers;
  const asRead = dissect(frame.subarray(qemuLinkLength(frame)), 'ip').layers;
  const compared: PacketBits[] = [...branches.map(({ causes }) => causes), value]
    .map(({ packet }) => packet)
    .filter(({ size }) => size > 0);
  const both = compared.map((bits) => ({
    read: fieldParts(asRead, bits),
    there: fieldParts(asItIs, bits),
  }));
  return (
    both.every(({ read }) => read.length > 0 && read.every(({ isWhole }) => isWhole)) &&
    both.some(
      ({ read, there }) => there.length > read.length || there.some(({ isWhole }) => !isWhole),
    )
  );
}

/** What the run comes to with ip-mode=on, where that is another verdict. Changes the machine. */
function* verdictWithIpMode(session: Session): Work<Explanation['option']> {
  const machine = session.machine!;
  const options = new Map([...session.options, [OPTION, 'on'] as const]);
  if (session.beginWith(session.frame, options) !== undefined) return undefined;
  session.advance(session.inputs.settings.maxSteps);
  yield { what: 'looking for what decided it', done: machine.steps };
  if (machine.status === 'running') return undefined;
  const { name, text } = verdictOf(session.hook, endingOf(machine, undefined), options);
  return name === session.outcome!.verdict.name
    ? undefined
    : { name: OPTION, value: 'on', verdict: text };
}

/** What it is, in the headline. */
export const LINK_HEADER_REASON =
  'the program reads the Ethernet header as IP, because ip-mode=off';
