import { useEffect, useState } from 'react';
import type { DecisiveBranch, Explanation } from '../../../core/protocol/messages.ts';
import { go, wish } from '../../app/wish.ts';
import { useSession } from '../../stores/session.ts';
import { useUi } from '../../stores/ui.ts';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import './why.css';

/** Why the verdict is what it is: the packet's fields that decided it, where, and what would have changed it. */
export function WhyPane() {
  const hash = useSession((state) => state.view?.outcome?.hash);
  const ran = useSession((state) => state.view?.outcome?.ran);
  const reason = useSession((state) => state.view?.outcome?.verdict.reason);
  const [why, setWhy] = useState<Explanation>();
  useEffect(() => {
    let current = true;
    setWhy(undefined);
    if (hash === undefined || !ran) return;
    wish({ type: 'explain' }).then((reply) => {
      if (current && reply.kind === 'done' && reply.value?.kind === 'why') setWhy(reply.value);
    });
    return () => {
      current = false;
    };
  }, [hash, ran]);
  if (!ran) return <p className="nothing">{reason ?? 'The program has not run.'}</p>;
  if (!why) return <p className="nothing">Looking for what made the verdict …</p>;
  return (
    <section className="scroll why-pane" tabIndex={0} aria-label="Why">
      <section>
        <h2>Why this verdict</h2>
        <p className="why-text">{why.text}</p>
        <p className="note">
          {count(why.steps)} of {count(why.totalSteps)} steps matter, {count(why.pcs.length)} instructions.{' '}
          {why.decided.length > 0 && <Decided ranges={why.decided} />} {why.note}
        </p>
      </section>
      <section>
        <h2>What would change it</h2>
        {why.branches.length === 0 ? (
          <p className="nothing">No comparison with the packet decided it.</p>
        ) : (
          <ol className="why-branches">
            {why.branches.map((branch) => (
              <Branch key={branch.step} branch={branch} />
            ))}
          </ol>
        )}
      </section>
    </section>
  );
}

const name = ([from, to]: readonly [number, number]): string => (to - from === 1 ? String(from) : `${from}–${to - 1}`);

/** Packet bytes that went into the verdict; the pointer over one shows it in the packet. */
function Decided({ ranges }: { ranges: readonly (readonly [number, number])[] }) {
  return (
    <>
      Packet bytes that went into it:{' '}
      {ranges.map((range) => (
        <button
          key={range[0]}
          type="button"
          className="link-button"
          onClick={() => useUi.setState({ selectedBytes: { start: range[0], end: range[1] } })}
          onMouseEnter={() => useUi.setState({ hoverBytes: { start: range[0], end: range[1] } })}
          onMouseLeave={() => useUi.setState({ hoverBytes: undefined })}
        >
          {name(range)}
        </button>
      ))}
    </>
  );
}

function Branch({ branch }: { branch: DecisiveBranch }) {
  const { pc, step, text, taken, compared, line, fields, change } = branch;
  const apply = async () => {
    if (!change) return;
    const bytes = Uint8Array.from(change.bytes.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    await wish({ type: 'edit-packet', offset: change.offset, bytes });
  };
  return (
    <li>
      <p>
        <button
          type="button"
          className="link-button"
          onClick={() => go({ how: 'to-step', step })}
          title={`Go to step ${step}`}
        >
          {line ? `${line.file.replace(/.*\//, '')}:${line.line}` : `instruction ${pc}`}
        </button>{' '}
        {line?.text ? <code>{line.text}</code> : <code>{text}</code>}
      </p>
      <p className="note">
        {fields.map((field) => `${field.name} is ${field.text || '…'}`).join(', ')}
        {fields.length > 0 && '; '}
        <code>{compared}</code> {taken ? 'holds: it jumps' : 'does not hold: it goes on'}
      </p>
      {change && (
        <p>
          <button type="button" className="button small" onClick={apply}>
            <Icon name="edit" /> Set {change.bytes.length === 2 ? 'byte' : 'bytes'} {change.offset} to {change.bytes}
          </button>{' '}
          <span className="note">then {change.verdict}</span>
        </p>
      )}
    </li>
  );
}
