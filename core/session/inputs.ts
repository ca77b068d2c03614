import { DEFAULT_SETTINGS } from './defaults.ts';
import type { SessionInputs } from './types.ts';

/** Inputs for an object, everything else as it is when nothing was chosen. */
export const inputsFor = (name: string, bytes: Uint8Array): SessionInputs => ({
  object: { name, bytes },
  sources: [],
  options: [],
  packets: [],
  packet: 0,
  context: [],
  maps: [],
  breakpoints: [],
  step: 0,
  settings: DEFAULT_SETTINGS,
});
