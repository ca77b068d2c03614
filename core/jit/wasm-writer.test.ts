import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CodeWriter,
  I32,
  I64,
  IMPORTED,
  moduleBytes,
  OP,
  type WasmFunction,
} from './wasm-writer.ts';

/** What a function of no parameters answers, over a memory of a page. */
function answerOf(functions: WasmFunction[]): unknown {
  const exported = { name: 'run', function: 0 };
  const bytes = moduleBytes({ memory: 'memory', imports: [], functions, exported });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(bytes as BufferSource);
  const { run } = new WebAssembly.Instance(module, { [IMPORTED]: { memory } }).exports;
  return (run as () => unknown)();
}

const constant = (type: number, write: (code: CodeWriter) => void): WasmFunction => {
  const code = new CodeWriter();
  write(code);
  return { type: { parameters: [], results: [type] }, locals: [], names: [], code };
};

test('a constant comes back as it is', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (value) => {
      expect(answerOf([constant(I64, (code) => code.i64(value))])).toBe(value);
    }),
  );
  fc.assert(
    fc.property(fc.integer(), (value) => {
      expect(answerOf([constant(I32, (code) => code.i32(value))])).toBe(value);
    }),
  );
});

test('a module has many functions, and long ones', () => {
  const functions = Array.from({ length: 300 }, (_, i) =>
    constant(I32, (code) => {
      code.i32(i);
      for (let n = 0; n < 100; n++) {
        code.i32(1);
        code.op(OP.i32Mul);
      }
      if (i === 0) code.op(OP.drop);
      if (i === 0) code.call(299);
    }),
  );
  expect(answerOf(functions)).toBe(299);
});

test('a branch goes to what was opened, however far out', () => {
  const nested = constant(I32, (code) => {
    const outer = code.open(OP.block, I32);
    for (let n = 0; n < 200; n++) code.open(OP.block);
    code.i32(7);
    code.branch(OP.br, outer);
    for (let n = 0; n < 200; n++) code.close();
    code.op(OP.unreachable);
    code.close();
  });
  expect(answerOf([nested])).toBe(7);
});
