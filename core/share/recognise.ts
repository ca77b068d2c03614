import { fromBase64 } from '../bytes/base64.ts';
import { isPacked } from '../bytes/compression.ts';
import { fromHex } from '../bytes/hex.ts';
import { looksLikeAssembly } from '../bytes/text-kind.ts';
import { looksLikeTests } from '../expect/file.ts';
import { kernelTypesIn } from '../object/btf/kernel-types.ts';
import { hasElfMagic } from '../object/elf/elf.ts';
import { isCapture } from '../packet/capture/capture.ts';
import { decodeText } from '../packet/text/normal.ts';
import { looksLikePacket } from '../packet/text/text.ts';
import { isSnapshotFile, looksLikeLink } from './container.ts';

/** What a text is: packets, where it is nothing else. */
export type RecognisedText =
  | { readonly kind: 'link' | 'tests' | 'assembly' | 'packets'; readonly text: string }
  /** In hex or base64. */
  | { readonly kind: 'object-text'; readonly bytes: Uint8Array };

/** What a file is that somebody drops, chooses or names. */
export type Recognised =
  | RecognisedText
  /** gzip or zstd: what is in it is to be looked at. */
  | { readonly kind: 'packed' }
  | { readonly kind: 'kernel-types'; readonly types: Uint8Array }
  /** An ELF file for another machine, without types of a kernel. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'object' | 'session-file' | 'capture' | 'empty' | 'source' | 'bytecode' };

/** Files of source text by their names: what they say may look like anything. */
const SOURCE = /\.(c|h|cc|cpp|rs)$/i;

/** By its words. */
export function recogniseText(text: string): RecognisedText {
  if (looksLikeLink(text)) return { kind: 'link', text };
  if (looksLikeTests(text)) return { kind: 'tests', text };
  const bytes = fromHex(text) ?? fromBase64(text);
  if (bytes !== undefined && hasElfMagic(bytes)) return { kind: 'object-text', bytes };
  if (!looksLikePacket(text) && looksLikeAssembly(text)) return { kind: 'assembly', text };
  return { kind: 'packets', text };
}

/** By its first bytes, then by its name, then by its words. */
export function recognise(name: string, bytes: Uint8Array): Recognised {
  if (isPacked(bytes)) return { kind: 'packed' };
  // A vmlinux is an ELF file too.
  const types = kernelTypesIn(bytes);
  if (types === 'foreign') return { kind: 'foreign' };
  if (types !== undefined) return { kind: 'kernel-types', types };
  if (hasElfMagic(bytes)) return { kind: 'object' };
  if (isSnapshotFile(bytes)) return { kind: 'session-file' };
  if (isCapture(bytes)) return { kind: 'capture' };
  if (bytes.length === 0) return { kind: 'empty' };
  if (SOURCE.test(name)) return { kind: 'source' };
  const text = decodeText(bytes);
  return text === undefined ? { kind: 'bytecode' } : recogniseText(text);
}
