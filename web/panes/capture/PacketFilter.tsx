import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { FilterNames } from '../../../core/protocol/messages.ts';
import { granted } from '../../actions/wish.ts';
import { classes } from '../../ui/format.ts';

interface PacketFilterProps {
  text: string;
  onText: (text: string) => void;
  /** What the core took it for. */
  takenFor: 'filter' | 'words' | undefined;
  problem: string | undefined;
}

const TAKEN_FOR = { filter: 'Display filter', words: 'Words' } as const;

/**
 * The filter of the packets, with names of fields that go on from what is typed: the ARIA combobox
 * pattern. Arrows choose one, Enter or Tab takes it, Escape closes the list.
 */
export function PacketFilter({ text, onText, takenFor, problem: refused }: PacketFilterProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const { found, at, choose, ask, close } = useNames();
  const names = found?.names ?? [];
  // A name that is half typed is not told off while it can be completed.
  const problem = names.length > 0 ? undefined : refused;
  const chosen = at === undefined ? undefined : names[at];
  useEffect(() => {
    if (chosen)
      document.getElementById(`${id}-${chosen.name}`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen, id]);

  const take = (name: string) => {
    if (found === undefined) return;
    onText(text.slice(0, found.from) + name + text.slice(found.to));
    close();
    const caret = found.from + name.length;
    // The field has its new text when React has drawn it.
    requestAnimationFrame(() => field.current?.setSelectionRange(caret, caret));
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && names.length > 0) choose(step);
    else if (event.key === 'ArrowDown') ask(text, event.currentTarget.selectionStart ?? 0);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) take(chosen.name);
    else if (event.key === 'Escape' && names.length > 0) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="filter-field">
      <input
        ref={field}
        type="search"
        role="combobox"
        aria-label="Filter packets"
        aria-autocomplete="list"
        aria-expanded={names.length > 0}
        aria-controls={`${id}-names`}
        aria-activedescendant={chosen && `${id}-${chosen.name}`}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-said`}
        placeholder="Filter: ip.dst == 10.0.0.1 and udp, or words"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          ask(event.target.value, event.target.selectionStart ?? 0);
        }}
        onKeyDown={keys}
        onBlur={close}
      />
      <div
        role="listbox"
        id={`${id}-names`}
        aria-label="Fields"
        className="filter-names"
        hidden={names.length === 0}
      >
        {names.map(({ name, label }, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          <div
            key={name}
            id={`${id}-${name}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            className={classes('filter-name', i === at && 'chosen')}
            // The field keeps the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(name)}
          >
            <span>{name}</span> <small>{label}</small>
          </div>
        ))}
      </div>
      <span id={`${id}-said`} className={problem === undefined ? 'note' : 'field-refusal'}>
        {refused === undefined ? takenFor && TAKEN_FOR[takenFor] : problem}
      </span>
    </div>
  );
}

/** The names that go on from what is typed; `at`: which of them is chosen. */
function useNames() {
  const [found, setFound] = useState<FilterNames>();
  const [at, setAt] = useState<number>();
  const asked = useRef(0);
  const close = () => {
    asked.current++;
    setFound(undefined);
    setAt(undefined);
  };
  const ask = async (text: string, caret: number) => {
    const mine = ++asked.current;
    const reply = await granted({ type: 'complete-filter', text, caret }, 'complete-filter');
    if (mine !== asked.current || typeof reply === 'string') return;
    if (reply.value?.kind !== 'filter-names') return;
    const { names, from, to } = reply.value;
    // A whole name needs nothing more, and the list would lie over the packets that it leaves.
    const isWhole = names.some(({ name }) => name === text.slice(from, to));
    setFound(isWhole ? undefined : reply.value);
    setAt(undefined);
  };
  const choose = (step: number) => {
    const count = found?.names.length ?? 0;
    setAt(at === undefined ? (step > 0 ? 0 : count - 1) : (at + step + count) % count);
  };
  return { found, at, choose, ask, close };
}
