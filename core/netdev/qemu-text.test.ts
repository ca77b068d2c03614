import { describe, expect, test } from 'vitest';
import { emptyChain } from './chain.ts';
import { readChain } from './qemu-options.ts';
import { qemuLines, qmpOfChain } from './qemu-text.ts';

const LINES = [
  '-netdev tap,id=hn0,vhost=off',
  '-device virtio-net-pci,netdev=hn0,mac=52:54:00:12:34:56',
  '-chardev socket,id=mirror0,path=mirror.sock,server=on,wait=off',
  '-object filter-ubpf,id=f1,netdev=hn0,queue=tx,ip-mode=on,ubpf-handler=ip_dst.o',
  '-object filter-dump,id=d1,netdev=hn0,queue=all,file=all.pcap,maxlen=128',
  '-object filter-buffer,id=b1,netdev=hn0,queue=rx,interval=1000,status=off',
  '-object filter-mirror,id=m1,netdev=hn0,queue=tx,outdev=mirror0',
  // A space in a name: the shell has to leave it in one word.
  "-object 'filter-ubpf,id=f2,netdev=hn0,queue=rx,ip-mode=off,ubpf-handler=a,,b/ip dst.o'",
];

const read = (text: string) => {
  const { chain, handlers } = readChain('chain.txt', text);
  return { chain, objects: handlers.map((name) => ({ name, bytes: new Uint8Array() })) };
};
test('a chain prints the lines it was read from', () => {
  expect(qemuLines(read(LINES.join('\n')))).toEqual(LINES);
});

test.each<[string, string]>([
  [
    'a whole command line over several rows',
    `qemu-system-x86_64 \\\n ${LINES[0]} \\\n ${LINES[3]}`,
  ],
  ['remarks and empty rows', `# the chain\n${LINES[0]}  # a tap\n\n${LINES[3]}\n`],
  ['rows of Windows', `${LINES[0]}\r\n${LINES[3]}\r\n`],
  ['quotes', `"-netdev" "tap,id=hn0,vhost=off" -object '${LINES[3].slice('-object '.length)}'`],
  [
    'options in another order, and a switch alone',
    `${LINES[0]}\n-object filter-ubpf,ubpf-handler=ip_dst.o,ip-mode,netdev=hn0,queue=tx,id=f1`,
  ],
])('read: %s', (_title, text) => expect(qemuLines(read(text))).toEqual([LINES[0], LINES[3]]));

test('position and insert say where a filter goes; the lines have them in that order', () => {
  const text = [
    '-object filter-dump,id=a,netdev=hn0,file=a',
    '-object filter-dump,id=b,netdev=hn0,file=b,position=head',
    '-object filter-dump,id=c,netdev=hn0,file=c,position=id=a,insert=before',
  ].join('\n');
  const { filters, netdev } = read(text).chain;
  expect(filters.map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  expect(netdev.options).toBe('user,id=hn0');
});

describe('what is wrong in a file is said with its line', () => {
  test.each<[string, string, string]>([
    ['no option of a chain', '\n-drive file=x', 'chain.txt, line 2: "-drive" is no option'],
    ['no value', '-netdev', 'chain.txt, line 1: -netdev has no value behind it'],
    ['another object', '-object rng-random,id=r', '"rng-random" is not one of filter-ubpf,'],
    ['no id', '-object filter-dump,netdev=hn0,file=x', "parameter 'id' is missing"],
    ['no netdev', '-object filter-dump,id=d,file=x', "filter d: parameter 'netdev' is required"],
    [
      'two of one id',
      '-object filter-dump,id=d,netdev=hn0,file=x\n-object filter-dump,id=d,netdev=hn0,file=y',
      "chain.txt, line 2: filter d: attempt to add duplicate property 'd'",
    ],
    [
      'a netdev that is not there',
      '-netdev user,id=hn0\n-object filter-dump,id=d,netdev=hn1,file=x',
      'filter d: parameter \'netdev\' expects a network backend id: "hn1" is not "hn0"',
    ],
    [
      'a character device that is not there',
      '-netdev user,id=hn0\n-object filter-mirror,id=m,netdev=hn0,outdev=x',
      "filter m: device 'x' not found: add -chardev socket,id=x",
    ],
    [
      'a file that is not said',
      '-object filter-ubpf,id=f,netdev=hn0',
      "filter f: 'ubpf-handler' cannot be empty",
    ],
    [
      'an empty file',
      '-object filter-ubpf,id=f,netdev=hn0,ubpf-handler=',
      "filter f: 'ubpf-handler' cannot be empty",
    ],
    [
      'an unknown insert',
      '-object filter-dump,id=d,netdev=hn0,file=x,insert=after',
      "parameter 'insert' expects 'before' or 'behind'",
    ],
    ['vhost', '-netdev tap,id=hn0,vhost=on', 'line 1: netdev hn0: Vhost is not supported'],
    ['two netdevs', '-netdev user,id=a\n-netdev user,id=b', 'line 2: -netdev: a chain has one'],
    ['JSON', `-object '{"qom-type":"filter-dump"}'`, 'JSON is not read here'],
    ['nothing', '# empty', 'chain.txt: there is no filter in it, and no netdev'],
  ])('%s', (_title, text, words) => expect(() => read(text)).toThrow(words));
});

test('QMP has numbers and switches as such', () => {
  const commands = qmpOfChain(read(LINES.join('\n'))).map((text) => JSON.parse(text));
  expect(commands.map(({ execute }) => execute)).toEqual(Array(5).fill('object-add'));
  expect(commands[1].arguments).toEqual({
    'qom-type': 'filter-dump',
    id: 'd1',
    netdev: 'hn0',
    queue: 'all',
    status: 'on',
    file: 'all.pcap',
    maxlen: 128,
  });
  expect(commands[4].arguments).toMatchObject({
    'ip-mode': false,
    'ubpf-handler': 'a,b/ip dst.o',
  });
});

test('names with quotes, spaces and commas come back as they were', () => {
  for (const name of ["it's.o", 'a b,c.o', '"q".o', '$HOME.o', 'ä.o']) {
    const filter = {
      id: 'f',
      kind: 'filter-ubpf',
      queue: 'all',
      status: 'on',
      object: 0,
      properties: [],
    } as const;
    const chain = { ...emptyChain(), filters: [filter] };
    const lines = qemuLines({ chain, objects: [{ name, bytes: new Uint8Array() }] });
    expect(readChain('x', lines.join('\n')).handlers).toEqual([name]);
  }
});
