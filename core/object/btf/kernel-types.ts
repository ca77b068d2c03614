import { fromBase64 } from '../../bytes/base64.ts';
import { inflate, unpack } from '../../bytes/compression.ts';
import type { Endian } from '../../bytes/reader.ts';
import { InputError } from '../../errors.ts';
import { foreignSection } from '../elf/elf.ts';
import { Btf } from './btf.ts';
import { KernelNames } from './kernel-names.ts';
import { BTF_MAGIC } from './parse.ts';

/**
 * What a packed file may unpack to: types of a distribution's kernel take 5 to 10 MB, a vmlinux
 * with them 50 to 100.
 */
const MAX_BYTES = 256 * 1024 * 1024;

/** Types that come with the page, and the names of all others of that kernel. */
export interface BundledTypes {
  readonly btf: Btf;
  readonly names: KernelNames;
}

let bundled: Promise<BundledTypes> | undefined;

/** The types of the network as Linux lays them out on x86-64: loaded when they are first needed. */
export function bundledTypes(): Promise<BundledTypes> {
  bundled ??= loadBundled();
  return bundled;
}

async function loadBundled(): Promise<BundledTypes> {
  const { KERNEL_NAMES_PACKED, KERNEL_TYPES_PACKED, PARTIAL_TYPES } = await import(
    './kernel-types.generated.ts'
  );
  const inflated = (packed: string) =>
    inflate(fromBase64(packed)!, 'deflate-raw', MAX_BYTES, 'bundled types');
  const [types, names] = await Promise.all([
    inflated(KERNEL_TYPES_PACKED),
    inflated(KERNEL_NAMES_PACKED),
  ]);
  return {
    btf: new Btf(types, 'little'),
    names: new KernelNames(new TextDecoder().decode(names), PARTIAL_TYPES),
  };
}

const read = new WeakMap<Uint8Array, Btf>();

/** The types of a raw .BTF section in either byte order; the same bytes are read once. */
export function readTypes(bytes: Uint8Array): Btf {
  const known = read.get(bytes);
  if (known) return known;
  const btf = new Btf(bytes, byteOrder(bytes) ?? 'little');
  read.set(bytes, btf);
  return btf;
}

function byteOrder(bytes: Uint8Array): Endian | undefined {
  const magic = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  if (magic === BTF_MAGIC) return 'little';
  return (((magic & 0xff) << 8) | (magic >> 8)) === BTF_MAGIC ? 'big' : undefined;
}

/**
 * The .BTF section of a file that brings a kernel's types: raw, or a vmlinux. `foreign`: a program
 * of another machine without one; undefined: any other file.
 */
export function kernelTypesIn(bytes: Uint8Array): Uint8Array | 'foreign' | undefined {
  if (byteOrder(bytes) !== undefined && bytes[2] === 1) return bytes;
  const section = foreignSection(bytes, '.BTF');
  return section === 'none' ? 'foreign' : section;
}

/** The same; throws InputError for a program of another machine. */
export function findKernelTypes(name: string, bytes: Uint8Array): Uint8Array | undefined {
  const types = kernelTypesIn(bytes);
  if (types === 'foreign') throw noTypes(name);
  return types;
}

export const noTypes = (name: string): InputError =>
  new InputError(name, 'is no BPF object, and has no .BTF section with the types of a kernel');

/** A file of gzip or zstd unpacked, any other as it is. */
export const unpacked = (name: string, bytes: Uint8Array): Promise<Uint8Array> =>
  unpack(bytes, MAX_BYTES, name);
