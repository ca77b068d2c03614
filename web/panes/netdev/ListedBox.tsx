import type { DragEvent, KeyboardEvent, ReactNode } from 'react';
import type { ProgramFile } from '../../../core/protocol/netdev.ts';
import { programFile } from '../../actions/netdev.ts';
import { useSession } from '../../stores/session.ts';
import { Icon } from '../../ui/icons.tsx';
import { FileButton } from './FileButton.tsx';

interface ListedBoxProps {
  id: string;
  /** For a screen reader. */
  label: string;
  className: string;
  place: number;
  /** What it carries while it is dragged: no file and no text that the page would open. */
  dragged: string;
  onMove: (id: string, to: number) => void;
  children: ReactNode;
}

/** A box of a list in which each has its place: it is dragged, or moved by Alt and arrows. */
export function ListedBox({ id, label, place, dragged, onMove, ...shown }: ListedBoxProps) {
  const acceptDrag = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes(dragged)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const takeDropped = (event: DragEvent): void => {
    const other = event.dataTransfer.getData(dragged);
    if (other === '') return;
    event.preventDefault();
    event.stopPropagation();
    if (other !== id) onMove(other, place);
  };
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    onMove(id, place + by);
  };
  return (
    <li
      className={shown.className}
      aria-label={label}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(dragged, id)}
      onDragOver={acceptDrag}
      onDrop={takeDropped}
      onKeyDown={keys}
    >
      {shown.children}
    </li>
  );
}

/** A button's name, and what it does in words. */
type Said = readonly [name: string, title: string];

interface ListedButtonsProps {
  id: string;
  place: number;
  among: number;
  isOn: boolean;
  said: { earlier: Said; later: Said; on: string; out: string };
  onMove: (id: string, to: number) => void;
  onStatus: (status: 'on' | 'off') => void;
  onOut: () => void;
}

/** One place on, off, out. */
export function ListedButtons({ id, place, among, isOn, said, ...on }: ListedButtonsProps) {
  return (
    <span className="filter-buttons">
      <button
        type="button"
        className="icon-button small"
        disabled={place === 0}
        aria-label={said.earlier[0]}
        title={said.earlier[1]}
        onClick={() => on.onMove(id, place - 1)}
      >
        <Icon name="left" />
      </button>
      <button
        type="button"
        className="icon-button small"
        disabled={place === among - 1}
        aria-label={said.later[0]}
        title={said.later[1]}
        onClick={() => on.onMove(id, place + 1)}
      >
        <Icon name="right" />
      </button>
      <label className="check" title={said.on}>
        <input
          type="checkbox"
          aria-label={`${id} on`}
          checked={isOn}
          onChange={({ target }) => on.onStatus(target.checked ? 'on' : 'off')}
        />
        on
      </label>
      <button
        type="button"
        className="icon-button small"
        aria-label={`Take ${id} out`}
        title={said.out}
        onClick={on.onOut}
      >
        <Icon name="remove" />
      </button>
    </span>
  );
}

interface ListedProgramProps {
  id: string;
  object: { name: string; isOpen: boolean };
  program: string;
  /** Those that can be chosen. */
  programs: readonly string[];
  swapTitle: string;
  onProgram: (program: string) => void;
  onSwap: (object: ProgramFile) => void;
}

/** Which program of which object runs, and another in its place. */
export function ListedProgram({ id, object, program, programs, ...on }: ListedProgramProps) {
  const open = useSession(({ view }) => view?.object.name);
  return (
    <div className="filter-program">
      <code className="clip" title={object.name}>
        {object.name}
      </code>
      {programs.length > 0 && (
        <select
          aria-label={`Program of ${id}`}
          value={program}
          onChange={({ target }) => on.onProgram(target.value)}
        >
          {programs.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <FileButton
        label="Swap…"
        what={`Swap the program of ${id}`}
        icon="redirect"
        title={on.swapTitle}
        onFile={async (file) => on.onSwap(await programFile(file))}
      />
      {!object.isOpen && (
        <button
          type="button"
          className="button small"
          title={`${open}, which is open, in its place`}
          onClick={() => on.onSwap('open')}
        >
          Swap to the open one
        </button>
      )}
    </div>
  );
}
