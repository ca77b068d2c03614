import { fromBase64, toBase64Url } from '../bytes/base64.ts';
import { deflate, inflate } from '../bytes/compression.ts';
import { InputError } from '../errors.ts';
import { DEFAULT_SETTINGS } from '../session/defaults.ts';
import type { SessionInputs } from '../session/types.ts';
import { readKernelTypes, writeKernelTypes } from './kernel-types.ts';
import { type Manifest, parseManifest } from './manifest.ts';

/**
 * What leaves the page: a session's inputs, never its state. A version in front, then deflate-raw
 * over
 *
 *     4 bytes          that many      the rest
 *     manifest length | manifest JSON | object, then packets, one after the other
 *
 * (length big endian). A link is `v1.` and base64url of it; a snapshot file the line FILE_MAGIC and
 * the same bytes.
 */
export const LINK_VERSION = 1;
const FILE_MAGIC = 'ebpf-playground session v1\n';
/** Largest link text, and largest session it may unpack to. */
const MAX_LINK = 4 * 1024 * 1024;
const MAX_UNPACKED = 64 * 1024 * 1024;

/** A session to be sent: its inputs and the hash of what they come to. */
export interface Shared {
  readonly inputs: SessionInputs;
  /** Session.hash: of what the selected packet's run comes to; empty where it did not end. */
  readonly hash: string;
}

const inflateSession = (bytes: Uint8Array, place: string): Promise<Uint8Array> =>
  inflate(bytes, 'deflate-raw', MAX_UNPACKED, place);

function manifestOf({ inputs, hash }: Shared): Manifest {
  const {
    object,
    packets,
    settings,
    sources,
    options,
    packet,
    context,
    maps,
    breakpoints,
    mapSizes,
    rules,
    expressions,
    watchpoints,
    edits,
    step,
    program,
    hook,
    network,
    kernelTypes,
    externs,
  } = inputs;
  const changed = Object.entries(settings).filter(
    ([name, value]) => DEFAULT_SETTINGS[name as keyof typeof settings] !== value,
  );
  return {
    object: [object.name, object.bytes.length],
    packets: packets.map(({ name, bytes }) => [name, bytes.length]),
    ...(sources.length > 0 && { sources: sources.map(({ file, text }) => [file, text]) }),
    ...(program !== undefined && { program }),
    ...(hook !== undefined && { hook }),
    ...(options.length > 0 && { options }),
    ...(packet > 0 && { packet }),
    ...(context.length > 0 && { context }),
    ...(maps.length > 0 && {
      maps: maps.map(({ map, key, value, cpu }) => {
        if (value === undefined) return [map, key];
        return cpu === undefined ? [map, key, value] : [map, key, value, cpu];
      }),
    }),
    ...(mapSizes &&
      mapSizes.length > 0 && {
        mapSizes: mapSizes.map(({ map, field, value }) => [map, field, value]),
      }),
    ...(breakpoints.length > 0 && { breakpoints }),
    ...(rules && rules.length > 0 && { rules }),
    ...(expressions && expressions.length > 0 && { expressions }),
    ...(watchpoints && watchpoints.length > 0 && { watchpoints }),
    ...(edits && edits.length > 0 && { edits }),
    ...(step > 0 && { step }),
    ...(changed.length > 0 && { settings: Object.fromEntries(changed) }),
    ...(network && { network }),
    ...(kernelTypes && { kernelTypes: writeKernelTypes(kernelTypes) }),
    ...(externs?.length && { externs }),
    ...(hash !== '' && { hash }),
  };
}

function pack(shared: Shared): Uint8Array {
  const manifest = new TextEncoder().encode(JSON.stringify(manifestOf(shared)));
  const blobs = [
    shared.inputs.object.bytes,
    ...shared.inputs.packets.map((packet) => packet.bytes),
  ];
  const bytes = new Uint8Array(
    4 + manifest.length + blobs.reduce((sum, blob) => sum + blob.length, 0),
  );
  new DataView(bytes.buffer).setUint32(0, manifest.length);
  bytes.set(manifest, 4);
  let at = 4 + manifest.length;
  for (const blob of blobs) {
    bytes.set(blob, at);
    at += blob.length;
  }
  return bytes;
}

function unpack(bytes: Uint8Array, place: string): Shared {
  if (bytes.length < 4) throw new InputError(place, 'is damaged: there is no session in it');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > bytes.length - 4)
    throw new InputError(
      place,
      `is damaged: its description has ${length} bytes, ${bytes.length - 4} are there`,
    );
  const manifest = parseManifest(new TextDecoder().decode(bytes.subarray(4, 4 + length)), place);
  let at = 4 + length;
  const take = (size: number, what: string): Uint8Array => {
    if (at + size > bytes.length)
      throw new InputError(
        place,
        `is damaged: ${what} has ${size} bytes, ${bytes.length - at} are left`,
      );
    at += size;
    return bytes.slice(at - size, at);
  };
  const inputs: SessionInputs = {
    object: { name: manifest.object[0], bytes: take(manifest.object[1], 'the object') },
    packets: manifest.packets.map(([name, size], i) => ({
      name,
      bytes: take(size, `packet ${i}`),
    })),
    sources: (manifest.sources ?? []).map(([file, text]) => ({ file, text })),
    ...(manifest.program !== undefined && { program: manifest.program }),
    ...(manifest.hook !== undefined && { hook: manifest.hook }),
    options: manifest.options ?? [],
    packet: manifest.packet ?? 0,
    context: manifest.context ?? [],
    maps: (manifest.maps ?? []).map(([map, key, value, cpu]) => ({
      map,
      key,
      ...(value !== undefined && { value }),
      ...(cpu !== undefined && { cpu }),
    })),
    ...(manifest.mapSizes && {
      mapSizes: manifest.mapSizes.map(([map, field, value]) => ({ map, field, value })),
    }),
    breakpoints: manifest.breakpoints ?? [],
    ...(manifest.rules && { rules: manifest.rules }),
    ...(manifest.expressions && { expressions: manifest.expressions }),
    ...(manifest.watchpoints && { watchpoints: manifest.watchpoints }),
    ...(manifest.edits && { edits: manifest.edits }),
    step: manifest.step ?? 0,
    settings: { ...DEFAULT_SETTINGS, ...manifest.settings },
    ...(manifest.network && { network: manifest.network }),
    ...(manifest.externs && { externs: manifest.externs }),
    ...(manifest.kernelTypes && { kernelTypes: readKernelTypes(manifest.kernelTypes) }),
  };
  if (inputs.packet > 0 && inputs.packet >= inputs.packets.length)
    throw new InputError(
      place,
      `is damaged: it asks for packet ${inputs.packet} of ${inputs.packets.length}`,
    );
  return { inputs, hash: manifest.hash ?? '' };
}

/** The part of a link behind `#`. */
export async function encodeLink(shared: Shared): Promise<string> {
  return `v${LINK_VERSION}.${toBase64Url(await deflate(pack(shared)))}`;
}

export const looksLikeLink = (text: string): boolean =>
  /^\s*(\S*#)?v\d+\.[A-Za-z0-9_-]+\s*$/.test(text);

/**
 * A session from a link, or from the part of it behind `#`. Never trusts it: InputError says what
 * is wrong.
 */
export async function decodeLink(text: string): Promise<Shared> {
  const fragment = text.trim().slice(text.trim().indexOf('#') + 1);
  if (fragment.length > MAX_LINK)
    throw new InputError('link', `has ${fragment.length} characters, more than any link made here`);
  const found = /^v(\d{1,6})\.([A-Za-z0-9_-]+)$/.exec(fragment);
  if (!found)
    throw new InputError(
      'link',
      'is not a playground link, or was changed on its way: it starts with "v1." and has only letters, digits, - and _',
    );
  const version = Number(found[1]);
  if (version !== LINK_VERSION)
    throw new InputError(
      'link',
      `has version ${version}, this page reads version ${LINK_VERSION}: reload the page to get its newest build`,
    );
  const bytes = fromBase64(found[2]);
  if (bytes === undefined) throw new InputError('link', 'is cut short');
  return unpack(await inflateSession(bytes, 'link'), 'link');
}

/** The bytes of a snapshot file. */
export async function encodeFile(shared: Shared): Promise<Uint8Array> {
  const magic = new TextEncoder().encode(FILE_MAGIC);
  const packed = await deflate(pack(shared));
  const bytes = new Uint8Array(magic.length + packed.length);
  bytes.set(magic);
  bytes.set(packed, magic.length);
  return bytes;
}

const FILE_START = 'ebpf-playground session v';

export const isSnapshotFile = (bytes: Uint8Array): boolean =>
  new TextDecoder().decode(bytes.subarray(0, FILE_START.length)) === FILE_START;

export async function decodeFile(name: string, bytes: Uint8Array): Promise<Shared> {
  const magic = new TextDecoder().decode(bytes.subarray(0, FILE_MAGIC.length));
  if (magic !== FILE_MAGIC)
    throw new InputError(
      name,
      'is a session of another version of the playground: this one reads version 1',
    );
  return unpack(await inflateSession(bytes.subarray(FILE_MAGIC.length), name), name);
}
