import { lazy, Suspense } from 'react';
import { openDialog, useUi } from '../../stores/ui.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { ErrorBoundary } from '../../ui/ErrorBoundary.tsx';
import './dialogs.css';
import { ExamplesDialog } from './ExamplesDialog.tsx';
import { KeysDialog } from './KeysDialog.tsx';
import { OpenDialog } from './OpenDialog.tsx';
import { PaletteDialog } from './PaletteDialog.tsx';
import { ShareDialog } from './ShareDialog.tsx';

/** Looked at now and then: not part of what a first visit waits for. */
const ReferenceDialog = lazy(() => import('./ReferenceDialog.tsx'));

/** At most one dialog is open. */
export function Dialogs() {
  const dialog = useUi((state) => state.dialog);
  const close = () => openDialog(undefined);
  if (dialog === 'share') return <ShareDialog onClose={close} />;
  if (dialog === 'examples') return <ExamplesDialog onClose={close} />;
  if (dialog === 'open') return <OpenDialog onClose={close} />;
  if (dialog === 'keys') return <KeysDialog onClose={close} />;
  if (dialog === 'palette') return <PaletteDialog onClose={close} />;
  if (dialog === 'reference')
    return (
      <ErrorBoundary
        name="The reference"
        around={(words) => (
          <Dialog title="Reference" onClose={close}>
            {words}
          </Dialog>
        )}
      >
        <Suspense>
          <ReferenceDialog onClose={close} />
        </Suspense>
      </ErrorBoundary>
    );
  return null;
}
