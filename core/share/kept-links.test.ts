import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromBase64 } from '../bytes/base64.ts';
import { toHex } from '../bytes/hex.ts';
import { TestPage } from '../testing/page.ts';
import { decodeFile, decodeLink } from './container.ts';

/**
 * Links and session files as earlier builds of the playground made them. They are kept for ever and
 * never made anew: what is in people's mails and notes has to open.
 */
interface Kept {
  /** What there is to see in it. */
  readonly about: string;
  readonly link?: string;
  /** A session file, in base64. */
  readonly file?: string;
  readonly hash: string;
  readonly object: { readonly name: string; readonly length: number };
  /** All inputs but the object; bytes as `{hex}`, 64-bit numbers as `{bigint}`. */
  readonly inputs: unknown;
  /** What the page shows when it opens it. */
  readonly shows: unknown;
}

const folder = join(import.meta.dirname, '../testdata/links');
const KEPT = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name): [string, Kept] => [
    name,
    JSON.parse(readFileSync(join(folder, name), 'utf8')) as Kept,
  ]);

/** The same value as the files spell it. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_name, part: unknown) => {
      if (part instanceof Uint8Array) return { hex: toHex(part) };
      return typeof part === 'bigint' ? { bigint: part.toString() } : part;
    }),
  );

const read = ({ link, file }: Kept) =>
  link === undefined ? decodeFile('kept', fromBase64(file!)!) : decodeLink(link);

describe.each(KEPT)('%s', (_name, kept) => {
  test('says the same inputs', async () => {
    const { inputs, hash } = await read(kept);
    const { object, ...others } = inputs;
    expect(plain(others)).toEqual(kept.inputs);
    expect([object.name, object.bytes.length, hash]).toEqual([
      kept.object.name,
      kept.object.length,
      kept.hash,
    ]);
  });
  test('opens at its step, with the outcome it was made with', async () => {
    const { link, file } = kept;
    const { view, snapshot, notice } = await new TestPage().wish(
      link === undefined
        ? { type: 'open-file', name: 'a.ebpf-session', bytes: fromBase64(file!)! }
        : { type: 'open-link', fragment: link },
    );
    expect(notice).toBeUndefined();
    expect(
      plain({
        verdict: view!.outcome?.verdict.text,
        step: snapshot!.step,
        pc: snapshot!.pc,
        edits: view!.edits.map(({ name }) => name),
        watchpoints: view!.watchpoints.map(({ name }) => name),
      }),
    ).toEqual(kept.shows);
  });
});
