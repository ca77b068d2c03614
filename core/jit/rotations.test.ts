import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import type { Instruction } from '../asm/decode.ts';
import { inputsFor } from '../session/inputs.ts';
import { Session } from '../session/session.ts';
import { engineDifferences, runPackets } from '../testing/compare-engines.ts';
import { Random } from '../testing/random.ts';
import { compiledCodeOf, JIT } from './jit.ts';
import { rotationsIn } from './rotations.ts';
import { wasmText } from './wasm-text.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

function sessionOn(source: string): Session {
  const packet = { name: 'packet', bytes: Uint8Array.from({ length: 64 }, (_, i) => 37 * i + 129) };
  const inputs = inputsFor('test', assemble(source));
  return new Session({ ...inputs, hook: 'ubpf', packets: [packet] }, linear);
}
const differences = (source: string): string[] =>
  engineDifferences((engine) => {
    const session = sessionOn(source);
    session.runBy(engine);
    return runPackets(session);
  }, 1);

/** Bits to the left, by the slot that puts both halves together. */
function found(source: string): [pc: number, by: number][] {
  const session = sessionOn(source);
  session.load();
  const { instructions } = session.machine!.code;
  const pcs = instructions.flatMap((one, pc) => (one?.row ? [pc] : []));
  const at = (pc: number) => instructions[pc] as Instruction;
  return [...rotationsIn(pcs, at, (pc) => BigInt(at(pc).slot.imm))].map(([pc, { by }]) => [pc, by]);
}

const LOAD = 'r6 = *(u64 *)(r1 + 0); r7 = *(u64 *)(r1 + 8)';
const END = 'r0 = r6; r0 ^= r7; r0 ^= r2; r0 ^= r3; exit';

describe('a rotation', () => {
  test.each<[what: string, source: string, by: number[]]>([
    ['as clang writes it', 'r2 = r6; r2 >>= 51; r6 <<= 13; r6 |= r2', [13]],
    ['of which both sides are copies', 'r3 = r6; r3 >>= 47; r2 = r6; r2 <<= 17; r2 |= r3', [17]],
    ['by a half', 'r2 = r6; r2 >>= 32; r6 <<= 32; r6 |= r2', [32]],
    ['by a sum', 'r2 = r6; r2 <<= 1; r6 >>= 63; r6 += r2', [1]],
    ['by what is in one side alone', 'r2 = r6; r2 <<= 63; r6 >>= 1; r2 ^= r6', [63]],
    ['whose half was copied', 'r2 = r6; r2 >>= 51; r3 = r2; r2 = 0; r6 <<= 13; r6 |= r3', [13]],
    [
      'of a rotation',
      'r2 = r6; r2 >>= 51; r6 <<= 13; r6 |= r2; r2 = r6; r2 <<= 16; r6 >>= 48; r6 |= r2',
      [13, 16],
    ],
    [
      'of which one half serves twice',
      'r2 = r6; r2 >>= 51; r3 = r6; r3 <<= 13; r6 <<= 13; r6 |= r2; r3 |= r2',
      [13, 13],
    ],
  ])('%s', (_what, source, by) => {
    expect(found(`${LOAD}; ${source}; ${END}`).map(([, bits]) => bits)).toEqual(by);
    expect(differences(`${LOAD}; ${source}; ${END}`)).toEqual([]);
  });

  test.each([
    ['by other bits', 'r2 = r6; r2 >>= 50; r6 <<= 13; r6 |= r2'],
    ['of another value', 'r2 = r7; r2 >>= 51; r6 <<= 13; r6 |= r2'],
    ['of a value that was changed', 'r2 = r6; r6 += 1; r2 >>= 51; r6 <<= 13; r6 |= r2'],
    ['of a half that was changed', 'r2 = r6; r2 >>= 51; r2 += 1; r6 <<= 13; r6 |= r2'],
    ['of a half that was put aside', 'r2 = r6; r2 >>= 51; r2 = r7; r6 <<= 13; r6 |= r2'],
    ['both to the same side', 'r2 = r6; r2 <<= 51; r6 <<= 13; r6 |= r2'],
    ['with its sign', 'r2 = r6; r2 s>>= 51; r6 <<= 13; r6 |= r2'],
    ['of 32 bits', 'w2 = w6; w2 >>= 19; w6 <<= 13; w6 |= w2'],
    ['by a register', 'r3 = 13; r2 = r6; r2 >>= 51; r6 <<= r3; r6 |= r2'],
    ['put together otherwise', 'r2 = r6; r2 >>= 51; r6 <<= 13; r6 &= r2'],
    [
      'of which one half is loaded anew',
      'r2 = r6; r2 >>= 51; r6 <<= 13; r2 = *(u8 *)(r1 + 3); r6 |= r2',
    ],
  ])('is none: %s', (_what, source) => {
    expect(found(`${LOAD}; ${source}; ${END}`)).toEqual([]);
    expect(differences(`${LOAD}; ${source}; ${END}`)).toEqual([]);
  });

  test('is one instruction of WebAssembly', () => {
    const session = sessionOn(`${LOAD}; r2 = r6; r2 >>= 51; r6 <<= 13; r6 |= r2; ${END}`);
    session.runBy(JIT);
    session.load();
    const { module } = compiledCodeOf(session.machine!).written(0, 0)!;
    const text = wasmText(module).map((line) => line.text);
    expect(text.filter((line) => line === 'i64.rotl')).toHaveLength(1);
  });
});

const FIRST = Date.now() % 1_000_000_000;
test(`random shifts from seed ${FIRST} on`, () => {
  const different = Array.from({ length: 60 }, (_, i) => FIRST + i).flatMap((seed) => {
    const random = new Random(seed);
    const register = () => `r${random.pick([0, 2, 6, 7])}`;
    const lines = Array.from({ length: 40 }, () => {
      const by = random.pick([1, 13, 32, 51, 63]);
      return random.pick([
        `${register()} = ${register()}`,
        `${register()} <<= ${by}`,
        `${register()} >>= ${64 - by}`,
        `${register()} ${random.pick(['|=', '+=', '^='])} ${register()}`,
        `if ${register()} > ${register()} goto +1`,
      ]);
    });
    const source = `r0 = 5; r2 = 7; ${LOAD}; ${lines.join('; ')}; r0 += r2; r0 ^= r6; exit`;
    return differences(source).map((text) => `seed ${seed}: ${text}`);
  });
  expect(different).toEqual([]);
});
