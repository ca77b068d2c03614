import { type FormEvent, useState } from 'react';
import { wish } from '../../actions/wish.ts';

/** A packet from text: beside the others, or instead of the selected one. */
export function PastePacket({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState('');
  const send = async (type: 'add-packet' | 'set-packet-text') => {
    const reply = await wish({ type, text });
    if (reply.kind === 'done') onDone();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send('add-packet');
  };
  return (
    <form
      className="paste-packet"
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && onDone()}
    >
      <label>
        <span>
          Packet in any hex dialect: plain hex, xxd, hexdump -C, tcpdump -xx, Wireshark, a C array,
          \x strings, base64
        </span>
        <textarea
          value={text}
          rows={5}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          ref={focusOnce}
        />
      </label>
      <div className="paste-buttons">
        <button type="submit" className="button primary" disabled={text.trim() === ''}>
          Add packet
        </button>
        <button
          type="button"
          className="button"
          disabled={text.trim() === ''}
          onClick={() => send('set-packet-text')}
        >
          Replace the selected
        </button>
        <button type="button" className="button quiet" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}

const focusOnce = (area: HTMLTextAreaElement | null) => area?.focus();
