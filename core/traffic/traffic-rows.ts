import type { CaptureIndex } from '../packet/capture/capture-index.ts';
import { dissect } from '../packet/dissect.ts';
import type { FieldNode, LinkType } from '../packet/types.ts';
import type { TrafficRow } from '../protocol/traffic.ts';
import type { OtherOutcomes } from './other-outcomes.ts';
import { CHANGED, type Outcomes, RAN } from './outcomes.ts';

/** Fields that say where a packet comes from and goes to; the innermost that it has. */
const ENDS: readonly (readonly [source: string, destination: string])[] = [
  ['ip.src', 'ip.dst'],
  ['ipv6.src', 'ipv6.dst'],
  ['arp.src.proto_ipv4', 'arp.dst.proto_ipv4'],
  ['eth.src', 'eth.dst'],
];

/** What is behind the headers is no protocol. */
const isHeader = ({ name, children }: FieldNode): boolean => name !== 'data' && children.length > 0;

function endsOf(layers: readonly FieldNode[]): readonly [string, string] {
  for (const layer of [...layers].reverse())
    for (const names of ENDS) {
      const [source, destination] = names.map((name) =>
        layer.children.find((field) => field.name === name),
      );
      if (source && destination) return [source.text, destination.text];
    }
  return ['', ''];
}

/** A packet of a capture as the list shows it. */
export function trafficRow(
  place: number,
  frame: Uint8Array,
  link: LinkType,
  index: CaptureIndex,
  outcomes: Outcomes | undefined,
  others?: OtherOutcomes,
): TrafficRow {
  const { layers, summary } = dissect(frame, link);
  const [source, destination] = endsOf(layers);
  const time = index.timeOf(place);
  const known = outcomes && place < outcomes.length ? outcomes : undefined;
  return {
    index: place,
    ...(time !== undefined && { time: Number(time - (index.firstTime ?? time)) / 1e9 }),
    source,
    destination,
    protocol: layers.findLast(isHeader)?.label ?? '',
    length: index.wireLengthOf(place, frame.length),
    info: summary,
    ...(known && { verdict: known.verdicts[known.verdictOf(place)] }),
    ...(known?.has(place, RAN) && { steps: known.stepsOf(place) }),
    faulted: known?.faultOf(place) !== undefined,
    changed: known?.has(place, CHANGED) ?? false,
    ...(others &&
      place < others.length && {
        other: { ...others.verdictOf(place), differs: others.isOther(place) },
      }),
  };
}
