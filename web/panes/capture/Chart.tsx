import { type KeyboardEvent, useState } from 'react';
import { classes } from '../../ui/format.ts';
import { type Charted, partInWords } from './statistics.ts';

/** The verdicts along the capture: a column a part, its height is how many packets have run. */
export function Chart({ found, onPart }: { found: Charted; onPart: (part: number) => void }) {
  const [at, setAt] = useState(0);
  const { outcomes, partSize } = found;
  const columns = Math.max(0, ...outcomes.map(({ parts }) => parts.length));
  const keys = (event: KeyboardEvent<HTMLDivElement>) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: columns - 1 }[event.key];
    if (to === undefined || to < 0 || to >= columns) return;
    event.preventDefault();
    setAt(to);
    event.currentTarget.querySelectorAll('button')[to]?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row of columns
    <div role="group" aria-label="Verdicts along the capture" className="chart" onKeyDown={keys}>
      {Array.from({ length: columns }, (_, part) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
          key={part}
          type="button"
          className="chart-column"
          tabIndex={part === at ? 0 : -1}
          aria-label={partInWords(found, part)}
          title={partInWords(found, part)}
          onClick={() => {
            setAt(part);
            onPart(part);
          }}
        >
          {outcomes.map(({ name, action, parts }) => (
            <span
              key={name}
              className={classes('chart-piece', action)}
              style={{ height: `${(100 * (parts[part] ?? 0)) / partSize}%` }}
            />
          ))}
        </button>
      ))}
    </div>
  );
}
