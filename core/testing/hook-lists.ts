// Lists of assembled programs on a hook, and their runs.
import { assemble } from '../asm/assemble.ts';
import type { Engine } from '../machine/engine.ts';
import { INTERPRETER } from '../machine/engine.ts';
import { HookRun } from '../netdev/hook-run.ts';
import type { ChainObject, HookList, HookProgram } from '../netdev/types.ts';
import { loadObject } from '../object/load.ts';
import type { LoadedObject } from '../object/types.ts';
import { inputsFor } from '../session/inputs.ts';
import type { SessionInputs } from '../session/types.ts';
import { HOOKS_WITH_DIRECTION, type ListHook } from '../spec/hook-lists.ts';

/** A program as assembly, or an object, and how it stands in its list. */
export interface ListedProgram extends Partial<Omit<HookProgram, 'object'>> {
  readonly source: string | Uint8Array;
}

/** A list whose programs are called p1, p2, ... unless they say so. */
export function hookListFrom(
  hook: ListHook,
  programs: readonly ListedProgram[],
  direction: HookList['direction'] = HOOKS_WITH_DIRECTION.has(hook) ? 'ingress' : undefined,
) {
  const objects = programs.map(
    ({ source }, i): ChainObject => ({
      name: `${i + 1}.o`,
      bytes: typeof source === 'string' ? assemble(source) : source,
    }),
  );
  const list: HookList = {
    hook,
    ...(direction && { direction }),
    programs: programs.map(({ source: _source, ...told }, i) => ({
      id: `p${i + 1}`,
      object: i,
      status: 'on',
      ...(hook === 'tc' && { where: 'tcx' }),
      ...told,
    })),
  };
  return { list, objects };
}

const memories: WebAssembly.Memory[] = [];

/** A run of a list; linear memories are used again by the next one, since a process has few. */
export function hookRunOf(
  hook: ListHook,
  programs: readonly ListedProgram[],
  {
    engine = INTERPRETER,
    session = inputsFor('none', new Uint8Array()),
    direction,
  }: { engine?: Engine; session?: SessionInputs; direction?: HookList['direction'] } = {},
): HookRun {
  const whole = hookListFrom(hook, programs, direction);
  const loaded = new Map(
    whole.objects.map((object): [Uint8Array, LoadedObject] => [
      object.bytes,
      loadObject(object.name, object.bytes),
    ]),
  );
  let taken = 0;
  return new HookRun({
    whole,
    session,
    loadedOf: ({ bytes }) => loaded.get(bytes)!,
    memory: () => {
      memories[taken] ??= new WebAssembly.Memory({ initial: 1 });
      return memories[taken++];
    },
    engine,
  });
}
