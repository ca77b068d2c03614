import { describe, expect, test } from 'vitest';
import { loadObject } from '../object/load.ts';
import { inputsFor } from '../session/inputs.ts';
import type { SessionInputs } from '../session/types.ts';
import { hookListFrom } from '../testing/hook-lists.ts';
import { settledPrograms } from './hook-list.ts';
import { inputsOfHookProgram } from './hook-machine.ts';

const PASS = 'r0 = 0; exit';
const whole = hookListFrom('tc', [{ source: PASS }], 'egress');
const [{ name, bytes }] = whole.objects;
const [settled] = settledPrograms(whole, () => loadObject(name, bytes));

/** A session in which everything is set up that a run may depend on. */
const session: SessionInputs = {
  ...inputsFor(name, bytes),
  hook: 'tc',
  options: [
    ['direction', 'ingress'],
    ['attach', 'tcx'],
  ],
  context: [['mark', '7']],
  maps: [{ map: 'hits', key: '00000000', value: '01000000' }],
  mapSizes: [{ map: 'events', field: 'max_entries', value: 4 }],
  externs: [['CONFIG_HZ', '250']],
  kernelTypes: { name: 'vmlinux', bytes: new Uint8Array(4) },
};
const of = (told: Partial<SessionInputs>) =>
  inputsOfHookProgram(settled, whole.list, { ...session, ...told });

describe('what a program of a list takes over from the session', () => {
  test('of its own object: what was set up of it; the direction is that of the list', () => {
    const { mapSizes, maps, externs, kernelTypes, context, options, settings } = of({});
    expect({ mapSizes, maps, externs, kernelTypes, context, settings }).toEqual({
      mapSizes: session.mapSizes,
      maps: session.maps,
      externs: session.externs,
      kernelTypes: session.kernelTypes,
      context: session.context,
      settings: session.settings,
    });
    expect(options).toEqual([
      ['attach', 'tcx'],
      ['direction', 'egress'],
    ]);
  });

  test('what is not set up is not there', () => {
    const { mapSizes: _, externs: __, kernelTypes: ___, ...others } = session;
    const own = inputsOfHookProgram(settled, whole.list, others);
    for (const key of ['mapSizes', 'externs', 'kernelTypes', 'network'])
      expect(own).not.toHaveProperty(key);
  });

  test('of another object: neither maps nor what the loader is told; what stands around it', () => {
    const own = of({ object: { name, bytes: bytes.slice() } });
    expect(own.maps).toEqual([]);
    expect(own.options).toEqual([['direction', 'egress']]);
    expect(own.context).toEqual(session.context);
    for (const key of ['mapSizes', 'externs', 'kernelTypes']) expect(own).not.toHaveProperty(key);
  });

  test('where the session stands on another hook: not its context and its options', () => {
    const own = of({ hook: 'xdp' });
    expect(own.context).toEqual([]);
    expect(own.options).toEqual([['direction', 'egress']]);
    expect(own.maps).toEqual(session.maps);
  });
});
