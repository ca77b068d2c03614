import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, type Session } from '../session/session.ts';
import { readObject } from '../testing/corpus.ts';
import { openSession } from '../testing/run.ts';
import { exportMap, importMap } from './map-json.ts';

const folder = join(import.meta.dirname, '../testdata/kernel');
const { cpus, packet, dumps } = JSON.parse(
  readFileSync(join(folder, 'dumps.answers.json'), 'utf8'),
) as {
  cpus: number;
  packet: string;
  dumps: Record<string, string>;
};
const inputs = inputsFor('dumps.o', new Uint8Array(readFileSync(join(folder, 'dumps.o'))));
const settings = { ...inputs.settings, cpus };

/** libbpf names the maps of global data by the object and the section. */
const indexOf = (session: Session, kernelName: string): number =>
  session.machine!.maps.findIndex(({ definition }) =>
    definition.origin === 'global'
      ? kernelName === `dumps${definition.section.replace('.', '_')}`
      : kernelName === definition.name,
  );
const exported = (session: Session, name: string): string =>
  exportMap(session.object, session.machine!, indexOf(session, name));

describe('contents of maps in the form of bpftool', () => {
  const session = openSession({
    ...inputs,
    settings,
    packets: [{ name: 'packet', bytes: fromHex(packet)! }],
  });
  finish(session.go({ how: 'end' }));

  test.each(Object.keys(dumps))('%s is dumped as bpftool dumps it', (name) => {
    expect(exported(session, name)).toBe(dumps[name]);
  });

  test.each(Object.keys(dumps))("%s takes bpftool's dump", (name) => {
    const { definition } = session.machine!.maps[indexOf(session, name)];
    const maps = importMap(definition, dumps[name]);
    expect(exported(openSession({ ...inputs, settings, maps }), name)).toBe(dumps[name]);
  });

  test.each([
    ['text that is not JSON', '[{', /is not JSON/],
    ['something that is no list', '{}', /is not a list of entries/],
    ['an entry without a key', '[{"value":["0x00"]}]', /entry 0, key: is not a list of bytes/],
    ['a byte too big', '[{"key":[256],"value":[0]}]', /entry 0, key: 256 is not a byte/],
  ])('%s is refused with its place', (_title, text, message) => {
    expect(() => importMap(session.object.maps[0], text)).toThrow(message);
  });
});

test('global data have their variables by name, where they have types', () => {
  const name = 'globals.clang-19-v3-g.o';
  const opened = openSession({ ...inputsFor(name, readObject(name)), packets: inputs.packets });
  const formatted = (map: string): unknown => {
    const { maps } = opened.machine!;
    const index = maps.findIndex(({ definition }) => definition.name === map);
    const [entry] = JSON.parse(exportMap(opened.object, opened.machine!, index));
    return entry.formatted;
  };
  expect(formatted('.data.hot')).toEqual({ value: { '.data.hot': [{ hot: 9 }] } });
  // Strings of the compiler have no names.
  expect(formatted('.rodata.str1.1')).toBeUndefined();
});
