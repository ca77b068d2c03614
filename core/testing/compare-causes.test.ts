import { expect, test } from 'vitest';
import { run } from '../machine/run.ts';
import { HELPER_EFFECTS, type Surrounding } from '../spec/helper-effects.ts';
import { helperById } from '../spec/helpers.ts';
import { checkCauses } from './compare-causes.ts';
import { randomSession } from './compare-random.ts';
import { randomProgram } from './random-program.ts';

test(
  'nothing outside the named causes changes the verdict: random programs over every hook, ' +
    'one change at a time',
  () => {
    let checked = 0;
    let changes = 0;
    for (let seed = 1; checked < 25; seed++) {
      const { left, wrong, changes: made } = checkCauses(seed);
      expect([seed, wrong]).toEqual([seed, []]);
      if (left !== undefined) continue;
      checked += 1;
      for (const count of made.values()) changes += count;
    }
    expect(changes).toBeGreaterThan(3000);
  },
);

/**
 * What of Machine.surroundings and Machine.network is which setting; `random` is a state that
 * begins as the seed.
 */
const SETTING_OF: Readonly<Record<string, Surrounding>> = {
  time: 'time',
  seed: 'seed',
  cpu: 'cpu',
  cpus: 'cpus',
  task: 'task',
  cgroup: 'cgroup',
  devices: 'devices',
  routes: 'routes',
  neighbours: 'neighbours',
};

test('a helper asks for no more of the surroundings than its row says: random programs', () => {
  const asked = new Map<string, Set<string>>();
  for (let seed = 1; seed <= 300; seed++) {
    const session = randomSession(randomProgram(seed, 'world'));
    session.load();
    session.begin(0);
    const machine = session.machine!;
    let seen: Set<string> | undefined;
    const watched = <T extends object>(of: T): T =>
      new Proxy(of, {
        get: (target, name) => {
          seen?.add(String(name));
          return Reflect.get(target, name);
        },
      });
    machine.surroundings = watched(machine.surroundings);
    machine.network = watched(machine.network);
    while (machine.status === 'running' && session.bypass === undefined) {
      const instruction = machine.code.instructions[machine.pc];
      const isCall = instruction?.row?.kind === 'call' && instruction.row.op === 'call';
      const name = isCall ? (helperById(instruction.slot.imm)?.name ?? '') : '';
      seen = Object.hasOwn(HELPER_EFFECTS, name) ? (asked.get(name) ?? new Set()) : undefined;
      if (seen) asked.set(name, seen);
      run(machine, machine.steps + 1, null);
      seen = undefined;
    }
  }
  expect(asked.size).toBeGreaterThan(50);
  for (const [name, properties] of asked) {
    const row = HELPER_EFFECTS[name as keyof typeof HELPER_EFFECTS];
    const settings = [...properties].flatMap((property) => SETTING_OF[property] ?? []);
    expect([name, settings.filter((setting) => !row.asks?.includes(setting))]).toEqual([name, []]);
    if (properties.has('random')) expect(row.reads).toContain('random');
  }
});
