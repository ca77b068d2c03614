import * as v from 'valibot';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { decodeText } from '../packet/text/normal.ts';
import type { Expectation } from '../session/types.ts';
import { type PacketLines, packetOfLines } from './packet-text.ts';
import { TEST_SCHEMA } from './schema.ts';
import { isReadableTest, TEST_FILE, TEST_VERSION, upgradedTest } from './upgrade.ts';

/** Characters of a test file. */
const MOST_TEXT = 64 * 1024 * 1024;

type Written = v.InferOutput<typeof TEST_SCHEMA>;

/** A test file as it was read; of its packets the bytes, and what they must come to. */
export interface TestFile extends Omit<Written, typeof TEST_FILE | 'packets' | 'each'> {
  /** Of the file, for errors. */
  readonly name: string;
  /** One packet behind the other, with what it left in maps; or each as if it were the first. */
  readonly each: Each;
  readonly packets: readonly {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly time?: string;
    readonly note?: string;
  }[];
  readonly expectations: readonly Expectation[];
  /** What of the packets was left out or made up while they were read. */
  readonly notes: readonly string[];
}

export type Each = 'in order' | 'fresh';

const MARK = new RegExp(`^\\s*\\{[^]*"${TEST_FILE}"\\s*:`);

/** Whether a text is meant as a test file, right or wrong. */
export const looksLikeTests = (text: string): boolean => MARK.test(text);

/** The same of a file's bytes. */
export function testTextOf(bytes: Uint8Array, name: string): string {
  const text = bytes.length > MOST_TEXT ? undefined : decodeText(bytes);
  if (text === undefined)
    throw new InputError(name, `is no text of at most ${MOST_TEXT} bytes, so no test file`);
  return text;
}

/** Reads a test file of any version; an InputError names the place in it. */
export function readTests(name: string, text: string): TestFile {
  const json = jsonOf(name, text);
  const version = json[TEST_FILE];
  if (version === undefined)
    throw new InputError(name, `is no test file: it has no "${TEST_FILE}": ${TEST_VERSION}`);
  if (!isReadableTest(version))
    throw new InputError(
      name,
      `has version ${JSON.stringify(version)}, this build reads versions 1 to ${TEST_VERSION}`,
    );
  const result = v.safeParse(TEST_SCHEMA, upgradedTest(json, version), { abortPipeEarly: true });
  if (!result.success) throw new InputError(...placed(name, result.issues[0]));
  const { [TEST_FILE]: _version, packets, each = 'in order', ...set } = result.output;
  return { name, ...set, each, ...packetsOf(name, packets) };
}

function jsonOf(name: string, text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(name, `is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new InputError(name, 'is no test file: it is no object in braces');
  return json as Readonly<Record<string, unknown>>;
}

/** `packets[2].expect.verdict` */
const pathOf = (path: readonly { readonly key?: unknown }[]): string =>
  path.reduce<string>((text, { key }) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${key}`;
  }, '');

/** Where something is wrong, and what. */
function placed(name: string, issue: v.InferIssue<typeof TEST_SCHEMA>): [string, string] {
  const path = [...(issue.path ?? [])] as readonly { readonly key?: unknown }[];
  const place = (keys: typeof path): string => [name, pathOf(keys)].filter(Boolean).join(': ');
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return [place(path.slice(0, -1)), `"${String(path.at(-1)?.key)}" is not known here`];
  if (issue.kind === 'schema' && issue.received === 'undefined')
    return [place(path.slice(0, -1)), `has no "${String(path.at(-1)?.key)}"`];
  if (issue.kind === 'schema')
    return [place(path), `is ${issue.received.slice(0, 80)}, expected is ${issue.expected}`];
  return [place(path), issue.message];
}

function packetsOf(
  file: string,
  written: Written['packets'],
): Pick<TestFile, 'packets' | 'expectations' | 'notes'> {
  const expectations: Expectation[] = [];
  const notes: string[] = [];
  const read = (lines: PacketLines, place: string): Uint8Array =>
    packetOfLines(lines, place, (line) => notes.push(line));
  const packets = written.map(({ packet, expect, name, ...said }, index) => {
    const place = `${file}: packets[${index}]`;
    if (expect) {
      const { packet: out, ...others } = expect;
      const bytes = out === undefined ? undefined : read(out, `${place}.expect.packet`);
      expectations.push({
        packet: index,
        ...others,
        ...(bytes && { packetOut: toHex(bytes) }),
      });
    }
    const bytes = read(packet, `${place}.packet`);
    return { name: name ?? `packet ${index + 1}`, bytes, ...said };
  });
  return { packets, expectations, notes };
}
