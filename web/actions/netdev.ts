/** What a person does with a netdev, its filters and what flows through them. */
import type {
  ChainChange,
  ChainOrder,
  ChainSpeed,
  ChainTraffic,
  DropRow,
} from '../../core/protocol/messages.ts';
import { downloadBlob } from '../browser/download.ts';
import { announce, setLayout, toast } from '../stores/ui.ts';
import { count, plural } from '../ui/format.ts';
import { attempt, wish } from './wish.ts';

/** Another chain; a message over the page says why not. */
export async function changeChain(change: ChainChange, said?: string): Promise<void> {
  const reply = await wish({ type: 'chain-change', change });
  if (reply.kind === 'done' && said !== undefined) announce(said);
}

/** The same for what was typed into a field, where the reason is said. */
export const tellFilter = (id: string, property: string, value: string) =>
  attempt({ type: 'chain-change', change: { kind: 'set', id, property, value } });

export const setTraffic = (traffic: ChainTraffic): Promise<string | undefined> =>
  attempt({ type: 'chain-change', change: { kind: 'traffic', traffic } });

export const orderChain = (order: ChainOrder) => wish({ type: 'chain-order', order });

export const setChainSpeed = (speed: ChainSpeed) => wish({ type: 'chain-speed', speed });

/** An object that somebody chose, for a filter. */
export const programFile = async (file: File) => ({
  name: file.name,
  bytes: new Uint8Array(await file.arrayBuffer()),
});

/** Debugs a packet that was dropped, with the program that dropped it. */
export async function debugDrop(row: DropRow): Promise<void> {
  const { packet, id, version, direction } = row;
  const drop = { packet, id, version, direction };
  const reply = await wish({ type: 'chain-open', drop }, 'chain-open');
  if (reply.kind !== 'done' || !reply.snapshot) return;
  setLayout('debug');
  announce(`Packet ${count(packet)}, with the program that dropped it`);
}

/** Keeps what a dump has written as a file. */
export async function saveDump(filter: string): Promise<void> {
  const reply = await wish({ type: 'chain-dump', filter });
  const value = reply.kind === 'done' ? reply.value : undefined;
  if (value?.kind !== 'blob-file') return;
  downloadBlob(value.name, value.blob);
  toast(`${value.name} has ${plural(value.packets, 'packet')}`);
}
