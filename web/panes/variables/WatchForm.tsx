import { type FormEvent, useState } from 'react';
import { wish } from '../../actions/wish.ts';
import { announce } from '../../stores/ui.ts';

const watch = (expressions: string[]) => wish({ type: 'set-expressions', expressions });

export function watchNoMore(expressions: readonly string[], text: string): void {
  watch(expressions.filter((other) => other !== text));
  announce(`${text} is watched no more`);
}

/** Takes an expression to watch. */
export function WatchForm({ expressions }: { expressions: readonly string[] }) {
  const [text, setText] = useState('');
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    const reply = await watch([...expressions, text]);
    if (reply.kind !== 'done') return;
    setText('');
    announce(`Watching ${text.trim()}`);
  };
  return (
    <form className="watch-form" onSubmit={add}>
      <input
        className="watch-input"
        aria-label="Expression to watch"
        placeholder="ip->ttl, packet[30:4], r1 + 4"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="button small" disabled={text.trim() === ''}>
        Watch
      </button>
    </form>
  );
}
