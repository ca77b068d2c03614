import { memo, useState } from 'react';
import type { MarkKind, TimelineMarks } from '../../core/protocol/messages.ts';
import { lookForMarks, showKind } from '../actions/marks.ts';
import { go } from '../actions/wish.ts';
import { rowAt } from '../stores/code.ts';
import { useSession } from '../stores/session.ts';
import { useUi } from '../stores/ui.ts';
import { EditableText } from '../ui/EditableText.tsx';
import { count } from '../ui/format.ts';
import { MARK_KINDS, MARK_ROWS } from '../ui/mark-rows.ts';
import { Popover } from '../ui/Popover.tsx';
import { useMarks } from './useMarks.ts';

/** The whole run on one line: any step is one drag, one key or one number away. */
export function Timeline() {
  const view = useSession((state) => state.view);
  const snapshot = useSession((state) => state.snapshot);
  // The slider stays where it was put until the run is there: a held arrow key must not wait for
  // each step.
  const [wanted, setWanted] = useState<number>();
  const marks = useMarks();
  const kinds = useUi((state) => state.markKinds);
  if (!view || !snapshot) return <div className="timeline" data-pane="timeline" />;
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
    <div className="timeline" data-pane="timeline">
      <div className={total > 9999 ? 'step-field long' : 'step-field'}>
        <span>Step</span>
        <EditableText label="Step number" text={String(step)} onSet={setStep} />
        <span>{totalSteps === undefined ? '' : `of ${count(totalSteps)}`}</span>
      </div>
      <div className="slider-box">
        {marks && total > 0 && <Marks marks={marks} total={total} kinds={kinds} />}
        <input
          type="range"
          className="slider"
          data-focus
          aria-label="Place in the run"
          aria-valuetext={`step ${step} of ${total}${row ? `, next: ${row.text}` : ''}`}
          min={0}
          max={total}
          value={wanted ?? step}
          disabled={total === 0}
          onChange={(event) => toStep(Number(event.target.value))}
        />
      </div>
      <Legend marks={marks} />
    </div>
  );
}

interface MarksProps {
  marks: TimelineMarks;
  total: number;
  kinds: readonly MarkKind[];
}

/** What happened where, above the line, and what a person set, below it; a click goes there. */
const Marks = memo(function Marks({ marks, total, kinds }: MarksProps) {
  return (
    <svg className="timeline-marks" aria-hidden="true">
      {besides(marks, kinds).map(({ kind, step, times, beside }) => {
        const { one, path, below } = MARK_ROWS[kind];
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: mark-before and mark-next have the keys
          <svg
            key={`${kind}${step}`}
            className={`timeline-mark ${kind}`}
            x={`${(100 * step) / total}%`}
            y={below ? 22 : 0}
            overflow="visible"
            onClick={() => go({ how: 'to-step', step }, 'to-step')}
          >
            <title>
              {times > 1
                ? `step ${step}: ${one}, the first of ${times} here`
                : `step ${step}: ${one}`}
            </title>
            <path d={path} transform={`translate(${9 * beside - 4} 0)`} />
          </svg>
        );
      })}
    </svg>
  );
});

/** Marks of the kinds that are shown; those of one step stand beside each other. */
function besides({ marks }: TimelineMarks, kinds: readonly MarkKind[]) {
  const taken = new Map<string, number>();
  return MARK_KINDS.filter((kind) => kinds.includes(kind)).flatMap((kind) =>
    marks[kind].map(({ step, count: times }) => {
      const place = `${step}${MARK_ROWS[kind].below ?? ''}`;
      const beside = taken.get(place) ?? 0;
      taken.set(place, beside + 1);
      return { kind, step, times, beside };
    }),
  );
}

/** Which marks are shown, and what they look like. */
function Legend({ marks }: { marks: TimelineMarks | undefined }) {
  const kinds = useUi((state) => state.markKinds);
  const total = useSession((state) => state.view?.outcome?.steps ?? 0);
  return (
    <Popover label="Marks on the timeline" text="Marks">
      <ul className="mark-kinds">
        {MARK_KINDS.map((kind) => (
          <li key={kind}>
            <label className="check">
              <input
                type="checkbox"
                checked={kinds.includes(kind)}
                onChange={(event) => showKind(kind, event.target.checked)}
              />
              <svg
                className={`timeline-mark ${kind}`}
                viewBox="0 0 8 8"
                width="10"
                height="10"
                aria-hidden="true"
              >
                <path d={MARK_ROWS[kind].path} />
              </svg>
              <span>
                {MARK_ROWS[kind].many}
                {marks && <span className="note"> {count(numberOf(marks, kind))}</span>}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {!marks && total > 0 && (
        <button type="button" className="button small" onClick={() => lookForMarks()}>
          Look for them in {count(total)} steps
        </button>
      )}
      <p className="note">
        Keys: <kbd>[</kbd> the mark before, <kbd>]</kbd> the next one.
      </p>
    </Popover>
  );
}

const numberOf = ({ marks }: TimelineMarks, kind: MarkKind): number =>
  marks[kind].reduce((sum, mark) => sum + mark.count, 0);
