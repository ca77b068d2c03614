import { useEffect } from 'react';
import { baseName } from '../../../core/bytes/base-name.ts';
import { fromHex } from '../../../core/bytes/hex.ts';
import type {
  DecisiveBranch,
  Explanation,
  MapLookup,
  MissedTailCall,
  TurningChange,
  ValueCauses,
} from '../../../core/protocol/messages.ts';
import { explain } from '../../actions/explain.ts';
import { duplicatePacket } from '../../actions/packets.ts';
import { go, wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { markAnswer, pointAtBytes, selectBytes, useUi } from '../../stores/ui.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import './why.css';

/**
 * Why the verdict, a register or bytes are what they are: the packet's fields that decided it,
 * where, and what would have changed it.
 */
export function WhyPane() {
  const ran = useSession((state) => state.view?.outcome?.ran);
  const reason = useSession((state) => state.view?.outcome?.verdict.reason);
  const question = useUi((state) => state.question);
  const answer = useUi((state) => state.answer);
  useEffect(() => {
    if (ran && question === undefined) explain();
  }, [ran, question]);
  if (!ran) return <p className="nothing">{reason ?? 'The program has not run.'}</p>;
  return (
    <section className="scroll why-pane" tabIndex={0} aria-label="Why">
      <section>
        <header className="why-head">
          <h2>
            {question?.target
              ? `Why ${question.name} is so at step ${count(question.step)}`
              : 'Why this verdict'}
          </h2>
          {question?.target && (
            <button type="button" className="button small" onClick={() => explain()}>
              Why this verdict
            </button>
          )}
          {answer && <MarksSwitch />}
        </header>
        {answer ? (
          <Answer why={answer.why} />
        ) : (
          <p className="nothing">
            {question ? 'Looking for what made it …' : 'Nothing was asked.'}
          </p>
        )}
      </section>
      {answer && answer.why.lookups.length > 0 && <Lookups lookups={answer.why.lookups} />}
      {answer?.why.value && (
        <Value value={answer.why.value} verdict={question?.target === undefined} />
      )}
      {answer && <Branches why={answer.why} verdict={question?.target === undefined} />}
    </section>
  );
}

/** Whether the program and the packet are marked with it. */
function MarksSwitch() {
  const marked = useUi((state) => state.answerMarked);
  return (
    <button
      type="button"
      className="button small"
      aria-pressed={marked}
      title={
        marked
          ? 'Takes the marks in the program and the packet away (Escape)'
          : 'Marks the program and the packet'
      }
      onClick={() => markAnswer(!marked)}
    >
      {marked ? 'Hide marks' : 'Show marks'}
    </button>
  );
}

function Answer({ why }: { why: Explanation }) {
  return (
    <>
      <p className="why-text">{why.text}</p>
      {why.option && <OptionChange option={why.option} />}
      {why.more.length > 0 && <More reasons={why.more} />}
      <p className="note">
        {count(why.steps)} of {count(why.totalSteps)} steps matter, {count(why.pcs.length)}{' '}
        instructions. {why.decided.length > 0 && <Decided ranges={why.decided} />}{' '}
        <Outside why={why} /> {why.note}
      </p>
    </>
  );
}

/** What took part beside the one that decided. */
function More({ reasons }: { reasons: readonly string[] }) {
  return (
    <details className="why-more">
      <summary>And {count(reasons.length)} more that took part</summary>
      <ul className="why-branches">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </details>
  );
}

/** Another value of an option of the hook, and what comes of it. */
function OptionChange({ option }: { option: NonNullable<Explanation['option']> }) {
  const { name, value, verdict } = option;
  return (
    <p className="why-change">
      <span>
        With {name}={value} it comes to {verdict}.
      </span>{' '}
      <button
        type="button"
        className="button small"
        onClick={() => wish({ type: 'set-option', name, value })}
      >
        <Icon name="edit" /> Set {name}={value}
      </button>
    </p>
  );
}

const name = ([from, to]: readonly [number, number]): string =>
  to - from === 1 ? String(from) : `${from}–${to - 1}`;

/** Packet bytes that went into it; the pointer over one shows it in the packet. */
function Decided({ ranges }: { ranges: readonly (readonly [number, number])[] }) {
  return (
    <>
      Packet bytes that went into it:{' '}
      {ranges.map((range) => (
        <button
          key={range[0]}
          type="button"
          className="link-button"
          onClick={() => selectBytes({ start: range[0], end: range[1] })}
          onMouseEnter={() => pointAtBytes({ start: range[0], end: range[1] })}
          onMouseLeave={() => pointAtBytes(undefined)}
        >
          {name(range)}
        </button>
      ))}
    </>
  );
}

/** All that went into it besides the packet, whatever the sentence has room for. */
function Outside({ why }: { why: Explanation }) {
  const others = why.causes.filter(
    ({ kind, throughTime }) => kind !== 'packet' && kind !== 'length' && !throughTime,
  );
  if (others.length === 0) return null;
  return <>Besides the packet: {others.map(({ what, says }) => `${what} ${says}`).join(', ')}.</>;
}

/** What maps were asked for, and what was there. */
const shortHex = (hex: string): string => (hex.length > 16 ? `${hex.slice(0, 16)}…` : hex);

/** Before the packet's first step; the change belongs to the session, undo takes it back. */
async function changeEntry(map: string, key: string, value: string): Promise<void> {
  await go({ how: 'reset' });
  await wish({ type: 'edit', target: { kind: 'map', map, key }, value });
}

function Lookups({ lookups }: { lookups: readonly MapLookup[] }) {
  return (
    <section>
      <h2>Maps that went into it</h2>
      <ul className="why-lookups">
        {lookups.map((lookup) => (
          <Lookup key={lookup.step} lookup={lookup} />
        ))}
      </ul>
    </section>
  );
}

function Lookup({ lookup }: { lookup: MapLookup }) {
  const { step, map, helper, key, keyText, padding, found, missed, change } = lookup;
  const entry = `${map}[${keyText || key}]`;
  const kind = missed ? 'With a program' : found ? 'With another value' : 'With an entry';
  return (
    <li>
      <button
        type="button"
        className="link-button"
        onClick={() => go({ how: 'to-step', step })}
        title={`Go to step ${step}: bpf_${helper}`}
      >
        {entry}
      </button>{' '}
      {keyText !== '' && keyText !== key && !missed && <code className="note">{key}</code>}{' '}
      <Found lookup={lookup} />
      {padding && <p className="note">Keys that look alike may differ: {padding}.</p>}
      {change && (
        <p className="why-change">
          {change.value === '' ? 'Without it' : kind} the verdict is {change.verdict}.{' '}
          <button
            type="button"
            className="button small"
            onClick={() => changeEntry(map, key, change.value)}
          >
            <Icon name="edit" />{' '}
            {missed
              ? `Put ${change.value} into ${entry}`
              : change.value === ''
                ? `Delete ${entry}`
                : `Set ${entry} to ${shortHex(change.value)}`}
          </button>
        </p>
      )}
    </li>
  );
}

const MISSED: { readonly [Why in MissedTailCall]: string } = {
  empty: 'is empty: the tail call came back',
  'past-end': 'is past the end of the map: the tail call came back',
  limit: 'was one tail call too many: it came back',
};

/** What a lookup gave, or why a tail call did not leave. */
function Found({ lookup }: { lookup: MapLookup }) {
  const { helper, found, missed, value } = lookup;
  if (missed) return <>{MISSED[missed]}</>;
  if (found === undefined) return <span className="note">bpf_{helper}</span>;
  if (!found) return <>is not there: the lookup gives NULL</>;
  return (
    <>
      is <code>{value}</code>
    </>
  );
}

/** What the value itself was made of, and a packet that gives another. */
function Value({ value, verdict }: { value: ValueCauses; verdict: boolean }) {
  const { fields, others, change } = value;
  return (
    <section>
      <h2>{verdict ? 'What the result was made of' : 'What it was made of'}</h2>
      <ul className="why-branches">
        {[...fields, ...others].map(({ what, says }) => (
          <li key={`${what} ${says}`}>
            {what} <span className="note">{says}</span>
          </li>
        ))}
      </ul>
      {change && <Change change={change} says="Another result needs" />}
    </section>
  );
}

function Branches({ why, verdict }: { why: Explanation; verdict: boolean }) {
  return (
    <section>
      <h2>{verdict ? 'What would change it' : 'Comparisons that let it happen'}</h2>
      {why.branches.length === 0 ? (
        <p className="nothing">No comparison decided it.</p>
      ) : (
        <ol className="why-branches">
          {why.branches.map((branch) => (
            <Branch key={branch.step} branch={branch} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Branch({ branch }: { branch: DecisiveBranch }) {
  const { pc, step, text, taken, compared, line, facts, foundBy, change } = branch;
  return (
    <li>
      <p>
        <button
          type="button"
          className="link-button"
          onClick={() => go({ how: 'to-step', step })}
          title={`Go to step ${step}`}
        >
          {line ? `${baseName(line.file)}:${line.line}` : `instruction ${pc}`}
        </button>{' '}
        {line?.text ? <code>{line.text}</code> : <code>{text}</code>}
      </p>
      <p className="note">
        {facts.join(', ')}
        {foundBy.length > 0 && ` (found by ${foundBy.join(', ')})`}; <code>{compared}</code>{' '}
        <b className={classes('way', !taken && 'no')}>
          {taken ? 'holds: it jumps' : 'does not hold: it goes on'}
        </b>
      </p>
      {change && <Change change={change} says="The other way it needs" />}
    </li>
  );
}

/**
 * What the packet would have to be for the branch to go the other way, and what would come of it.
 */
function Change({ change, says }: { change: TurningChange; says: string }) {
  const { needed, offset, bytes, length, verdict } = change;
  const apply = () => {
    if (length !== undefined) return wish({ type: 'resize-packet', length });
    return wish({ type: 'edit-packet', offset, bytes: fromHex(bytes)! });
  };
  const asNew = () =>
    duplicatePacket({
      name: needed,
      offset,
      ...(length === undefined ? { bytes: fromHex(bytes)! } : { length }),
    });
  const last = offset + bytes.length / 2 - 1;
  const place = last === offset ? `byte ${offset}` : `bytes ${offset} to ${last}`;
  return (
    <p className="why-change">
      <span>
        {says} <b>{needed}</b>, and comes to {verdict}.
      </span>{' '}
      <button type="button" className="button small" onClick={apply}>
        <Icon name="edit" />{' '}
        {length !== undefined
          ? `Make the packet ${count(length)} bytes long`
          : `Set ${place} to ${bytes}`}
      </button>{' '}
      <button
        type="button"
        className="button small"
        title="This packet stays; one that takes the other way comes behind it"
        onClick={asNew}
      >
        <Icon name="add" /> Make a packet of it
      </button>
    </p>
  );
}
