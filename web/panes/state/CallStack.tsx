import type { FrameView } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { selectFrame, useUi } from '../../stores/ui.ts';
import { StackBytes } from './StackBytes.tsx';

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
  if (running < 0) return <div className="call-stack" />;
  return (
    <section className="call-stack" tabIndex={0} aria-label="Call stack">
      <h2>Call stack</h2>
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
  );
}

/** Of the function itself: where it calls what was inlined, or the line it stands at. */
const lineOf = ({ inlined, line }: FrameView): number | undefined => inlined[0]?.callLine ?? line;

/** Shows the frame's stack, and its place in the listing. */
