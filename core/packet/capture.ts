import { InputError } from '../errors.ts';
import type { CapturedPacket } from './capture-file.ts';
import { LINK_LAYERS, linkName } from './link-types.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';
import { plural } from './text-place.ts';
import type { LinkType, Packet } from './types.ts';

export const isCapture = (bytes: Uint8Array): boolean => isPcap(bytes) || isPcapng(bytes);

/** Packets of a pcap or pcapng file as Ethernet frames; other link layers are rebuilt and said, or refused by name. */
export function readCapture(name: string, bytes: Uint8Array): { packets: Packet[]; link: LinkType; notes: string[] } {
  if (!isCapture(bytes)) throw new InputError(name, 'is neither a pcap nor a pcapng file');
  const { packets: captured, notes: fileNotes } = isPcap(bytes) ? readPcap(name, bytes) : readPcapng(name, bytes);
  if (captured.length === 0) throw new InputError(name, ['has no packets', ...fileNotes].join('. '));
  const rebuilt = new Map<string, number>();
  const refused = new Map<string, number>();
  const packets: Packet[] = [];
  for (const [i, packet] of captured.entries()) {
    const frame = LINK_LAYERS.get(packet.linkType)?.toEthernet?.(packet.bytes);
    const link = linkName(packet.linkType);
    if (frame === undefined) refused.set(link, (refused.get(link) ?? 0) + 1);
    else packets.push(toPacket(`${name} #${i + 1}`, packet, frame));
    if (frame !== undefined && frame !== packet.bytes) rebuilt.set(link, (rebuilt.get(link) ?? 0) + 1);
  }
  if (packets.length === 0) {
    throw new InputError(
      name,
      `holds ${[...refused.keys()].join(' and ')} packets, which cannot be shown as Ethernet frames`,
    );
  }
  const notes = [
    ...[...rebuilt].map(([link, count]) => `Ethernet header made up for ${plural(count, 'packet')} of ${link}.`),
    ...[...refused].map(([link, count]) => `${plural(count, 'packet')} of ${link} left out.`),
    ...fileNotes,
  ];
  return { packets, link: 'ethernet', notes };
}

function toPacket(name: string, { bytes, timestamp, originalLength }: CapturedPacket, frame: Uint8Array): Packet {
  const cut = originalLength > bytes.length;
  return {
    name,
    bytes: frame,
    ...(timestamp !== undefined && { timestamp }),
    ...(cut && { originalLength: originalLength + frame.length - bytes.length }),
  };
}
