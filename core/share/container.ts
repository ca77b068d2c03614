import { fromBase64, toBase64Url } from '../bytes/base64.ts';
import { deflate, inflate } from '../bytes/compression.ts';
import { joined } from '../bytes/joined.ts';
import { InputError } from '../errors.ts';
import { inputsFor } from '../session/inputs.ts';
import type { SessionInputs } from '../session/types.ts';
import { type Manifest, manifestText, parseManifest, readInputs } from './manifest.ts';
import { isReadable, LINK_VERSION } from './upgrade.ts';

/**
 * What leaves the page: a session's inputs, never its state. A version in front, then deflate-raw
 * over
 *
 *     4 bytes          that many      the rest
 *     manifest length | manifest JSON | object, packets, other objects, one after the other
 *
 * (length big endian). A link is `v2.` and base64url of it; a snapshot file the line FILE_MAGIC and
 * the same bytes.
 */
const FILE_START = 'ebpf-playground session v';
const FILE_MAGIC = `${FILE_START}${LINK_VERSION}\n`;
/** The same of any version, and most bytes of it. */
const ANY_MAGIC = /^ebpf-playground session v(\d{1,6})\n/;
const MOST_MAGIC = FILE_START.length + 7;
/** Largest link text, and largest session it may unpack to. */
const MAX_LINK = 4 * 1024 * 1024;
export const MAX_UNPACKED = 64 * 1024 * 1024;

/** A session to be sent: its inputs and the hash of what they come to. */
export interface Shared {
  readonly inputs: SessionInputs;
  /** Session.hash: of what the selected packet's run comes to; empty where it did not end. */
  readonly hash: string;
}

const inflateSession = (bytes: Uint8Array, place: string): Promise<Uint8Array> =>
  inflate(bytes, 'deflate-raw', MAX_UNPACKED, place);

function pack({ inputs, hash }: Shared): Uint8Array {
  const manifest = new TextEncoder().encode(manifestText(inputs, hash));
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, manifest.length);
  const packets = inputs.packets.map((packet) => packet.bytes);
  return joined([head, manifest, inputs.object.bytes, ...packets, ...otherObjects(inputs)]);
}

/**
 * Of the objects of a chain, then of lists, those that are not the session's own, which stands
 * there already.
 */
export const otherObjects = ({
  object,
  chainObjects = [],
  hookObjects = [],
}: SessionInputs): Uint8Array[] =>
  [...chainObjects, ...hookObjects].flatMap(({ bytes }) => (bytes === object.bytes ? [] : [bytes]));

function unpack(bytes: Uint8Array, version: number, place: string): Shared {
  if (bytes.length < 4) throw new InputError(place, 'is damaged: there is no session in it');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > bytes.length - 4)
    throw new InputError(
      place,
      `is damaged: its description has ${length} bytes, ${bytes.length - 4} are there`,
    );
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  return describedSession(parseManifest(text, version, place), bytes.subarray(4 + length), place);
}

/** What a description and the bytes behind it say: the object, packets, other objects. */
export function describedSession(manifest: Manifest, blobs: Uint8Array, place: string): Shared {
  let at = 0;
  const take = (size: number, what: string): Uint8Array => {
    if (at + size > blobs.length)
      throw new InputError(
        place,
        `is damaged: ${what} has ${size} bytes, ${blobs.length - at} are left`,
      );
    at += size;
    return blobs.slice(at - size, at);
  };
  const [name, size] = manifest.object;
  const own = take(size, 'the object');
  const objectsOf = (
    input: 'chainObjects' | 'hookObjects',
    objects: Manifest['objects'],
    what: string,
  ): Partial<SessionInputs> =>
    objects.length === 0
      ? {}
      : {
          [input]: objects.map(([called, length], i) => ({
            name: called,
            bytes: length === undefined ? own : take(length, `object ${i} of ${what}`),
          })),
        };
  const inputs: SessionInputs = {
    ...inputsFor(name, own),
    packets: manifest.packets.map(([packet, length, beside], i) => ({
      name: packet,
      bytes: take(length, `packet ${i}`),
      ...beside,
    })),
    ...readInputs(manifest),
    ...objectsOf('chainObjects', manifest.objects, 'the chain'),
    ...objectsOf('hookObjects', manifest.hookObjects, 'the lists'),
  };
  const { chainObjects = [], hookObjects = [] } = inputs;
  const lost = inputs.chain?.filters.find(
    ({ object }) => object !== undefined && object >= chainObjects.length,
  );
  if (lost) throw new InputError(place, `is damaged: the object of filter ${lost.id} is not in it`);
  const gone = inputs.hookLists
    ?.flatMap(({ programs }) => programs)
    .find(({ object }) => object >= hookObjects.length);
  if (gone)
    throw new InputError(place, `is damaged: the object of program ${gone.id} is not in it`);
  if (inputs.packet > 0 && inputs.packet >= inputs.packets.length)
    throw new InputError(
      place,
      `is damaged: it asks for packet ${inputs.packet} of ${inputs.packets.length}`,
    );
  const stray = inputs.notes?.find(({ packet }) => packet >= Math.max(1, inputs.packets.length));
  if (stray)
    throw new InputError(
      place,
      `is damaged: it has a note on packet ${stray.packet} of ${inputs.packets.length}`,
    );
  return { inputs, hash: manifest.hash };
}

/** The part of a link behind `#`, or behind `#embed=` in that of a frame. */
export async function encodeLink(shared: Shared): Promise<string> {
  return `v${LINK_VERSION}.${toBase64Url(await deflate(pack(shared)))}`;
}

/** What stands behind `#`, or all of a text that has none. */
function fragmentOf(text: string): string {
  const all = text.trim();
  const at = all.indexOf('#');
  return at < 0 ? all : all.slice(at + 1).replace(/^embed=/, '');
}

/**
 * The version of a link and what is packed behind it; undefined where it is none. It is looked
 * through for a character that cannot be there: one pattern for millions of them may run out of
 * stack.
 */
function versioned(fragment: string): { version: number; packed: string } | undefined {
  const head = /^v(\d{1,6})\./.exec(fragment);
  if (head === null) return undefined;
  const packed = fragment.slice(head[0].length);
  if (packed === '' || /[^A-Za-z0-9_-]/.test(packed)) return undefined;
  return { version: Number(head[1]), packed };
}

export const looksLikeLink = (text: string): boolean =>
  versioned(fragmentOf(text)) !== undefined && !/\s/.test(text.trim());

/**
 * A session from a link, or from the part of it behind `#`. Never trusts it: InputError says what
 * is wrong.
 */
export async function decodeLink(text: string): Promise<Shared> {
  const fragment = fragmentOf(text);
  if (fragment.length > MAX_LINK)
    throw new InputError('link', `has ${fragment.length} characters, more than any link made here`);
  const found = versioned(fragment);
  if (found === undefined)
    throw new InputError(
      'link',
      `is not a playground link, or was changed on its way: it starts with ` +
        `"v${LINK_VERSION}." and has only letters, digits, - and _`,
    );
  const { version, packed } = found;
  if (!isReadable(version))
    throw new InputError(
      'link',
      `has version ${version}, this page reads versions 1 to ${LINK_VERSION}: ` +
        `reload the page to get its newest build`,
    );
  const bytes = fromBase64(packed);
  if (bytes === undefined) throw new InputError('link', 'is cut short');
  return unpack(await inflateSession(bytes, 'link'), version, 'link');
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

export const isSnapshotFile = (bytes: Uint8Array): boolean =>
  new TextDecoder().decode(bytes.subarray(0, FILE_START.length)) === FILE_START;

export async function decodeFile(name: string, bytes: Uint8Array): Promise<Shared> {
  const magic = ANY_MAGIC.exec(new TextDecoder().decode(bytes.subarray(0, MOST_MAGIC)));
  const version = Number(magic?.[1]);
  if (!magic || !isReadable(version))
    throw new InputError(
      name,
      `is a session of another version of the playground: ` +
        `this one reads versions 1 to ${LINK_VERSION}`,
    );
  const packed = bytes.subarray(magic[0].length);
  return unpack(await inflateSession(packed, name), version, name);
}
