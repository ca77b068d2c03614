/**
 * What an object says of its XDP programs where several run on one device, as libxdp reads it
 * (xdp_program__parse_btf, lib/libxdp/libxdp.c): a struct `_NAME` in `.xdp_run_config`, whose
 * members are `__uint`s, pointers to arrays of so many elements.
 */
import { InputError } from '../errors.ts';
import { programType } from '../spec/program-types.ts';
import type { Btf } from './btf/btf.ts';
import type { BtfMember, BtfRecord } from './btf/types.ts';

export const RUN_CONFIG_SECTION = '.xdp_run_config';

export interface XdpRunConfig {
  readonly priority?: number;
  /** Codes that it names: whether the next program is asked behind one. */
  readonly actions: ReadonlyMap<number, boolean>;
}

/** Undefined where it says nothing; an InputError where libxdp would refuse the program. */
export function xdpRunConfig(btf: Btf | undefined, program: string): XdpRunConfig | undefined {
  const section = btf?.find('datasec', RUN_CONFIG_SECTION);
  if (btf === undefined || section === undefined) return undefined;
  const name = `_${program}`;
  const variable = section.variables
    .map(({ type }) => btf.byId(type))
    .find((type) => type?.name === name);
  if (variable === undefined) return undefined;
  const place = `${RUN_CONFIG_SECTION}, ${name}`;
  if (variable.kind !== 'var') throw new InputError(place, `is ${variable.kind}, not a variable`);
  if (variable.linkage === 'extern') throw new InputError(place, 'is defined in another object');
  const definition = btf.resolve(variable.type);
  if (definition?.kind !== 'struct')
    throw new InputError(place, `is ${definition?.kind ?? 'of no known type'}, not a struct`);
  return configOf(btf, definition, place);
}

const CODES = new Map(programType('xdp').verdicts.map(({ name, code }) => [name, code]));

function configOf(btf: Btf, { members }: BtfRecord, place: string): XdpRunConfig {
  let priority: number | undefined;
  const actions = new Map<number, boolean>();
  for (const member of members) {
    const number = numberOf(btf, member, place);
    const code = CODES.get(member.name);
    if (member.name === 'priority') priority = number;
    else if (code !== undefined) actions.set(code, number !== 0);
    else throw new InputError(place, `has "${member.name}", which is no priority and no action`);
  }
  return { ...(priority !== undefined && { priority }), actions };
}

function numberOf(btf: Btf, { name, type }: BtfMember, place: string): number {
  const pointer = btf.resolve(type);
  const array = pointer?.kind === 'ptr' ? btf.byId(pointer.type) : undefined;
  if (array?.kind !== 'array')
    throw new InputError(place, `"${name}" is no number: a pointer to an array of so many`);
  return array.count;
}
