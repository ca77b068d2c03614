import type { ExpectationRow, ExpectedEntries } from '../../core/protocol/messages.ts';
import { download } from '../browser/download.ts';
import { brokenLine, brokenWords, hasBroken } from '../stores/expectations.ts';
import { useSession } from '../stores/session.ts';
import { dismissNotice, notify, toast } from '../stores/ui.ts';
import { attempt, wish } from './wish.ts';

/** What is asked beside verdicts stays as it was chosen, or as a file has it. */
const chosen = () => useSession.getState().view?.expected ?? { packetOut: false, maps: false };

/** What every packet comes to now is what it must come to from here on. */
export const keepTests = (asked: Partial<ReturnType<typeof chosen>> = {}) =>
  wish({ type: 'keep-expectations', ...chosen(), ...asked });

/** Another verdict is expected of a packet; a text: why not. */
export const expectVerdict = (packet: number, verdict: string) =>
  attempt({ type: 'set-expectation', packet, verdict });

/** What entries of maps must be behind a packet, as a person writes it. */
export async function entriesExpected(packet: number): Promise<ExpectedEntries['entries']> {
  const reply = await wish({ type: 'expected-entries', packet });
  return reply.kind === 'done' && reply.value?.kind === 'expected-entries'
    ? reply.value.entries
    : [];
}

/** Another key or value is expected; a text: why not. */
export const expectEntry = (packet: number, index: number, part: 'key' | 'value', text: string) =>
  attempt({ type: 'set-expected-entry', packet, index, part, text });

export const dropTests = () => wish({ type: 'drop-expectations' });

export async function saveTests(): Promise<void> {
  const reply = await wish({ type: 'save-tests' });
  if (reply.kind !== 'done' || reply.value?.kind !== 'text-file') return;
  const { name, text } = reply.value;
  download({ name, bytes: new TextEncoder().encode(text) });
}

/** Selects the next packet whose expectation broke, from the first one on behind the last. */
export function nextBroken(): void {
  const { view } = useSession.getState();
  const broken = view?.expectations.filter(hasBroken) ?? [];
  const next = broken.find(({ packet }) => packet > (view?.packet ?? 0)) ?? broken[0];
  if (next) wish({ type: 'select-packet', index: next.packet });
  else toast(view?.expectations.length ? 'Every expectation is met' : 'Nothing is expected yet');
}

/** Says what broke when other expectations break than before; nothing while all are met. */
export function tellBroken(): void {
  let told = '';
  useSession.subscribe(({ view }, before) => {
    if (!view || view.expectations === before.view?.expectations) return;
    const broken = view.expectations.filter(hasBroken);
    const now = broken.map(brokenLine).join('\n');
    if (now === told) return;
    told = now;
    const [first] = broken;
    const words = brokenWords(view.expectations);
    if (first === undefined || words === undefined) dismissNotice('tests');
    else
      notify({
        topic: 'tests',
        ...words,
        actions: [{ label: `Show packet ${first.packet + 1}`, act: () => showBroken(first) }],
      });
  });
}

const showBroken = ({ packet }: ExpectationRow) => wish({ type: 'select-packet', index: packet });
