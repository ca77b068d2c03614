import { type ContextField, contextFields } from './contexts.ts';
import { HELPERS, type HelperRow } from './helpers.ts';
import { KFUNCS, type KfuncRow } from './kfuncs.ts';
import { MAP_TYPES } from './map-types.ts';
import { type HookName, PROGRAM_TYPES, type ProgramTypeRow } from './program-types.ts';

/** The hooks of Linux, in the order of the table. */
export const LINUX_HOOKS: readonly ProgramTypeRow[] = (
  PROGRAM_TYPES as readonly ProgramTypeRow[]
).filter((row) => row.helpers === 'linux');

/**
 * done: as in Linux; refused: the kernel has it, the playground says why not; none: the verifier
 * refuses the program.
 */
export type Support = 'done' | 'refused' | 'none';

export const supportOf = (helper: HelperRow, hook: HookName): Support =>
  !helper.hooks.includes(hook) ? 'none' : helper.doc === undefined ? 'refused' : 'done';

/** Helpers that some packet program may call, in the order of their numbers. */
export const PACKET_HELPERS: readonly HelperRow[] = HELPERS.filter(({ hooks }) => hooks.length > 0);

/** Map types a helper takes. */
export const mapsOf = (helper: HelperRow): string[] =>
  MAP_TYPES.filter(({ helpers }) => helpers.includes(helper.name)).map(({ name }) => name);

export const PACKET_KFUNCS: readonly KfuncRow[] = KFUNCS;

export interface FieldRights {
  readonly field: ContextField;
  readonly read: boolean;
  readonly write: boolean;
}

/**
 * Fields of a hook's context with what its programs may do to them; those they may not touch are
 * left out.
 */
export function fieldsOf(hook: ProgramTypeRow): FieldRights[] {
  if (hook.context === undefined) return [];
  return contextFields(hook.context)
    .map((field) => ({
      field,
      read: field.read?.includes(hook.name) ?? true,
      write: field.write?.includes(hook.name) ?? false,
    }))
    .filter(({ read, write }) => read || write);
}
