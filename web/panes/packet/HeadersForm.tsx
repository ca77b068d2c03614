import { type KeyboardEvent, useState } from 'react';
import type { StackItem, StackRow } from '../../../core/packet/types.ts';
import { attempt } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { announce } from '../../stores/ui.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { FieldProblem } from '../../ui/FieldProblem.tsx';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { MOST_TYPED, payloadOf, payloadText } from './payload.ts';
import {
  type Addition,
  additionsBehind,
  canMove,
  moved,
  optionsFor,
  withAddition,
  withOption,
  without,
  withoutOption,
  withPayload,
} from './stack.ts';

interface HeadersFormProps {
  readonly rows: readonly StackRow[];
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly onRename: (name: string) => unknown;
}

/**
 * The selected packet as the headers it is made of: more of them, fewer, in another order. What is
 * refused changes nothing and is said here.
 */
export function HeadersForm({ rows, bytes, name, onRename }: HeadersFormProps) {
  const [settle, setSettle] = useState(true);
  const [problem, setProblem] = useState<string>();
  const build = async (stack: readonly StackItem[]) => {
    const refused = await attempt({ type: 'build-packet', stack, settle });
    setProblem(refused);
    if (refused === undefined) announce(`The packet is now ${stackInWords()}`);
  };
  const starts = startsOf(rows);
  return (
    <section className="headers-form" aria-label="Headers of the packet">
      <div className="headers-head">
        <div className="field">
          <span>Name</span>
          <EditableText label="Name of the packet" text={name} onSet={onRename} />
        </div>
        <label className="check">
          <input
            type="checkbox"
            checked={settle}
            onChange={(event) => setSettle(event.target.checked)}
          />
          <span>keep lengths, checksums and types right</span>
        </label>
      </div>
      <FieldProblem problem={problem} />
      <ol className="headers-list">
        {rows.length === 0 && (
          <li>
            <AddBehind label="Ethernet or nothing" rows={rows} index={-1} onBuild={build} />
          </li>
        )}
        {rows.map((row, index) => (
          <HeaderRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a header is known by its place
            key={index}
            rows={rows}
            index={index}
            bytes={bytes.subarray(starts[index], (starts[index] ?? 0) + row.size)}
            onBuild={build}
          />
        ))}
      </ol>
    </section>
  );
}

/** `Ethernet, VLAN, IPv6`: for who does not see the list. */
const stackInWords = (): string =>
  (useSession.getState().view?.packetStack ?? []).map(({ label }) => label).join(', ');

/** Where each header starts. */
function startsOf(rows: readonly StackRow[]): number[] {
  let at = 0;
  return rows.map(({ size }) => {
    at += size;
    return at - size;
  });
}

interface RowProps {
  readonly rows: readonly StackRow[];
  readonly index: number;
  readonly onBuild: (stack: readonly StackItem[]) => Promise<void>;
}

function HeaderRow({ rows, index, bytes, onBuild }: RowProps & { bytes: Uint8Array }) {
  const row = rows[index];
  if (row === undefined) return null;
  const { header, label, text, size, options } = row;
  const move = (by: 1 | -1) => canMove(rows, index, by) && onBuild(moved(rows, index, by));
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    move(by as 1 | -1);
  };
  return (
    <li className="header-row" onKeyDown={keys}>
      <span className="header-label">{label}</span>
      {header === 'data' && size <= MOST_TYPED ? (
        <Payload bytes={bytes} onSet={(data) => onBuild(withPayload(rows, index, data))} />
      ) : (
        <bdi className="header-text clip">{text}</bdi>
      )}
      <span className="header-size">{count(size)} B</span>
      <AddBehind label={label} rows={rows} index={index} onBuild={onBuild} />
      <span className="header-buttons">
        <Move label={label} by={-1} isPossible={canMove(rows, index, -1)} onMove={move} />
        <Move label={label} by={1} isPossible={canMove(rows, index, 1)} onMove={move} />
        <button
          type="button"
          className="icon-button small"
          aria-label={`Remove ${label}`}
          title={`Take ${label} out of the packet`}
          onClick={() => onBuild(without(rows, index))}
        >
          <Icon name="remove" />
        </button>
      </span>
      {options && <Options rows={rows} index={index} options={options} onBuild={onBuild} />}
    </li>
  );
}

const MOVES = {
  [-1]: { icon: 'up', words: 'in front of the one before (Alt+Up)', name: 'up' },
  1: { icon: 'down', words: 'behind the one after it (Alt+Down)', name: 'down' },
} as const;

function Move({
  label,
  by,
  isPossible,
  onMove,
}: {
  label: string;
  by: 1 | -1;
  isPossible: boolean;
  onMove: (by: 1 | -1) => void;
}) {
  const { icon, words, name } = MOVES[by];
  return (
    <button
      type="button"
      className="icon-button small"
      aria-label={`Move ${label} ${name}`}
      title={`Put ${label} ${words}`}
      disabled={!isPossible}
      onClick={() => onMove(by)}
    >
      <Icon name={icon} />
    </button>
  );
}

/** What may stand behind a header: choosing one puts it there. */
function AddBehind({ label, rows, index, onBuild }: RowProps & { label: string }) {
  const additions = additionsBehind(rows, index);
  if (additions.length === 0) return <span className="header-add" />;
  return (
    <Choice
      className="header-add"
      label={index < 0 ? 'Add the first header' : `Add behind ${label}`}
      words="Add behind…"
      choices={additions.map((addition) => addition.label)}
      onChoose={(chosen) => onBuild(withAddition(rows, index, additions[chosen] as Addition))}
    />
  );
}

function Options({
  rows,
  index,
  options,
  onBuild,
}: RowProps & { options: NonNullable<StackRow['options']> }) {
  const row = rows[index];
  const more = row ? optionsFor(row.header) : [];
  return (
    <div className="header-options">
      <ul aria-label={`Options of ${row?.label}`}>
        {options.map((option, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an option is known by its place
          <li key={place} className="header-option">
            {option.label} <b>{option.text}</b>
            <button
              type="button"
              className="icon-button small"
              aria-label={`Remove option ${option.label}`}
              onClick={() => onBuild(withoutOption(rows, index, place))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <Choice
        label={`Add an option to ${row?.label}`}
        words="Add option…"
        choices={more.map((option) => option.label)}
        onChoose={(chosen) => {
          const option = more[chosen];
          if (option) onBuild(withOption(rows, index, option.type));
        }}
      />
    </div>
  );
}

/** A list of things to add: it goes back to its first row when one was chosen. */
export function Choice({
  label,
  words,
  choices,
  className,
  onChoose,
}: {
  label: string;
  words: string;
  choices: readonly string[];
  className?: string;
  onChoose: (index: number) => void;
}) {
  return (
    <select
      className={className}
      aria-label={label}
      title={label}
      value=""
      onChange={(event) => onChoose(Number(event.target.value))}
    >
      <option value="">{words}</option>
      {choices.map((choice, index) => (
        <option key={choice} value={index}>
          {choice}
        </option>
      ))}
    </select>
  );
}

function Payload({ bytes, onSet }: { bytes: Uint8Array; onSet: (bytes: Uint8Array) => unknown }) {
  return (
    <div className="header-payload">
      <EditableText
        label="Data: hex, or characters in quotes"
        text={payloadText(bytes)}
        placeholder='hex, or "text"'
        onSet={(typed) => {
          const payload = payloadOf(typed);
          return typeof payload === 'string' ? payload : onSet(payload);
        }}
      />
    </div>
  );
}
