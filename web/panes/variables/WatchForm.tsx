import { type FormEvent, useState } from 'react';
import { attempt } from '../../actions/wish.ts';
import { announce } from '../../stores/ui.ts';
import { FieldProblem } from '../../ui/FieldProblem.tsx';

const watch = (expressions: string[]) => attempt({ type: 'set-expressions', expressions });

export function watchNoMore(expressions: readonly string[], text: string): void {
  watch(expressions.filter((other) => other !== text));
  announce(`${text} is watched no more`);
}

/** Takes an expression to watch. */
export function WatchForm({ expressions }: { expressions: readonly string[] }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    const refused = await watch([...expressions, text]);
    setProblem(refused);
    if (refused !== undefined) return;
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
        aria-invalid={problem !== undefined}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(undefined);
        }}
      />
      <button type="submit" className="button small" disabled={text.trim() === ''}>
        Watch
      </button>
      <FieldProblem problem={problem} />
    </form>
  );
}
