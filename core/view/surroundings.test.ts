import { expect, test } from 'vitest';
import { surroundingsOf } from './surroundings.ts';

test('a program of filter-ubpf or uBPF sees nothing of what surrounds it', () => {
  expect(surroundingsOf('filter-ubpf')).toEqual([]);
  expect(surroundingsOf('ubpf')).toEqual([]);
});

test('an XDP program can look routes, neighbours, sockets and devices up', () => {
  expect(surroundingsOf('xdp')).toEqual(
    expect.arrayContaining(['time', 'seed', 'cpu', 'routes', 'neighbours', 'sockets', 'devices']),
  );
});

test('a socket filter can look no route up, and has a clock all the same', () => {
  expect(surroundingsOf('socket_filter')).toContain('time');
  expect(surroundingsOf('socket_filter')).not.toContain('routes');
});
