import { fromHex } from '../bytes/hex.ts';

/**
 * Frames by hand, with another number in every address and port, so that no two places can be mixed
 * up.
 */
const DESTINATION = '021111111111';
const SOURCE = '022222222222';
const IP4 = (protocol: string, header = '45') =>
  `${header}00002c000100004006abcd0a00000114000002`.replace('4006', `40${protocol}`);
const IP6 = (next: string) =>
  `600000000018${next}40${'20010db8000000010000000000000011'}${'20010db8000000020000000000000022'}`;
const TCP = '1f90c35000000001000000025012721000000000aabbccdd';
const UDP = '003512340010000001020304050607080910111213141516';

export const frame = (hex: string): Uint8Array => fromHex(hex)!;
const linked = (type: string, rest: string): Uint8Array =>
  frame(`${DESTINATION}${SOURCE}${type}${rest}`);

/** 10.0.0.1:8080 -> 20.0.0.2:50000, four bytes of payload. */
export const TCP4 = linked('0800', `${IP4('06')}${TCP}`);
/** Port 53 -> 4660. */
export const UDP4 = linked('0800', `${IP4('11')}${UDP}`);
export const ICMP4 = linked('0800', `${IP4('01')}0800f7fd00010001`);
/** 2001:db8:0:1::11 -> 2001:db8:0:2::22. */
export const TCP6 = linked('86dd', `${IP6('06')}${TCP}`);
export const UDP6 = linked('86dd', `${IP6('11')}${UDP}`);
export const ARP = linked('0806', '00'.repeat(28));
/** 802.3 with a length in place of a type. */
export const LLC = linked('0026', `424203${'00'.repeat(35)}`);
export const TAGGED = linked('81000064', `0800${IP4('06')}${TCP}`);
export const TAGGED_TWICE = linked('88a80001', `81000064${'0800'}${IP4('11')}${UDP}`);
/** An IPv4 header of 24 bytes, one option. */
export const OPTIONS4 = linked('0800', `${IP4('06', '46')}01010101${TCP}`);
