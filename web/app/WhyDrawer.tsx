import type { KeyboardEvent } from 'react';
import { WhyPane } from '../panes/why/WhyPane.tsx';
import { setWhyOpen } from '../stores/ui.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { Icon } from '../ui/icons.tsx';

/** Under everything: why the verdict is what it is, beside the program and the packet it marks. */
export function WhyDrawer() {
  const close = (event: KeyboardEvent) => event.key === 'Escape' && setWhyOpen(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes it from anywhere inside
    <div className="pane why-drawer" data-pane="why" onKeyDown={close}>
      <button
        type="button"
        className="icon-button small drawer-close"
        aria-label="Close Why"
        title="Close (Escape)"
        onClick={() => setWhyOpen(false)}
      >
        <Icon name="close" />
      </button>
      <ErrorBoundary name="Why">
        <WhyPane />
      </ErrorBoundary>
    </div>
  );
}
