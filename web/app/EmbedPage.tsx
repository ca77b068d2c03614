import { wholePage } from '../browser/link.ts';
import { FlowPane } from '../panes/flow/FlowPane.tsx';
import { ProgramPane } from '../panes/program/ProgramPane.tsx';
import { useSession } from '../stores/session.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { Icon } from '../ui/icons.tsx';
import { VerdictChip } from '../ui/VerdictChip.tsx';
import { Messages } from './Messages.tsx';
import { NoteBar } from './NoteBar.tsx';
import { RunBar } from './RunBar.tsx';
import { PacketStepper } from './SessionBar.tsx';

/** What stands inside another page: the program, the verdict, the run, and what is noted at it. */
export function EmbedPage() {
  const loaded = useSession((state) => state.view !== undefined);
  return (
    <>
      <EmbedBar />
      <Messages />
      <main className="main" data-loaded={loaded}>
        <ErrorBoundary name="Program">
          <ProgramPane flow={<FlowPane />} />
        </ErrorBoundary>
      </main>
      <NoteBar />
      <RunBar />
    </>
  );
}

function EmbedBar() {
  const name = useSession((state) => state.view?.object.name);
  const outcome = useSession((state) => state.view?.outcome);
  const error = useSession((state) => state.view?.programError);
  return (
    <header className="embed-bar">
      <h1 className="clip">{name ?? 'eBPF playground'}</h1>
      <PacketStepper />
      <p className="embed-verdict">
        <span className="hidden">Verdict: </span>
        {outcome && <VerdictChip verdict={outcome.verdict} />}
        {error && 'cannot be run'}
      </p>
      <a
        className="button small"
        href={wholePage()}
        target="_blank"
        rel="noopener"
        title="The whole session in a tab of its own, to change and to look into"
      >
        <Icon name="share" /> <span>Open in the playground</span>
      </a>
    </header>
  );
}
