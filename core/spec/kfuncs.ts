import { KFUNC_DOCS, type KfuncName } from './kfunc-docs.ts';
import { KFUNC_PROTOTYPES } from './kfunc-prototypes.generated.ts';
import type { HookName } from './program-types.ts';
import type { Prototype } from './prototypes.ts';

/** A kernel function: what it takes, who may call it, what it does. */
export interface KfuncRow {
  readonly name: KfuncName;
  readonly prototype: Prototype;
  readonly hooks: readonly HookName[];
  readonly doc: string;
}

const PROTOTYPES: Readonly<Record<KfuncName, Prototype & { readonly hooks: readonly HookName[] }>> =
  KFUNC_PROTOTYPES;

export const KFUNCS: readonly KfuncRow[] = (Object.keys(KFUNC_DOCS) as KfuncName[]).map((name) => {
  const { hooks, ...prototype } = PROTOTYPES[name];
  return { name, prototype, hooks, doc: KFUNC_DOCS[name] };
});

const byName: ReadonlyMap<string, KfuncRow> = new Map(KFUNCS.map((row) => [row.name, row]));

export const kfuncByName = (name: string): KfuncRow | undefined => byName.get(name);
