import { describe, expect, test } from 'vitest';
import { inputsFor } from '../session/inputs.ts';
import { readObject } from '../testing/corpus.ts';
import { openExample } from '../testing/examples.ts';
import { openSession } from '../testing/run.ts';
import { assignedInputs, mapSizeOf } from './assignments.ts';

test.each([
  ['hits:max_entries=9', { map: 'hits', field: 'max_entries', value: 9 }],
  ['a:b:key_size=0x10', { map: 'a:b', field: 'key_size', value: 16 }],
  ['m:value_size=4', { map: 'm', field: 'value_size', value: 4 }],
])('--map %s', (text, size) => expect(mapSizeOf(text)).toEqual(size));
test.each([
  'hits',
  'hits:max_entries',
  'hits:size=3',
  ':max_entries=3',
  'hits:max_entries=',
  'hits:max_entries=x',
])('--map %s is none', (text) => expect(() => mapSizeOf(text)).toThrow(/^--map/));

describe('--set', () => {
  const firewall = openExample('xdp-firewall');
  const set = (text: string) => assignedInputs(firewall, text);
  const { settings } = firewall.inputs;
  test.each<[text: string, settings: object]>([
    ['seed=7', { seed: 7 }],
    ['cpu=1', { cpu: 1 }],
    ['cpus=0x8', { cpus: 8 }],
    ['time=5000000000', { time: '5000000000' }],
    ['gap=0x10', { gap: '16' }],
    ['pid=3', { task: { ...settings.task, pid: 3 } }],
    ['gid=4', { task: { ...settings.task, gid: 4 } }],
    ['comm=a=b', { task: { ...settings.task, comm: 'a=b' } }],
    ['clock=capture', { clock: 'capture' }],
    ['clock=gap', { clock: 'gap' }],
    ['perf_reader=on', { perfReader: true }],
    ['perf_reader=off', { perfReader: false }],
    ['cgroup=1/20/0x30', { cgroup: { ...settings.cgroup, ids: ['1', '20', '48'] } }],
    ['classid=5', { cgroup: { ...settings.cgroup, classid: 5 } }],
    ['setting:seed=9', { seed: 9 }],
  ])('%s, a setting', (text, changed) =>
    expect(set(text)).toEqual({ settings: { ...settings, ...changed } }),
  );

  test('a field of the context, in place of what was set before', () => {
    const opened = openSession({
      ...firewall.inputs,
      context: [
        ['rx_queue_index', '1'],
        ['ingress_ifindex', '2'],
      ],
    });
    expect(assignedInputs(opened, 'rx_queue_index=5')).toEqual({
      context: [
        ['ingress_ifindex', '2'],
        ['rx_queue_index', '5'],
      ],
    });
    expect(set('context:rx_queue_index=0x5')).toEqual({ context: [['rx_queue_index', '0x5']] });
    expect(() => set('rx_queue_index=five')).toThrow(/^--set rx_queue_index/);
  });
  test('an option of the hook', () => {
    const seed = openExample('seed-filter');
    expect(assignedInputs(seed, 'ip-mode=off').options).toContainEqual(['ip-mode', 'off']);
    expect(assignedInputs(seed, 'option:ip-mode=off').options).toContainEqual(['ip-mode', 'off']);
  });
  test('kernel configuration, and nothing else that is outside', () => {
    const name = 'externs.clang-19-v3-g.o';
    const opened = openSession({ ...inputsFor(name, readObject(name)), program: 'fine' });
    expect(assignedInputs(opened, 'CONFIG_HZ=100')).toEqual({ externs: [['CONFIG_HZ', '100']] });
    expect(assignedInputs(opened, 'extern:runqueues=1')).toEqual({ externs: [['runqueues', '1']] });
    expect(() => assignedInputs(opened, 'kernel_function=1')).toThrow(
      'there is no "kernel_function"',
    );
  });

  test.each([
    ['seed', '--set: "seed" is not NAME=VALUE'],
    ['=5', '--set: "=5" is not NAME=VALUE'],
    ['clock=sun', '--set clock: "sun" is not gap or capture'],
    ['perf_reader=1', '--set perf_reader: "1" is not on or off'],
    ['seed=x', '--set seed: '],
    ['cgroup=1/x', '--set cgroup: '],
    ['mark=1', '--set: there is no "mark" for xdp; there are '],
    ['option:seed=1', '--set: there is no "seed" for xdp; there are '],
  ])('%s is refused', (text, message) => expect(() => set(text)).toThrow(message));
});
