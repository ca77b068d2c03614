import { useState } from 'react';
import { rowAt, useSession } from '../stores/session.ts';
import { EditableText } from '../ui/EditableText.tsx';
import { count } from '../ui/format.ts';
import { go } from './wish.ts';

/** The whole run on one line: any step is one drag, one key or one number away. */
export function Timeline() {
  const view = useSession((state) => state.view);
  const snapshot = useSession((state) => state.snapshot);
  // The slider stays where it was put until the run is there: a held arrow key must not wait for each step.
  const [wanted, setWanted] = useState<number>();
  if (!view || !snapshot) return <footer className="timeline" data-pane="timeline" />;
  const { step, totalSteps, pc } = snapshot;
  const row = rowAt(view.code.rows, pc);
  const total = Math.max(step, totalSteps ?? step);
  const toStep = async (to: number) => {
    setWanted(to);
    await go({ how: 'to-step', step: to }, 'to-step');
    setWanted((latest) => (latest === to ? undefined : latest));
  };
  const setStep = (text: string) => {
    const wanted = Number(text.replace(/[,\s_]/g, ''));
    if (Number.isInteger(wanted) && wanted >= 0) toStep(wanted);
  };
  return (
    <footer className="timeline" data-pane="timeline">
      <div className="step-field">
        <span>Step</span>
        <EditableText label="Step number" text={String(step)} onSet={setStep} />
        <span>{totalSteps === undefined ? '' : `of ${count(totalSteps)}`}</span>
      </div>
      <div className="slider-box">
        <Marks total={total} />
        <input
          type="range"
          className="slider"
          aria-label="Place in the run"
          aria-valuetext={`step ${step} of ${total}${row ? `, next: ${row.text}` : ''}`}
          min={0}
          max={total}
          value={wanted ?? step}
          disabled={total === 0}
          onChange={(event) => toStep(Number(event.target.value))}
        />
      </div>
      <Status />
    </footer>
  );
}

/** What a program sent and what a person changed, above the line; a click goes there. */
function Marks({ total }: { total: number }) {
  const output = useSession((state) => state.snapshot?.output);
  const edits = useSession((state) => state.view?.edits);
  const packet = useSession((state) => state.view?.packet);
  if (total === 0) return null;
  const marks = [
    ...(output ?? []).map(({ step, source }) => ({ step, kind: source })),
    ...(edits ?? []).filter((edit) => edit.packet === packet).map(({ step }) => ({ step, kind: 'changed' })),
  ].slice(0, MOST_MARKS);
  return (
    <div className="timeline-marks" aria-hidden="true">
      {marks.map(({ step, kind }, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: marks in their order
          key={index}
          className={`timeline-mark ${kind}`}
          style={{ left: `${(100 * step) / total}%` }}
          title={`step ${step}: ${kind}`}
        />
      ))}
    </div>
  );
}

const MOST_MARKS = 200;

function Status() {
  const snapshot = useSession((state) => state.snapshot);
  if (!snapshot) return null;
  const { status, stopped, fault, verdict } = snapshot;
  const words = fault ? fault.message : (verdict?.reason ?? stopped);
  return (
    <p className={`status ${status}`} title={fault?.advice ? `${words}. ${fault.advice}` : words}>
      <b>{status}</b> <span>{words}</span>
    </p>
  );
}
