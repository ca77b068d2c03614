import { describe, expect, test } from 'vitest';
import type { MapDefinition } from '../object/types.ts';
import { objectWithMaps, withMaps } from '../testing/with-maps.ts';
import { keepForRebuilt } from './rebuilt.ts';
import { finish, Session } from './session.ts';

/** What goes on with maps of an object that is built anew with others. */
function rebuilt(set: object, after: readonly Partial<MapDefinition>[]) {
  const { inputs, object } = withMaps('r0 = 0; exit', [{}, {}]);
  const linear = new WebAssembly.Memory({ initial: 1 });
  const session = new Session({ ...inputs, ...set }, linear, object);
  finish(session.prepare());
  const { kept, lost } = keepForRebuilt(session, objectWithMaps(inputs.object.bytes, after));
  return { kept: kept.filter((text) => !/^(program|1 packet)/.test(text)), lost };
}
const entry = (map: string, key: string) => ({ map, key, value: '00'.repeat(8) });
const size = (map: string) => ({ map, field: 'max_entries', value: 9 });
const watch = (map: string) => ({ kind: 'map', map, key: '00000000' });

describe('what was set of maps goes on where they are as they were, else it is told', () => {
  test.each<[string, object, readonly Partial<MapDefinition>[], string[], string[]]>([
    ['nothing', {}, [{}], [], []],
    [
      'all of it',
      { maps: [entry('m0', '00000000')], mapSizes: [size('m1')], watchpoints: [watch('m1')] },
      [{}, {}],
      ['1 map entry', '1 size of a map', '1 watchpoint'],
      [],
    ],
    [
      'the size of a map that went',
      { mapSizes: [size('m1')] },
      [{}],
      [],
      ['1 size of maps that went'],
    ],
    [
      'sizes of two, of which one went',
      { mapSizes: [size('m0'), size('m1')] },
      [{}],
      ['1 size of a map'],
      ['1 size of maps that went'],
    ],
    [
      'an entry of a map that changed',
      { maps: [entry('m0', '00000000'), entry('m1', '00000000'), entry('m1', '01000000')] },
      [{}, { valueSize: 16 }],
      ['1 map entry'],
      ['2 entries of map m1, which changed or went'],
    ],
    [
      'watches on maps that changed, and on others',
      { watchpoints: [watch('m0'), watch('m1'), { kind: 'register', index: 3 }] },
      [{ keySize: 8 }],
      ['1 watchpoint'],
      ['2 watchpoints on maps that changed or went'],
    ],
  ])('%s', (_title, set, after, kept, lost) => expect(rebuilt(set, after)).toEqual({ kept, lost }));
});
