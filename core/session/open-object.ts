import { InputError } from '../errors.ts';
import { bundledTypes, readTypes } from '../object/btf/kernel-types.ts';
import { loadObject } from '../object/load.ts';
import type { CoreTarget, LoadedObject } from '../object/types.ts';
import { KERNEL_VERSION } from '../spec/kernel.ts';
import { programType } from '../spec/program-types.ts';
import { hookOfSection } from '../spec/sections.ts';
import type { KernelTypesInput, SessionInputs } from './types.ts';

/**
 * Reads the object of a session, with the types and values of the kernel that its inputs choose.
 */
export async function openObject(inputs: SessionInputs): Promise<LoadedObject> {
  const { name, bytes } = inputs.object;
  const { kernelTypes } = inputs;
  const externs = new Map(inputs.externs);
  if (kernelTypes !== undefined)
    return loadObject(name, bytes, { externs, target: await targetOf(kernelTypes) });
  const own = loadObject(name, bytes, { externs });
  return asksForKernelTypes(own)
    ? loadObject(name, bytes, { externs, target: await bundledTarget() })
    : own;
}

const bundledTarget = async (): Promise<CoreTarget> => ({
  name: `Linux ${KERNEL_VERSION}, bundled`,
  ...(await bundledTypes()),
});

async function targetOf(chosen: KernelTypesInput): Promise<CoreTarget | undefined> {
  if (chosen === 'own') return undefined;
  if (chosen === 'bundled') return bundledTarget();
  if ('answers' in chosen) return chosen;
  try {
    return { name: chosen.name, btf: readTypes(chosen.bytes) };
  } catch (error) {
    if (error instanceof InputError) throw new InputError(chosen.name, error.message);
    throw error;
  }
}

/**
 * Whether relocations ask for types of a kernel: loaders of Linux answer them with the kernel's,
 * whatever they are called, uBPF leaves the code as it was compiled.
 */
const asksForKernelTypes = ({ coreRelocations, programs }: LoadedObject): boolean =>
  coreRelocations.some(({ kind }) => kind !== 'type_id_local') &&
  programs.some(({ section }) => programType(hookOfSection(section).hook).helpers === 'linux');
