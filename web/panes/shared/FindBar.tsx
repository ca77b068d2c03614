import { useEffect, useMemo, useRef, useState } from 'react';
import { announce, setFinding } from '../../stores/ui.ts';
import { count } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { matchesOf, nextMatch } from '../../ui/matches.ts';

interface FindBarProps {
  /** `Find in the instructions`. */
  readonly label: string;
  /** What is looked through, a text a row. */
  readonly texts: readonly string[];
  /** The row that is looked from. */
  readonly from: number;
  readonly onFound: (index: number) => void;
}

/**
 * A text that is looked for in rows that are not all on the page: Enter goes to the next one,
 * Shift+Enter back, Escape closes.
 */
export function FindBar({ label, texts, from, onFound }: FindBarProps) {
  const [wanted, setWanted] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const matches = useMemo(() => matchesOf(texts, wanted), [texts, wanted]);
  const place = matches.indexOf(from);
  useEffect(() => input.current?.focus(), []);
  const move = (by: 1 | -1) => {
    const match = matches[nextMatch(matches, from, by)];
    if (match === undefined) announce('Nothing found');
    else {
      announce(`${texts[match]}, ${matches.indexOf(match) + 1} of ${matches.length}`);
      onFound(match);
    }
  };
  const close = () => setFinding(undefined);
  const words =
    matches.length === 0
      ? 'nothing found'
      : place < 0
        ? `${count(matches.length)} found`
        : `${count(place + 1)} of ${count(matches.length)}`;
  return (
    <search className="find-bar">
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        spellCheck={false}
        autoComplete="off"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') move(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') close();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="note">{wanted.trim() !== '' && words}</span>
      <BarButton
        icon="up"
        label="The one before"
        keys="Shift+Enter"
        isPossible={matches.length > 0}
        act={() => move(-1)}
      />
      <BarButton
        icon="down"
        label="The next one"
        keys="Enter"
        isPossible={matches.length > 0}
        act={() => move(1)}
      />
      <BarButton icon="close" label="Close" keys="Escape" isPossible act={close} />
    </search>
  );
}

interface BarButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly keys: string;
  readonly isPossible: boolean;
  readonly act: () => void;
}

const BarButton = ({ icon, label, keys, isPossible, act }: BarButtonProps) => (
  <button
    type="button"
    className="icon-button small"
    aria-label={label}
    title={`${label} (${keys})`}
    disabled={!isPossible}
    onClick={act}
  >
    <Icon name={icon} />
  </button>
);
