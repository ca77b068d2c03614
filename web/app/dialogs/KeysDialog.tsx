import { openDialog } from '../../stores/ui.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { COMMANDS } from '../commands.ts';
import { PLACE_COMMANDS } from '../places.ts';

const IN_PANES: readonly [keys: string, doc: string][] = [
  ['↑ ↓ or j k', 'Listing: one row up or down; PgUp, PgDn, Home and End too'],
  ['Enter', 'Listing: run to the focused row; F9 in the C source: its line'],
  ['← → ↑ ↓', 'Packet tree and bytes: move; in the tree ← and → fold'],
  ['↑ ↓ ← →', 'Registers: move; Enter changes the value; → asks why, and where it changed'],
  ['0-9 a-f', 'Packet bytes: type over the focused byte'],
  ['Enter', 'Variables: change the value; Delete stops watching it'],
  ['Enter', 'Packet tree: edit the field'],
  ['Enter', 'Capture: open the packet in Debug'],
  ['Ctrl+V', 'Anywhere: open what the clipboard holds'],
  ['Tab', 'Leaves the C source, which only shows text'],
];

/** Every key, from the command table. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <div className="keys">
        {(['Run', 'Page'] as const).map((group) => (
          <table key={group}>
            <caption>{group}</caption>
            <tbody>
              {COMMANDS.filter((row) => row.group === group).map((row) => (
                <tr key={row.name}>
                  <th scope="row">{row.label}</th>
                  <td>
                    {[...row.keys, ...(row.letter ? [row.letter] : [])].map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </td>
                  <td>{row.doc}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
        <table>
          <caption>Places and panes</caption>
          <tbody>
            <tr>
              <th scope="row" colSpan={2}>
                <kbd>{PLACE_COMMANDS[0].letter}</kbd> to{' '}
                <kbd>{PLACE_COMMANDS[PLACE_COMMANDS.length - 1].letter}</kbd>
              </th>
              <td>{PLACE_COMMANDS.map(({ label }) => label).join(', ')}</td>
            </tr>
            {IN_PANES.map(([keys, doc]) => (
              <tr key={doc}>
                <th scope="row" colSpan={2}>
                  <kbd>{keys}</kbd>
                </th>
                <td>{doc}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <footer className="dialog-foot">
        <p>
          Letters work where no text field has the focus. Nothing you open leaves this browser:
          there is no server.
        </p>
        <button type="button" className="button" onClick={() => openDialog('reference')}>
          Open the reference
        </button>
      </footer>
    </Dialog>
  );
}
