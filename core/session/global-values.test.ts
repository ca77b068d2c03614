import { expect, test } from 'vitest';
import { readObject } from '../testing/corpus.ts';
import { variableViews } from './global-values.ts';
import { inputsFor } from './inputs.ts';
import { Session } from './session.ts';

const name = 'globals.clang-19-v3-g.o';
const bytes = readObject(name);
const viewsOf = (maps: { map: string; key: string; value: string }[] = []) => {
  const inputs = { ...inputsFor(name, bytes), maps };
  return variableViews(new Session(inputs, new WebAssembly.Memory({ initial: 1 })));
};

test('variables by their sections: what may be set is not what is read only', () => {
  const told = viewsOf().map((view) => [view.map, view.name, view.readOnly, view.changed]);
  expect(told).toEqual([
    ['.data', 'counter', false, false],
    ['.data', 'pairs', false, false],
    ['.data', 'totals', false, false],
    ['.rodata', 'limit', true, false],
    ['.rodata', 'account.format', true, false],
    ['.data.hot', 'hot', false, false],
    ['.rodata.table', 'table', true, false],
    ['.bss', 'account.calls', false, false],
    ['.bss', 'seen', false, false],
    ['.rodata.cst8', 'ports', true, false],
  ]);
});

test('what was set stands in the place of what the object has, and is told', () => {
  const hot = viewsOf([{ map: '.data.hot', key: '00000000', value: '05000000' }]).find(
    (view) => view.name === 'hot',
  );
  expect(hot).toMatchObject({ declaration: 'int', value: '5', changed: true });
});
