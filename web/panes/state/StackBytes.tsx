import { useState } from 'react';
import type { FrameView } from '../../../core/protocol/messages.ts';
import { classes, hexByte, phrase } from '../../ui/format.ts';
import { BYTE_CHANGED, BYTE_READ, BYTE_WRITTEN, flagsOf } from '../../ui/marks.ts';
import { TargetButtons } from '../shared/TargetButtons.tsx';

const ROW = 8;

/**
 * The 512 bytes below r10 in rows of eight, from the frame pointer down; rows never written are
 * folded away.
 */
export function StackBytes({ frame }: { frame: FrameView }) {
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<number>();
  const size = frame.stack.length;
  const flags = flagsOf(size, [
    [frame.initialised, BYTE_CHANGED],
    [frame.read, BYTE_READ],
    [frame.written, BYTE_WRITTEN],
  ]);
  const offsets = Array.from({ length: size / ROW }, (_, index) => size - ROW * (index + 1));
  const used = offsets.filter((offset) => flags.subarray(offset, offset + ROW).some(Boolean));
  const shown = all ? offsets : used;
  return (
    <div className="stack">
      <h3>
        <span className="clip">Stack of {frame.function}</span>
        <button
          type="button"
          className="link-button"
          aria-pressed={all}
          onClick={() => setAll(!all)}
        >
          {all ? 'used rows' : `all ${size} bytes`}
        </button>
      </h3>
      {shown.length === 0 && <p className="nothing">No byte written yet.</p>}
      {shown.map((offset) => (
        <div key={offset} className="stack-row">
          <button
            type="button"
            className="link-button stack-label"
            aria-pressed={chosen === offset}
            title={`What can be asked of the 8 bytes at fp-${size - offset}`}
            onClick={() => setChosen(chosen === offset ? undefined : offset)}
          >
            fp-{size - offset}
          </button>
          {Array.from(frame.stack.subarray(offset, offset + ROW), (byte, index) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its offset
              key={index}
              className={classes('byte', markClass(flags[offset + index]))}
              title={titleOf(size - offset - index, flags[offset + index])}
            >
              {flags[offset + index] === 0 ? '··' : hexByte(byte)}
            </span>
          ))}
          {chosen === offset && (
            <TargetButtons
              name={`fp-${size - offset}`}
              target={{ kind: 'memory', region: frame.region, offset: offset - size, length: ROW }}
            />
          )}
        </div>
      ))}
    </div>
  );
}

const titleOf = (below: number, flags: number): string =>
  phrase(
    `fp-${below}`,
    (flags & BYTE_WRITTEN) !== 0 && 'written by the last step',
    (flags & BYTE_READ) !== 0 && 'read by the last step',
  );

function markClass(flags: number): string {
  if (flags & BYTE_WRITTEN) return 'written';
  if (flags & BYTE_READ) return 'read';
  return flags === 0 ? 'never' : '';
}
