import { type FormEvent, useEffect, useState } from 'react';
import type { VariablesView } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { announce, useUi } from '../../stores/ui.ts';
import { VariableTree } from './VariableTree.tsx';
import './variables.css';

const NONE: string[] = [];

/** The C variables of the selected frame, and expressions that a person watches. */
export function VariablesPane() {
  const snapshot = useSession((state) => state.snapshot);
  const expressions = useSession((state) => state.view?.expressions ?? NONE);
  const frame = useUi((state) => state.frame);
  const [shown, setShown] = useState<VariablesView>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is watched changes the answer
  useEffect(() => {
    let current = true;
    if (!snapshot) return;
    wish({ type: 'variables', frame: frame ?? snapshot.frames.length - 1 }).then((reply) => {
      if (current && reply.kind === 'done' && reply.value?.kind === 'variables')
        setShown(reply.value);
    });
    return () => {
      current = false;
    };
  }, [snapshot, frame, expressions]);
  if (!shown) return null;
  return (
    <section className="variables-pane" aria-label="Variables">
      <Watch expressions={expressions} />
      {shown.scopes.length + shown.expressions.length > 0 ? (
        <VariableTree
          view={shown}
          onRemove={(text) => {
            watch(expressions.filter((other) => other !== text));
            announce(`${text} is watched no more`);
          }}
          {...(snapshot?.status === 'paused' && {
            onAssign: (expression: string, value: string) =>
              wish({
                type: 'assign',
                expression,
                value,
                frame: frame ?? snapshot.frames.length - 1,
              }),
          })}
        />
      ) : (
        <p className="nothing">Nothing here has a name in the source.</p>
      )}
      {shown.note && <p className="note variables-note">{shown.note}</p>}
    </section>
  );
}

const watch = (expressions: string[]) => wish({ type: 'set-expressions', expressions });

function Watch({ expressions }: { expressions: string[] }) {
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
        placeholder="Watch: ip->ttl, bpf_ntohs(udp->dest), packet[30:4], r1 + 4"
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
