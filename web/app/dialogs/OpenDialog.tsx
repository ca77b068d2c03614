import { type FormEvent, useRef, useState } from 'react';
import { openFiles, openText } from '../../actions/open.ts';
import { Dialog, focusAfterOpening } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/icons.tsx';

const KINDS = [
  { as: undefined, label: 'Find out' },
  { as: 'packet', label: 'Packet' },
  { as: 'object', label: 'Object or bytecode' },
  { as: 'assembly', label: 'Assembly' },
] as const;

/** Files, or pasted text of any kind; `as` settles what plain hex is meant to be. */
export function OpenDialog({ onClose }: { onClose: () => void }) {
  const files = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [kind, setKind] = useState(0);
  const choose = () => {
    const chosen = files.current?.files;
    if (!chosen || chosen.length === 0) return;
    onClose();
    openFiles(chosen);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    onClose();
    openText(text, KINDS[kind].as);
  };
  return (
    <Dialog title="Open" onClose={onClose}>
      <form className="open-form" onSubmit={submit}>
        <div className="open-files">
          <button type="button" className="button primary" onClick={() => files.current?.click()}>
            <Icon name="open" /> Choose files
          </button>
          <p>
            An object (<code>.o</code>), its C source, a capture (<code>.pcap</code>), a hex dump or
            a snapshot. Dropping them anywhere on the page does the same.
          </p>
          <input ref={files} type="file" multiple hidden aria-label="Files" onChange={choose} />
        </div>
        <label className="open-text">
          <span>Or paste text</span>
          <textarea
            value={text}
            rows={9}
            ref={focusAfterOpening}
            spellCheck={false}
            placeholder={
              'A packet in any hex dialect, an object or raw bytecode in hex or base64,\n' +
              'assembly (r0 = 1; exit), or a link'
            }
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <fieldset className="segments">
          <legend>It is</legend>
          {KINDS.map(({ label }, index) => (
            <label key={label}>
              <input
                type="radio"
                name="kind"
                checked={kind === index}
                onChange={() => setKind(index)}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        <footer className="dialog-foot">
          <p>Nothing is uploaded: everything stays in this browser.</p>
          <button type="submit" className="button primary" disabled={text.trim() === ''}>
            Open text
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
