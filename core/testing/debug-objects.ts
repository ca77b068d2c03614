import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../bytes/hex.ts';
import { inputsFor } from '../session/inputs.ts';
import type { Session } from '../session/session.ts';
import { openSession } from './run.ts';

const FOLDER = join(import.meta.dirname, '../testdata/debug');

/** UDP 10.1.2.3:4000 to 10.9.8.7:53, don't fragment, TTL 60, 8 bytes of data. */
export const DNS_PACKET = fromHex(
  '020000000001020000000002080045000024000040003c1100000a0102030a0908070fa0003500' +
    '10000068656c6c6f212121',
)!;

/** An object of core/testdata/debug, built with DWARF. */
export const debugObject = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(FOLDER, name)));

/** A session on one, with that packet. */
export const openDebugObject = (name: string): Session =>
  openSession({
    ...inputsFor(name, debugObject(name)),
    packets: [{ name: 'packet', bytes: DNS_PACKET }],
  });
