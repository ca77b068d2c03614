import { fromHex } from '../bytes/hex.ts';
import { present } from '../errors.ts';
import { changedSettings } from '../session/defaults.ts';
import { variableViews } from '../session/global-values.ts';
import type { Session } from '../session/session.ts';
import type { Expectation, MapPreset, SessionInputs } from '../session/types.ts';
import { writtenPacket } from './packet-text.ts';
import { TEST_FILE, TEST_VERSION } from './upgrade.ts';

/** A session's packets and expectations as a test file, and what it has no room for. */
export interface WrittenTests {
  readonly text: string;
  readonly left: readonly string[];
}

/** Empty lists say nothing. */
const some = <T>(list: readonly T[] | undefined): list is readonly T[] =>
  list !== undefined && list.length > 0;

/** Reading it again gives a session that comes to the same. */
export function writeTests(session: Session): WrittenTests {
  const { inputs, program } = session;
  const { hook, options, context, network, externs, kernelTypes, mapSizes } = inputs;
  const { each, ...others } = inputs.settings;
  const settings = changedSettings(others);
  const { globals, maps } = entriesBefore(session);
  const file = {
    [TEST_FILE]: TEST_VERSION,
    object: inputs.object.name,
    ...(program && { program: program.name }),
    ...(hook && { hook }),
    ...(some(options) && { options: Object.fromEntries(options) }),
    ...(some(context) && { context: Object.fromEntries(context) }),
    ...(each === 'fresh' && { each }),
    ...(settings && { settings }),
    ...(network && { network }),
    ...(typeof kernelTypes === 'string' && { kernelTypes }),
    ...(some(externs) && { externs: Object.fromEntries(externs) }),
    ...(some(globals) && { globals: Object.fromEntries(globals) }),
    ...(some(mapSizes) && { mapSizes }),
    ...(some(maps) && { maps: maps.map(presetRow) }),
    packets: inputs.packets.map((packet, index) => packetRow(inputs, packet, index)),
  };
  return { text: `${JSON.stringify(file, null, 2)}\n`, left: leftOut(inputs) };
}

const presetRow = ({ map, key, value, cpu }: MapPreset) => ({
  map,
  key,
  value: value ?? null,
  ...(cpu !== undefined && { cpu }),
});

/** Global variables by their names, which outlive where a rebuilt object puts them. */
function entriesBefore(session: Session): { globals: [string, string][]; maps: MapPreset[] } {
  const { maps } = session.inputs;
  const changed = variableViews(session).filter((variable) => variable.changed);
  const isNamed = (map: string): boolean =>
    changed.every((variable) => variable.map !== map || variable.input !== undefined);
  const byName = changed.filter(({ map }) => isNamed(map));
  const sections = new Set(byName.map(({ map }) => map));
  return {
    globals: byName.map(({ name, input }) => [name, present(input, `the value of ${name}`)]),
    maps: maps.filter(({ map }) => !sections.has(map)),
  };
}

function packetRow(
  { notes = [], expectations = [] }: SessionInputs,
  { name, bytes, time }: SessionInputs['packets'][number],
  index: number,
) {
  const note = notes.find(({ packet, step }) => packet === index && step === 0);
  const expectation = expectations.find(({ packet }) => packet === index);
  return {
    name,
    ...(note && { note: note.text }),
    ...(time !== undefined && { time }),
    packet: writtenPacket(bytes),
    ...(expectation && { expect: expectRow(expectation) }),
  };
}

function expectRow({ verdict, r0, packetOut, maps, fault }: Expectation) {
  const out = packetOut === undefined ? undefined : fromHex(packetOut);
  return {
    ...(verdict !== undefined && { verdict }),
    ...(r0 !== undefined && { r0 }),
    ...(fault && { fault }),
    ...(out && { packet: writtenPacket(out) }),
    ...(some(maps) && { maps }),
  };
}

function leftOut({ edits, notes = [], kernelTypes, capture, packets }: SessionInputs): string[] {
  const handed = packets.filter((packet) => packet.handed).length;
  const later = notes.filter(({ step }) => step > 0).length;
  return [
    ...(some(edits) ? [`changes made in mid-run (${edits.length})`] : []),
    ...(later > 0 ? [`notes behind the first step (${later})`] : []),
    ...(typeof kernelTypes === 'object' ? [`the kernel types of ${kernelTypes.name}`] : []),
    ...(handed > 0 ? [`what other programs of the hook left of packets (${handed})`] : []),
    ...(capture?.partial ? [`a part of what maps held at packet ${capture.packet}`] : []),
  ];
}
