import { CPU_COUNT } from '../spec/map-types.ts';
import type { Settings } from './types.ts';

/**
 * Steps after which a run is taken to have no end: above what may_goto or bpf_loop may do by
 * themselves, 8,388,608 rounds (BPF_MAX_LOOPS), with some thirty instructions each.
 */
export const DEFAULT_MAX_STEPS = 250_000_000;

/**
 * Surroundings of a run where the user set none: one second after boot, first CPU, no task but the
 * idle one.
 */
export const DEFAULT_SETTINGS: Settings = {
  seed: 1,
  time: '1000000000',
  cpu: 0,
  cpus: CPU_COUNT,
  gap: '0',
  perfReader: false,
  maxSteps: DEFAULT_MAX_STEPS,
  task: { pid: 0, tgid: 0, uid: 0, gid: 0, comm: 'swapper/0' },
  cgroup: { ids: ['1'], classid: 0 },
};

/** The settings that are not as they are where nobody set them; undefined where all are. */
export function changedSettings(settings: Settings): Partial<Settings> | undefined {
  const changed = Object.entries(settings).filter(
    ([setting, value]) => DEFAULT_SETTINGS[setting as keyof Settings] !== value,
  );
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}
