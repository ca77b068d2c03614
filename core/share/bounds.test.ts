import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { parseManifest } from './manifest.ts';
import { LINK_VERSION } from './upgrade.ts';

/** What is wrong with a description that has one more field; undefined: nothing. */
function refused(more: Readonly<Record<string, unknown>>): string | undefined {
  try {
    const text = JSON.stringify({ object: ['a.o', 0], packets: [], ...more });
    parseManifest(text, LINK_VERSION, 'link');
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}
const damaged = (place: string): string => `link: is damaged: ${place} is not as expected`;
const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);
const letters = (count: number): string => 'x'.repeat(count);

const device = { ifindex: 1, name: 'eth0', mtu: 1500, mac: '02:00:00:00:00:01', forwarding: true };
const socket = { protocol: 'tcp', local: '10.0.0.1', localPort: 80, state: 'listen' };
const route = { prefix: '10.0.0.0/8', ifindex: 1, kind: 'unicast' };
const neighbour = { address: '10.0.0.2', ifindex: 1, mac: '02:00:00:00:00:02' };
const network = (more: object) => ({
  network: { devices: [], sockets: [], routes: [], neighbours: [], ...more },
});
const watched = (region: object, more: object = {}) => ({
  watchpoints: [{ kind: 'memory', region, offset: 0, length: 1, ...more }],
});
const edited = (target: object, more: object = {}) => ({
  edits: [{ packet: 0, step: 0, target, value: '', ...more }],
});
const kernelTypes = (...answers: unknown[]) => ({ kernelTypes: { name: 'vmlinux', answers } });
const note = { packet: 0, step: 1, text: 'x' };
const expectedMembers = (count: number) => ({
  expectations: [
    {
      packet: 0,
      maps: [
        {
          map: 'm',
          key: 0,
          value: Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i])),
        },
      ],
    },
  ],
});
const noted = (text: string) => ({ notes: [{ ...note, text }] });
const task = { pid: 1, tgid: 1, uid: 1, gid: 1, comm: 'x' };
const MOST = 0xffff_ffff;

describe('a link may say as much, and no more', () => {
  test.each<[what: string, good: object, bad: object, place: string]>([
    ['a name', { program: letters(1024) }, { program: letters(1025) }, 'program'],
    ['a slot', { breakpoints: [0, MOST] }, { breakpoints: [MOST + 1] }, 'breakpoints.0'],
    ['a whole slot', { breakpoints: [1] }, { breakpoints: [0.5] }, 'breakpoints.0'],
    ['a slot from 0 on', { breakpoints: [0] }, { breakpoints: [0, -1] }, 'breakpoints.1'],
    [
      'breakpoints',
      { breakpoints: times(4096, 1) },
      { breakpoints: times(4097, 1) },
      'breakpoints',
    ],
    [
      'expressions',
      { expressions: times(4096, 'x') },
      { expressions: times(4097, 'x') },
      'expressions',
    ],
    [
      'expectations',
      { expectations: times(4096, { packet: 0 }) },
      { expectations: times(4097, { packet: 0 }) },
      'expectations',
    ],
    [
      'r0 that is expected',
      { expectations: [{ packet: 0, r0: '0xffffffffffffffff' }] },
      { expectations: [{ packet: 0, r0: '0x1ffffffffffffffff' }] },
      'expectations.0.r0',
    ],
    [
      'members that are expected',
      expectedMembers(256),
      expectedMembers(257),
      'expectations.0.maps.0.value',
    ],
    ['notes', { notes: times(200, note) }, { notes: times(201, note) }, 'notes'],
    ['words of a note', noted(letters(4000)), noted(letters(4001)), 'notes.0.text'],
    ['a note’s step', { notes: [note] }, { notes: [{ ...note, step: -1 }] }, 'notes.0.step'],
    ['options', { options: [['a', 'b']] }, { options: [['a']] }, 'options.0.1'],
    ['pairs', { context: [['a', 'b']] }, { context: [['a', 'b', 'c']] }, 'context.0.2'],
    ['a hook', { hook: 'xdp' }, { hook: 'none' }, 'hook'],
    ['an entry taken out', { maps: [['m', '00']] }, { maps: [['m']] }, 'maps.0'],
    ['an entry', { maps: [['m', '00', '01']] }, { maps: [['m', '00', 1]] }, 'maps.0'],
    [
      'the value of a CPU',
      { maps: [['m', '00', '01', 0]] },
      { maps: [['m', '00', '01', -1]] },
      'maps.0.3',
    ],
    [
      'a size of a map',
      { mapSizes: [['m', 'max_entries', MOST]] },
      { mapSizes: [['m', 'size', 1]] },
      'mapSizes.0.1',
    ],
    [
      'C files',
      { sources: times(64, ['a.c', '']) },
      { sources: times(65, ['a.c', '']) },
      'sources',
    ],
    [
      'the text of a C file',
      { sources: [['a.c', letters(4 * 1024 * 1024)]] },
      { sources: [['a.c', letters(4 * 1024 * 1024 + 1)]] },
      'sources.0.1',
    ],
    [
      'a rule',
      { rules: [{ pc: 1, condition: 'r1', hits: 2, log: 'x' }] },
      { rules: [{ pc: 1, when: 'r1' }] },
      'rules.0.when',
    ],
    [
      'a register',
      { watchpoints: [{ kind: 'register', index: 10 }] },
      { watchpoints: [{ kind: 'register', index: 11 }] },
      'watchpoints.0.index',
    ],
    [
      'watchpoints',
      { watchpoints: times(64, { kind: 'register', index: 0 }) },
      { watchpoints: times(65, { kind: 'register', index: 0 }) },
      'watchpoints',
    ],
    [
      'bytes that are watched',
      watched({ kind: 'packet' }, { length: 4096 }),
      watched({ kind: 'packet' }, { length: 4097 }),
      'watchpoints.0.length',
    ],
    [
      'one byte at least',
      watched({ kind: 'packet' }, { offset: -8, field: 'ip.dst' }),
      watched({ kind: 'packet' }, { length: 0 }),
      'watchpoints.0.length',
    ],
    [
      'a frame of the stack',
      watched({ kind: 'stack', depth: 1 }),
      watched({ kind: 'stack', depth: -1 }),
      'watchpoints.0.region.depth',
    ],
    [
      'a section',
      watched({ kind: 'global', map: '.data', cpu: 1 }),
      watched({ kind: 'global' }),
      'watchpoints.0.region.map',
    ],
    [
      'a value',
      watched({ kind: 'value', map: 'm', at: '00', cpu: 0 }),
      watched({ kind: 'value', map: 'm' }),
      'watchpoints.0.region.at',
    ],
    [
      'a key of a callback',
      watched({ kind: 'key', map: 'm', at: '0' }),
      watched({ kind: 'key', map: 'm', at: '0', cpu: 0 }),
      'watchpoints.0.region.cpu',
    ],
    [
      'a record',
      watched({ kind: 'record', map: 'm', position: 8 }),
      watched({ kind: 'record', map: 'm', position: '8' }),
      'watchpoints.0.region.position',
    ],
    [
      'an index',
      watched({ kind: 'index', map: 'm' }),
      watched({ kind: 'index', map: 'm', name: 'x' }),
      'watchpoints.0.region.name',
    ],
    [
      'another region',
      watched({ kind: 'other', name: 'x' }),
      watched({ kind: 'nothing' }),
      'watchpoints.0.region.kind',
    ],
    [
      'a key in hex',
      { watchpoints: [{ kind: 'map', map: 'm', key: '0a0b' }] },
      { watchpoints: [{ kind: 'map', map: 'm', key: '0a0' }] },
      'watchpoints.0.key',
    ],
    [
      'a change of a register',
      edited({ kind: 'register', index: 0 }),
      edited({ kind: 'register', index: -1 }),
      'edits.0.target.index',
    ],
    [
      'a change of memory',
      edited({ kind: 'memory', region: { kind: 'packet' }, offset: -4 }),
      edited({ kind: 'memory', region: { kind: 'packet' }, offset: 0.5 }),
      'edits.0.target.offset',
    ],
    [
      'a change of the context',
      edited({ kind: 'context', field: 'mark' }),
      edited({ kind: 'context' }),
      'edits.0.target.field',
    ],
    [
      'a change of a map',
      edited({ kind: 'map', map: 'm', key: '00', cpu: 3 }),
      edited({ kind: 'map', map: 'm', key: '00', cpu: 1.5 }),
      'edits.0.target.cpu',
    ],
    [
      'a map that is filled',
      edited({ kind: 'fill', map: 'm' }),
      edited({ kind: 'fill', map: 'm', key: '00' }),
      'edits.0.target.key',
    ],
    [
      'bytes of a change',
      edited({ kind: 'register', index: 0 }, { value: letters(131_072) }),
      edited({ kind: 'register', index: 0 }, { value: letters(131_073) }),
      'edits.0.value',
    ],
    ['CPUs', { settings: { cpus: 64 } }, { settings: { cpus: 65 } }, 'settings.cpus'],
    ['one CPU', { settings: { cpus: 1 } }, { settings: { cpus: 0 } }, 'settings.cpus'],
    ['a CPU', { settings: { cpu: 63 } }, { settings: { cpu: 64 } }, 'settings.cpu'],
    ['a step', { settings: { maxSteps: 1 } }, { settings: { maxSteps: 0 } }, 'settings.maxSteps'],
    [
      'steps',
      { settings: { maxSteps: 1e9 } },
      { settings: { maxSteps: 1e9 + 1 } },
      'settings.maxSteps',
    ],
    [
      'nanoseconds',
      { settings: { time: '9'.repeat(19) } },
      { settings: { time: '9'.repeat(20) } },
      'settings.time',
    ],
    ['a gap', { settings: { gap: '0' } }, { settings: { gap: '' } }, 'settings.gap'],
    [
      'a reader',
      { settings: { perfReader: false } },
      { settings: { perfReader: 1 } },
      'settings.perfReader',
    ],
    [
      'a task',
      { settings: { task } },
      { settings: { task: { ...task, comm: undefined } } },
      'settings.task.comm',
    ],
    [
      'cgroups',
      { settings: { cgroup: { ids: ['1', '77'], classid: 0 } } },
      { settings: { cgroup: { ids: ['x'], classid: 0 } } },
      'settings.cgroup.ids.0',
    ],
    [
      'devices',
      network({ devices: [device] }),
      network({ devices: [{ ...device, forwarding: 'no' }] }),
      'network.devices.0.forwarding',
    ],
    [
      'ports',
      network({ sockets: [{ ...socket, localPort: 65_535, remotePort: 0, remote: '::1' }] }),
      network({ sockets: [{ ...socket, localPort: 65_536 }] }),
      'network.sockets.0.localPort',
    ],
    [
      'addresses',
      network({ sockets: [{ ...socket, local: letters(64), mark: 1, uid: 2 }] }),
      network({ sockets: [{ ...socket, local: letters(65) }] }),
      'network.sockets.0.local',
    ],
    [
      'states of sockets',
      network({ sockets: [socket] }),
      network({ sockets: [{ ...socket, state: 'open' }] }),
      'network.sockets.0.state',
    ],
    [
      'routes',
      network({ routes: [{ ...route, gateway: '10.0.0.9', source: '10.0.0.1', mtu: 9 }] }),
      network({ routes: [{ ...route, kind: 'nowhere' }] }),
      'network.routes.0.kind',
    ],
    [
      'neighbours',
      network({ neighbours: times(4096, neighbour) }),
      network({ neighbours: times(4097, neighbour) }),
      'network.neighbours',
    ],
    [
      'what the types of a kernel answer',
      kernelTypes(['9'.repeat(20)], ['1', 4, 'pointer'], { missing: 'x' }, { failed: 'y' }),
      kernelTypes(['1', 4]),
      'kernelTypes',
    ],
    [
      'a number they answer',
      kernelTypes(['0']),
      kernelTypes(['9'.repeat(21)]),
      'kernelTypes.answers.0.0',
    ],
    [
      'their width',
      kernelTypes(['0', 0, 'no']),
      kernelTypes(['0', -1, 'no']),
      'kernelTypes.answers.0.1',
    ],
    [
      'as many answers',
      kernelTypes(...times(65_536, ['0'])),
      kernelTypes(...times(65_537, ['0'])),
      'kernelTypes.answers',
    ],
    ['types of a kernel', { kernelTypes: 'own' }, { kernelTypes: 'none' }, 'kernelTypes'],
    ['packets', { packets: [['p', 0]] }, { packets: [['p', -1]] }, 'packets.0.1'],
    ['an object', { object: ['o', 1] }, { object: ['o'] }, 'object.1'],
    ['a hash', { hash: 'ab' }, { hash: 1 }, 'hash'],
    ['inputs that there are', {}, { anything: 1 }, 'anything'],
  ])('%s', (_, good, bad, place) =>
    expect([refused({ ...good }), refused({ ...bad })]).toEqual([undefined, damaged(place)]),
  );

  test('a description that is no JSON, or none at all', () => {
    expect(() => parseManifest('{', LINK_VERSION, 'link')).toThrow(
      'link: is damaged: its description is not JSON',
    );
    expect(() => parseManifest('7', LINK_VERSION, 'link')).toThrow(damaged('its description'));
  });
});
