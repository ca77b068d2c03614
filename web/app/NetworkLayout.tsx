import { NetworkPane } from '../panes/netdev/NetworkPane.tsx';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';

/** The whole width for the netdev: what is debugged of it opens in Debug. */
export function NetworkLayout() {
  return (
    <ErrorBoundary name="Network">
      <NetworkPane />
    </ErrorBoundary>
  );
}
