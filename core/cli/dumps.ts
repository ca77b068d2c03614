import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseName } from '../bytes/base-name.ts';
import { InputError } from '../errors.ts';
import { propertyOf } from '../netdev/chain.ts';
import type { ChainRun } from '../netdev/chain-run.ts';
import { DumpFilter } from '../netdev/dump-filter.ts';
import type { NetChain } from '../netdev/types.ts';

/** Where the file of a filter-dump was written, by the filter's id. */
export type Written = ReadonlyMap<string, string>;

/** Only the name is taken: a chain of somebody else names no place outside of the folder. */
const pathIn = (folder: string, file: string): string => join(folder, baseName(file));

/** Also where it is a link that leads nowhere. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Where the folder is none it cannot be made either, which is said then.
    return false;
  }
}

/**
 * Before anything runs: QEMU would write over a file that is there, and two dumps into the same
 * one; here neither is done. Makes the folder.
 */
export function checkDumps({ filters }: NetChain, folder: string): void {
  const taken = new Set<string>();
  for (const filter of filters) {
    if (filter.kind !== 'filter-dump') continue;
    const path = pathIn(folder, propertyOf(filter, 'file') ?? '');
    if (taken.has(path)) throw new InputError(`filter ${filter.id}`, `${path} is another dump's`);
    if (isThere(path)) throw new InputError(`filter ${filter.id}`, `${path} is there already`);
    taken.add(path);
  }
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    throw new InputError(folder, 'is no folder that can be made');
  }
}

/** Writes what dumps hold; none where it is not asked for. */
export async function writeDumps(
  run: ChainRun | undefined,
  folder: string | undefined,
): Promise<Written> {
  const written = new Map<string, string>();
  if (run === undefined || folder === undefined) return written;
  for (const running of run.filters) {
    if (!(running instanceof DumpFilter)) continue;
    const { name, blob } = running.written;
    const path = pathIn(folder, name);
    try {
      writeFileSync(path, new Uint8Array(await blob.arrayBuffer()), { flag: 'wx' });
    } catch {
      throw new InputError(path, 'cannot be written');
    }
    written.set(running.filter.id, path);
  }
  return written;
}
