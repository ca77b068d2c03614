import type { Machine } from '../machine/machine.ts';
import type { Names } from './expression.ts';

/** Names of expressions: global variables of up to 8 bytes, as numbers without sign. */
export function namesOf(machine: Machine): Names {
  return (name) => {
    for (const map of machine.maps) {
      const variable = map.definition.variables?.find((candidate) => candidate.name === name);
      if (variable === undefined || variable.size > 8 || variable.size === 0) continue;
      const [entry] = map.entries();
      if (entry === undefined) return undefined;
      const { bytes, littleEndian } = machine.memory;
      const from = entry.value + variable.offset;
      const ordered = [...bytes.subarray(from, from + variable.size)];
      if (littleEndian) ordered.reverse();
      return ordered.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    }
    return undefined;
  };
}
