import { InputError } from '../errors.ts';
import { targetHas } from '../object/core-relocation.ts';
import { bundledTypes, readTypes } from '../object/kernel-types.ts';
import { loadObject } from '../object/load.ts';
import type { CoreTarget, LoadedObject } from '../object/types.ts';
import type { KernelTypes, SessionInputs } from '../protocol/messages.ts';
import { KERNEL_VERSION } from '../spec/kernel.ts';

/** Reads the object of a session, with the types and values of the kernel that its inputs choose. */
export async function openObject(inputs: SessionInputs): Promise<LoadedObject> {
  const { name, bytes } = inputs.object;
  const { kernelTypes } = inputs;
  const externs = new Map(inputs.externs);
  if (kernelTypes !== undefined) return loadObject(name, bytes, { externs, target: await targetOf(kernelTypes) });
  const own = loadObject(name, bytes, { externs });
  return (await asksForKernelTypes(own)) ? loadObject(name, bytes, { externs, target: await bundledTarget() }) : own;
}

const bundledTarget = async (): Promise<CoreTarget> => ({
  name: `Linux ${KERNEL_VERSION}, bundled`,
  btf: await bundledTypes(),
});

async function targetOf(chosen: KernelTypes): Promise<CoreTarget | undefined> {
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

/** Whether a relocation is about a type that the bundled ones have. */
async function asksForKernelTypes({ btf, coreRelocations }: LoadedObject): Promise<boolean> {
  const types = new Set(coreRelocations.filter(({ kind }) => kind !== 'type_id_local').map(({ type }) => type));
  if (types.size === 0) return false;
  const bundled = await bundledTypes();
  return [...types].some((id) => targetHas(bundled, btf!.byId(id)));
}
