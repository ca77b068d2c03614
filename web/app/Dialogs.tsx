import { openDialog, useUi } from '../stores/ui.ts';
import { ExamplesDialog } from './ExamplesDialog.tsx';
import { KeysDialog } from './KeysDialog.tsx';
import { OpenDialog } from './OpenDialog.tsx';
import { ShareDialog } from './ShareDialog.tsx';

/** At most one dialog is open. */
export function Dialogs() {
  const dialog = useUi((state) => state.dialog);
  const close = () => openDialog(undefined);
  if (dialog === 'share') return <ShareDialog onClose={close} />;
  if (dialog === 'examples') return <ExamplesDialog onClose={close} />;
  if (dialog === 'open') return <OpenDialog onClose={close} />;
  if (dialog === 'keys') return <KeysDialog onClose={close} />;
  return null;
}
