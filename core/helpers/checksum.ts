/**
 * Internet checksum arithmetic as the kernel does it (include/net/checksum.h, lib/checksum.c). A
 * partial sum is a 32-bit one's-complement number of 16-bit words in the order of the machine's
 * memory.
 */
const fold16 = (sum: number): number => {
  const once = (sum & 0xffff) + (sum >>> 16);
  return ((once & 0xffff) + (once >>> 16)) & 0xffff;
};

/** csum_add: one's-complement addition of 32-bit partial sums. */
export function csumAdd(a: number, b: number): number {
  const sum = (a >>> 0) + (b >>> 0);
  return (sum > 0xffff_ffff ? sum - 0xffff_ffff : sum) >>> 0;
}

export const csumSub = (a: number, b: number): number => csumAdd(a, ~b >>> 0);

/** csum_fold: the checksum a partial sum stands for. */
export const csumFold = (sum: number): number => ~fold16(sum >>> 0) & 0xffff;

/** csum_from32to16: the same without inverting. */
export const csumFrom32To16 = (sum: number): number => fold16(sum >>> 0);

/** csum_partial: adds bytes to a partial sum; an odd last byte is the first of its word. */
export function csumPartial(bytes: Uint8Array, sum: number, littleEndian: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let total = sum >>> 0;
  for (let i = 0; i + 1 < bytes.length; i += 2)
    total = csumAdd(total, view.getUint16(i, littleEndian));
  if (bytes.length % 2 === 1)
    total = csumAdd(total, littleEndian ? bytes[bytes.length - 1] : bytes[bytes.length - 1] << 8);
  return total;
}

/** csum_replace4: a checksum after a 32-bit word of what it covers changed. */
export const csumReplace4 = (checksum: number, from: number, to: number): number =>
  csumFold(csumAdd(csumSub(~checksum >>> 0, from), to));

/** csum16_add and csum16_sub: one's-complement addition in 16 bits. */
const csum16Add = (a: number, b: number): number => {
  const sum = (a + b) & 0xffff;
  return (sum + (sum < b ? 1 : 0)) & 0xffff;
};

/** csum_replace2: a checksum after a 16-bit word of what it covers changed. */
export const csumReplace2 = (checksum: number, from: number, to: number): number =>
  ~csum16Add(csum16Add(~checksum & 0xffff, ~from & 0xffff), to) & 0xffff;

/** csum_replace_by_diff: a checksum after a difference from bpf_csum_diff. */
export const csumReplaceByDiff = (checksum: number, diff: number): number =>
  csumFold(csumAdd(diff, ~checksum >>> 0));
