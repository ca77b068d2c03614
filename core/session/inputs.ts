import type { SessionInputs, Settings } from '../protocol/messages.ts';

/** Steps after which a run is taken to have no end. */
export const DEFAULT_MAX_STEPS = 10_000_000;

export const DEFAULT_SETTINGS: Settings = { seed: 1, time: '1000000000', cpu: 0, maxSteps: DEFAULT_MAX_STEPS };

/** Inputs for an object, everything else as it is when nothing was chosen. */
export const inputsFor = (name: string, bytes: Uint8Array): SessionInputs => ({
  object: { name, bytes }, sources: [], options: [], packets: [], packet: 0, context: [], maps: [], breakpoints: [], step: 0, settings: DEFAULT_SETTINGS,
});

/** A frame to begin with where the user gave none: TCP SYN from 10.0.0.2 to 1.1.1.1 port 80, checksums right. */
export const FIRST_PACKET = {
  name: 'TCP SYN to 1.1.1.1:80',
  hex: '5254001234565254006543210800450000280001400040062ecb0a000002010101019c40005000000001000000005002faf0f5270000',
};
