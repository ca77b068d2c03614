import type { FrameView } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { selectFrame, useUi } from '../../stores/ui.ts';
import { InspectSection } from '../shared/InspectSection.tsx';
import { StackBytes } from './StackBytes.tsx';
import './state.css';

const NONE: FrameView[] = [];

/**
 * The frames, innermost first as debuggers list them, and the stack bytes of the one that is
 * selected.
 */
export function CallStack() {
  const frames = useSession((state) => state.snapshot?.frames ?? NONE);
  const chosen = useUi((state) => state.frame);
  const running = frames.length - 1;
  const selected = Math.min(chosen ?? running, running);
  if (running < 0) return null;
  return (
    <InspectSection
      name="stack"
      title="Call stack"
      badge={running > 0 ? String(frames.length) : undefined}
    >
      <section className="call-stack" aria-label="Call stack">
        <ol className="frames">
          {frames
            .map((frame, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its depth
              <li key={index}>
                {frame.inlined
                  .map((call, depth) => ({
                    name: call.function,
                    line: frame.inlined[depth + 1]?.callLine ?? frame.line,
                  }))
                  .reverse()
                  .map(({ name, line }, depth) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a call is its depth
                    <p key={depth} className="frame inlined">
                      <span className="clip">{name}</span>
                      <small>{line === undefined ? '' : `line ${line}, `}inlined</small>
                    </p>
                  ))}
                <button
                  type="button"
                  className="frame"
                  aria-pressed={index === selected}
                  onClick={() => selectFrame(index, frame.pc)}
                >
                  <span className="clip">{frame.function}</span>
                  <small>
                    {lineOf(frame) === undefined ? '' : `line ${lineOf(frame)}, `}
                    {index === running ? 'next' : 'returns to'} {frame.pc}
                  </small>
                </button>
              </li>
            ))
            .reverse()}
        </ol>
        <StackBytes frame={frames[selected]} />
      </section>
    </InspectSection>
  );
}

/** Of the function itself: where it calls what was inlined, or the line it stands at. */
const lineOf = ({ inlined, line }: FrameView): number | undefined => inlined[0]?.callLine ?? line;
