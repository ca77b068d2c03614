/** What a person does with a capture that is too large for a session. */
import type { Reply, TrafficErrand, TrafficOrder, Wish } from '../../core/protocol/messages.ts';
import { downloadBlob } from '../browser/download.ts';
import { announce, toast } from '../stores/ui.ts';
import { plural } from '../ui/format.ts';
import { wish } from './wish.ts';

type Value = NonNullable<Extract<Reply, { kind: 'done' }>['value']>;
type Sought = Extract<Wish, { type: 'traffic-seek' }>['what'];

/** Of several that are asked for while one is on the way, the last is opened. */
export const openTrafficPacket = (packet: number) =>
  wish({ type: 'traffic-open', packet }, 'traffic-open');

const MISSING: Readonly<Record<Sought, string>> = {
  drop: 'No packet behind this one that has run is dropped',
  fault: 'No packet behind this one that has run faults',
  change: 'Every packet behind this one that has run has its verdict',
  difference: 'No packet behind this one that was compared differs',
};

/** Opens the next packet of a kind; says so where there is none. */
export async function seekTrafficPacket(what: Sought, behind: number): Promise<void> {
  const found = await asked({ type: 'traffic-seek', behind, what }, 'traffic-place');
  if (found?.packet === undefined) toast(MISSING[what]);
  else await openTrafficPacket(found.packet);
}

export const orderTraffic = (order: TrafficOrder, engine?: string) =>
  wish({ type: 'traffic-order', order, ...(engine !== undefined && { engine }) });

/** Clock of the programs: a change of the set-up, with which the capture runs again. */
export async function setTrafficClock(clock: 'gap' | 'capture'): Promise<void> {
  const reply = await wish({ type: 'set-settings', settings: { clock } });
  if (reply.kind === 'done') await orderTraffic('again');
}

export const sendErrand = (errand: TrafficErrand) => wish({ type: 'traffic-errand', errand });

/** What the last errand came to; a file is handed on at once. */
export async function fetchResult(): Promise<Value | undefined> {
  const reply = await wish({ type: 'traffic-result' });
  const value = reply.kind === 'done' ? reply.value : undefined;
  if (value?.kind !== 'blob-file') return value;
  downloadBlob(value.name, value.blob);
  const words = `${value.name} has ${plural(value.packets, 'packet')}`;
  toast(words);
  announce(words);
  return undefined;
}

/** Keeps the report of a comparison as a file. */
export const saveReport = (report: string): void =>
  downloadBlob('comparison.md', new Blob([report], { type: 'text/markdown' }));

/** What a wish asks for, where it is that. */
export async function asked<Kind extends Value['kind']>(
  what: Wish,
  kind: Kind,
  key?: string,
): Promise<Extract<Value, { kind: Kind }> | undefined> {
  const reply = await wish(what, key);
  const value = reply.kind === 'done' ? reply.value : undefined;
  return value?.kind === kind ? (value as Extract<Value, { kind: Kind }>) : undefined;
}
