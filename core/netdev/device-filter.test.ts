import { expect, test } from 'vitest';
import { other } from '../testing/chains.ts';
import { emptyChain } from './chain.ts';
import { directionsOf, isConnected } from './device-filter.ts';

const device = (id: string, options: string) => ({ id, options: `${options},id=${id}` });
const chain = {
  ...emptyChain(),
  chardevs: [
    device('path', 'socket,path=a.sock,server=on,wait=off'),
    device('path-end', 'socket,path=a.sock'),
    device('other-path', 'socket,path=b.sock'),
    device('port', 'socket,host=127.0.0.1,port=9001,server,nowait'),
    device('port-end', 'socket,host=127.0.0.1,port=9001'),
    device('other-port', 'socket,host=127.0.0.1,port=9002'),
    device('other-host', 'socket,host=127.0.0.2,port=9001'),
    device('no-socket', 'pipe,path=a.sock'),
    device('nowhere', 'socket,fd=3'),
    device('nowhere-too', 'socket,fd=4'),
  ],
};

test.each<[string, string, string, boolean]>([
  ['the two ends of one path', 'path', 'path-end', true],
  ['the other way round', 'path-end', 'path', true],
  ['the two ends of one host and port', 'port', 'port-end', true],
  ['another path', 'path', 'other-path', false],
  ['another port', 'port', 'other-port', false],
  ['the same port of another host', 'port', 'other-host', false],
  ['a path and a port', 'path', 'port', false],
  ['a device with itself', 'path', 'path', false],
  ['a pipe of the same path is no socket', 'path', 'no-socket', false],
  ['sockets that say no place', 'nowhere', 'nowhere-too', false],
  ['a device that is not there', 'path', 'gone', false],
  ['from one that is not there', 'gone', 'path', false],
])('packets come out of what they were sent to: %s', (_title, outdev, indev, isJoined) =>
  expect(isConnected(chain, outdev, indev)).toBe(isJoined),
);

test('a redirector lets in to the guest by queue=tx, from it by queue=rx, both ways by all', () => {
  const directions = (queue: 'all' | 'rx' | 'tx') =>
    directionsOf(other('filter-redirector', 'r', { queue }));
  expect([directions('tx'), directions('rx'), directions('all')]).toEqual([
    ['to-guest'],
    ['from-guest'],
    ['to-guest', 'from-guest'],
  ]);
});
