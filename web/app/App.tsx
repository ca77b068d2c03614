import { useEffect, useState } from 'react';
import { isEmbed } from '../browser/link.ts';
import { useSession } from '../stores/session.ts';
import { useUi } from '../stores/ui.ts';
import { useLook } from '../stores/useLook.ts';
import { useMedia } from '../ui/useMedia.ts';
import './app.css';
import './bars.css';
import { Dialogs } from './dialogs/Dialogs.tsx';
import { listenToDrops, listenToPaste } from './drop-and-paste.ts';
import { EmbedPage } from './EmbedPage.tsx';
import { GutterMenu } from './GutterMenu.tsx';
import { keepFocus } from './keep-focus.ts';
import { listenToKeys } from './keyboard.ts';
import { Messages } from './Messages.tsx';
import { NarrowLayout } from './NarrowLayout.tsx';
import { NoteBar } from './NoteBar.tsx';
import { RunBar } from './RunBar.tsx';
import { SessionBar } from './SessionBar.tsx';
import { TopBar } from './TopBar.tsx';
import { WideLayout } from './WideLayout.tsx';

export function App() {
  const look = useLook();
  const announcement = useUi((state) => state.announcement);
  const narrow = useMedia('(width < 56.25rem)');

  useEffect(() => {
    document.documentElement.dataset.theme = look;
  }, [look]);
  useEffect(() => {
    const stops = [listenToKeys(), keepFocus()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);

  return (
    <div className={narrow ? 'app narrow' : 'app'}>
      <button type="button" className="skip" onClick={focusProgram}>
        Skip to the program
      </button>
      {isEmbed ? <EmbedPage /> : <WholePage narrow={narrow} />}
      <div className="hidden" aria-live="polite" aria-atomic="true" data-testid="announcement">
        {announcement}
      </div>
    </div>
  );
}

/** The workbench, with all that can be opened over it and dropped on it. */
function WholePage({ narrow }: { narrow: boolean }) {
  const loaded = useSession((state) => state.view !== undefined);
  const [dragged, setDragged] = useState(false);
  useEffect(() => {
    const stops = [listenToPaste(), listenToDrops(setDragged)];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  return (
    <>
      <div className="bars">
        <TopBar />
        <SessionBar />
      </div>
      <Messages />
      <main className="main" data-loaded={loaded}>
        {loaded ? (
          narrow ? (
            <NarrowLayout />
          ) : (
            <WideLayout />
          )
        ) : (
          // Panes without a session would be drawn for nothing, while its answer is on the way.
          <p className="loading">Opening …</p>
        )}
      </main>
      <NoteBar />
      <RunBar />
      <GutterMenu />
      <Dialogs />
      {dragged && (
        <div className="drop-overlay" aria-hidden="true">
          <p>Drop an object, C source, capture or hex dump</p>
        </div>
      )}
    </>
  );
}

/** A button, not a link: a link's fragment would be taken for a shared run. */
function focusProgram(): void {
  document.querySelector<HTMLElement>('[data-pane="program"] [data-focus]')?.focus();
}
