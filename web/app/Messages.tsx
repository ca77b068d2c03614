import { useEffect, useRef } from 'react';
import { beginAnew, saveOpen } from '../actions/restore.ts';
import { isEmbed } from '../browser/link.ts';
import { restart } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { dismissBanner, dismissHint, useUi } from '../stores/ui.ts';
import { Icon } from '../ui/icons.tsx';
import './messages.css';
import { Notices } from './Notices.tsx';

/**
 * What the page has to say: our mistakes, bad input, what to do next, short notes. All of it text,
 * never markup.
 */
export function Messages() {
  const crash = useSession((state) => state.crash);
  const banners = useUi((state) => state.banners);
  return (
    <section aria-label="Messages">
      {crash !== undefined && <Crash words={crash} />}
      <Stuck />
      <Notices />
      {banners.map(({ id, error, advice }) => (
        <div key={id} className={`banner ${error.kind}`} role="alert">
          <Icon name="warning" />
          <p>
            {error.kind === 'bug' && <strong>Our mistake, please report it. </strong>}
            {error.place && <code>{error.place}</code>} {error.message}
            {advice && <span className="advice"> {advice}</span>}
          </p>
          <button
            type="button"
            className="icon-button"
            onClick={() => dismissBanner(id)}
            aria-label="Dismiss"
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      {!isEmbed && <Hint />}
      <Toasts />
    </section>
  );
}

/** A popover, to stand above an open dialog: each new one is put on top again. */
function Toasts() {
  const toasts = useUi((state) => state.toasts);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.hidePopover();
    if (toasts.length > 0) box.current?.showPopover();
  }, [toasts]);
  return (
    <div ref={box} className="toasts" popover="manual">
      {toasts.map(({ id, text }) => (
        <p key={id} className="toast">
          {text}
        </p>
      ))}
    </div>
  );
}

/** No further worker is started for what stopped two: a person says how to go on. */
function Crash({ words }: { words: string }) {
  const isOpen = useSession((state) => state.view !== undefined);
  return (
    <div className="banner bug" role="alert">
      <Icon name="warning" />
      <p>
        <strong>The core stopped. This is our mistake, please report it with these words: </strong>
        <code>{words}</code>
      </p>
      {isOpen && (
        <button type="button" className="button" onClick={saveOpen}>
          Save the session as a file
        </button>
      )}
      <button type="button" className="button" onClick={beginAnew}>
        Begin anew
      </button>
      <button type="button" className="button" onClick={restart}>
        Restart the core
      </button>
    </div>
  );
}

/** The worker does not answer: it can be given up, and the session goes on in a new one. */
function Stuck() {
  const seconds = useSession((state) => state.stuck);
  if (seconds === undefined) return null;
  return (
    <div className="banner bug" role="alert">
      <Icon name="warning" />
      <p>
        <strong>The core has not answered for {seconds} seconds. </strong>
        Restarted, it opens the session again as it was last shown; what is under way is given up.
      </p>
      <button type="button" className="button" onClick={restart}>
        Restart the core
      </button>
    </div>
  );
}

/** Until it is dismissed or the first step is made, and never again. */
function Hint() {
  const seen = useUi((state) => state.hintSeen);
  const atStart = useSession(
    ({ snapshot }) => snapshot?.step === 0 && snapshot.status === 'paused',
  );
  if (seen || !atStart) return null;
  return (
    <div className="hint">
      <p>
        <strong>Step</strong>{' '}
        <span className="with-keys">
          (<kbd>F11</kbd> or <kbd>s</kbd>){' '}
        </span>
        runs one instruction; a press on a line number stops a run there.{' '}
        <span className="with-keys">
          Drop your own <code>.o</code> anywhere, paste a packet with <kbd>Ctrl</kbd> <kbd>V</kbd>.
          A <kbd>?</kbd> shows every key.
        </span>
        <span className="with-touch">Open takes your own object and packets.</span>
      </p>
      <button
        type="button"
        className="icon-button"
        onClick={dismissHint}
        aria-label="Dismiss the hint"
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
