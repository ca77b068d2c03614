import type { PacketChange, Wish } from '../../core/protocol/messages.ts';
import { useSession } from '../stores/session.ts';
import { openTrafficPacket, seekTrafficPacket } from './traffic.ts';
import { wish } from './wish.ts';

/** Selects the packet so many further on, of a capture the one that stands there. */
export function goToPacket(by: 1 | -1): void {
  const { view } = useSession.getState();
  const { open, packets = 0 } = view?.traffic ?? {};
  if (open !== undefined) {
    if (open + by >= 0 && open + by < packets) openTrafficPacket(open + by);
    return;
  }
  const index = (view?.packet ?? 0) + by;
  if (view && index >= 0 && index < view.packetNames.length) wish({ type: 'select-packet', index });
}

type Sought = Extract<Wish, { type: 'seek-packet' }>['what'];

/** Selects the next packet of a kind behind the selected one; says so where there is none. */
export function seekPacket(what: Sought): void {
  const { traffic } = useSession.getState().view ?? {};
  if (traffic?.open === undefined) wish({ type: 'seek-packet', what });
  else seekTrafficPacket(what, traffic.open);
}

export const nextDrop = () => seekPacket('drop');

/** The selected packet once more; with a change, as that makes it. */
export function duplicatePacket(change?: PacketChange): void {
  const { view } = useSession.getState();
  if (view) wish({ type: 'duplicate-packet', index: view.packet, ...(change && { change }) });
}

/** A packet made from its headers, behind the selected one. */
export const addTemplate = (name: string) => wish({ type: 'add-template', name });
