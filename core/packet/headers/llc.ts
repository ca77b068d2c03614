import { byteAt } from '../../bytes/byte-at.ts';
import { headerAt } from '../../spec/layers.ts';
import { LLC, LLC_CONTROL, SNAP, SNAP_PID, SNAP_TYPE } from '../../spec/protocols.ts';
import { word } from '../words.ts';
import { headerOfType, unknownType } from './ethernet.ts';
import { cutShort, groupNode, type Layer, type Place, readFields, sizeOf } from './layer.ts';

const SNAP_SAP = 0xaa;
const UNNUMBERED = 0x03;

/** IEEE 802.2, and the SNAP header behind it (RFC 1042). */
export function llc(place: Place): Layer {
  const { bytes, start, end } = place;
  const isUnnumbered = start + 2 < end && (byteAt(bytes, start + 2) & UNNUMBERED) === UNNUMBERED;
  const control = LLC_CONTROL[isUnnumbered ? 1 : 2];
  const snap =
    start + 2 < end &&
    bytes[start] === SNAP_SAP &&
    bytes[start + 1] === SNAP_SAP &&
    bytes[start + 2] === UNNUMBERED;
  const organized =
    start + 5 < end && bytes.subarray(start + 3, start + 6).some((byte) => byte !== 0);
  const rows = [
    ...LLC,
    ...control,
    ...(snap ? [...SNAP, ...(organized ? SNAP_PID : SNAP_TYPE)] : []),
  ];
  const short = cutShort(place, 'llc', 'LLC', rows);
  if (short) return short;
  const stop = start + sizeOf(rows);
  const type = snap && !organized ? word(bytes, stop - 2) : undefined;
  const sap = snap ? undefined : headerAt('sap', byteAt(bytes, start));
  return {
    node: groupNode(
      'llc',
      snap ? 'LLC and SNAP' : 'LLC',
      { start, end: stop },
      readFields(bytes, rows, start, stop),
    ),
    summary: type === undefined ? 'LLC' : unknownType(type),
    checksums: [],
    next: {
      header: type !== undefined ? headerOfType(type) : (sap ?? 'data'),
      start: stop,
      end,
      ...(place.quoted && { quoted: true }),
    },
  };
}
