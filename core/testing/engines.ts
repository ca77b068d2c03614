import { ENGINES } from '../jit/engines.ts';
import type { Engine } from '../machine/engine.ts';

/** Without the record that a session keeps: while there is one compiled code marks what it does. */
const unrecorded = (engine: Engine): Engine => ({
  ...engine,
  run(machine, end, stops) {
    const { recorder } = machine;
    machine.recorder = null;
    try {
      engine.run(machine, end, stops);
    } finally {
      machine.recorder = recorder;
    }
  },
});

/** Every engine, to be tried on what a program comes to, but for what is recorded on the way. */
export const TRIED_ENGINES = ENGINES.map((engine) =>
  engine.name === 'interpreter' ? engine : unrecorded(engine),
);
