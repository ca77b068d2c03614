import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inKeyOrder } from './order.ts';

function orderOf(keys: readonly number[], isDescending: boolean): number[] {
  const work = inKeyOrder(
    Uint32Array.from(keys, (_, place) => place),
    (place) => keys[place],
    isDescending,
  );
  for (;;) {
    const step = work.next();
    if (step.done) return [...step.value];
  }
}

test('packets go by any key, up or down, equal ones as they stood', () => {
  const key = fc.oneof(fc.nat(3), fc.nat(70_000), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(key, { maxLength: 60 }), fc.boolean(), (keys, isDescending) => {
      const sign = isDescending ? -1 : 1;
      const expected = keys
        .map((_, place) => place)
        .sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
      expect(orderOf(keys, isDescending)).toEqual(expected);
    }),
  );
});
