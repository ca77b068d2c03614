import { describe, expect, test } from 'vitest';
import { TRIED_ENGINES } from '../testing/engines.ts';
import { on } from '../testing/run.ts';

// What the operations compute semantics.test.ts asks; here what they may not touch.
describe.each(TRIED_ENGINES)('$name', (engine) => {
  const { run } = on(engine);
  test.each([
    [8, 'u64', 'r'],
    [4, 'u32', 'w'],
  ])('%d bytes that are not all in reach are a fault', (size, type, register) => {
    const { fault } = run(`r1 = 1; lock *(${type} *)(r10 - ${size - 1}) += ${register}1; exit`);
    const says = `instruction 1 writes ${size} bytes at stack-${size - 1}`;
    expect(fault).toMatchObject({
      kind: 'out-of-bounds',
      pc: 1,
      message: `${says}, the stack frame has 512 bytes below r10`,
    });
    expect(
      run(`r1 = 0; ${register}1 = load_acquire((${type} *)(r1 + 8)); exit`).fault,
    ).toMatchObject({
      kind: 'null-pointer',
      message: `instruction 1 reads ${size} bytes at 0x8, a NULL pointer plus an offset`,
    });
  });
});
