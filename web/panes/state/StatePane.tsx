import { CallStack } from './CallStack.tsx';
import { Registers } from './Registers.tsx';
import './state.css';

/** The machine at this step: registers, call stack and the stack bytes of a frame. */
export function StatePane() {
  return (
    <section className="pane state" aria-label="State" data-pane="state">
      <div className="state-body">
        <Registers />
        <CallStack />
      </div>
    </section>
  );
}
