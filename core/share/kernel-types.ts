import * as v from 'valibot';
import { Bug } from '../errors.ts';
import type { CoreAnswer } from '../object/types.ts';
import type { Session } from '../session/session.ts';
import type { KernelTypesInput } from '../session/types.ts';

/** More relocations than any object has that is loaded into a kernel. */
const MANY = 65_536;
const text = v.pipe(v.string(), v.maxLength(1024));
const value = v.pipe(v.string(), v.regex(/^\d{1,20}$/));
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));

/**
 * KernelTypes as a link has them: an answer is a value, with the width of an access behind it, or
 * the reason for none.
 */
export const KERNEL_TYPES = v.union([
  v.picklist(['own', 'bundled']),
  v.strictObject({
    name: text,
    answers: v.pipe(
      v.array(
        v.union([
          v.strictTuple([value]),
          v.strictTuple([value, bytes, v.picklist(['pointer', 'unsigned', 'no'])]),
          v.strictObject({ missing: text }),
          v.strictObject({ failed: text }),
        ]),
      ),
      v.maxLength(MANY),
    ),
  }),
]);
type Written = v.InferOutput<typeof KERNEL_TYPES>;
type WrittenAnswer = Extract<Written, { name: string }>['answers'][number];

export function writeKernelTypes(types: KernelTypesInput): Written {
  if (typeof types === 'string') return types;
  if ('bytes' in types) throw new Bug('a whole file of kernel types is put into a link');
  return { name: types.name, answers: types.answers.map(writeAnswer) };
}

function writeAnswer(answer: CoreAnswer): WrittenAnswer {
  if (!('value' in answer)) return answer;
  const { value: number, width } = answer;
  return width ? [number.toString(), width.bytes, width.resizes] : [number.toString()];
}

export function readKernelTypes(types: Written): KernelTypesInput {
  if (typeof types === 'string') return types;
  return { name: types.name, answers: types.answers.map(readAnswer) };
}

function readAnswer(answer: WrittenAnswer): CoreAnswer {
  if (!Array.isArray(answer)) return answer;
  const [number, size, resizes] = answer;
  const plain = { value: BigInt.asUintN(64, BigInt(number)) };
  return size === undefined || resizes === undefined
    ? plain
    : { ...plain, width: { bytes: size, resizes } };
}

/**
 * A file's types are too large to be sent: what they say to the object's relocations is all that a
 * run needs.
 */
export function portableTypes({ inputs, object }: Session): {
  kernelTypes: KernelTypesInput | undefined;
  dropped?: string;
} {
  const { kernelTypes } = inputs;
  if (typeof kernelTypes !== 'object' || !('bytes' in kernelTypes)) return { kernelTypes };
  const answers = object.coreRelocations.map(({ answer }) => answer);
  const kept = answers.length > 0 ? { name: kernelTypes.name, answers } : undefined;
  return {
    kernelTypes: kept,
    dropped:
      `kernel types of ${kernelTypes.name}, but for what ` +
      `its ${answers.length} relocations take from them`,
  };
}
