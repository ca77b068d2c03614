import { expect, test } from 'vitest';
import { countOf, fromOf, KIND, kindOf, laneOf, OF_CONTENTS, role } from './trace-inputs.ts';

const told = (how: number) => [kindOf(how), laneOf(how), fromOf(how), countOf(how)];

test('an input says its kind, and which bytes of what it fills', () => {
  for (const kind of Object.values(KIND)) {
    expect(told(role(kind))).toEqual([kind, 0, 0, 0]);
    expect(told(role(kind, 7, 5, 0xf_ffff))).toEqual([kind, 7, 5, 0xf_ffff]);
    expect(told(role(kind, 1, 2, 3) | OF_CONTENTS)).toEqual([kind, 1, 2, 3]);
    expect(role(kind, 7, 7, 0xf_ffff) & OF_CONTENTS).toBe(0);
  }
});
