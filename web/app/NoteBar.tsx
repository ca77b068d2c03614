import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import type { Note, NotesHere } from '../../core/protocol/messages.ts';
import { removeNote, saveNote, writeNote } from '../actions/notes.ts';
import { isEmbed } from '../browser/link.ts';
import { useSession } from '../stores/session.ts';
import { draftNote, setNotesOpen, useUi } from '../stores/ui.ts';
import type { NoteDraft } from '../stores/ui-state.ts';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';
import { FieldProblem } from '../ui/FieldProblem.tsx';
import { classes } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { type CommandName, tooltip } from './command.ts';
import { command } from './commands.ts';
import './notes.css';

/** A session has notes now and then: not part of what a first visit waits for. */
const Markdown = lazy(() => import('../ui/Markdown.tsx'));

/**
 * What is said at the step where the run stands, over the bar that moves through it: it takes its
 * room from the panes and lies over none of them.
 */
export function NoteBar() {
  const notes = useSession((state) => state.view?.notes);
  const at = useSession((state) => state.snapshot?.notesHere);
  const open = useUi((state) => state.notesOpen);
  const draft = useUi((state) => state.noteDraft);
  if (draft) return <NoteForm key={`${draft.packet} ${draft.step}`} draft={draft} />;
  if (!open || !notes || !at || notes.length === 0) return null;
  return (
    <section className="note-bar" aria-label="Notes" data-pane="notes">
      <NoteTexts notes={notes} at={at} />
      <div className="note-ways">
        {!isEmbed && <NoteTools here={at.here[0]} />}
        <WayButton name="note-before" icon="left" />
        <WayButton name="note-next" icon="right" />
        <ToolButton icon="close" label="Close the notes" act={() => setNotesOpen(false)} />
      </div>
    </section>
  );
}

/** The notes of this step, or the last one before it, which the run has left behind. */
function NoteTexts({ notes, at }: { notes: readonly Note[]; at: NotesHere }) {
  const packet = useSession((state) => state.view?.packet);
  const { here, before, after } = at;
  const passed = before !== undefined && notes[before].packet === packet ? [before] : [];
  const shown = here.length > 0 ? here : passed;
  return (
    <div className={classes('note-texts', here.length === 0 && 'passed')}>
      <h2>
        {place(here[0] ?? passed[0], here.length > 0)}
        {shown.length === 0 && after !== undefined && `Note ${after + 1} is still to come`}
        {shown.length === 0 && after === undefined && 'All notes are behind'}
        <span className="note"> of {notes.length}</span>
      </h2>
      {shown.map((index) => (
        <Text key={index} text={notes[index].text} />
      ))}
    </div>
  );
}

const place = (index: number | undefined, isHere: boolean): string =>
  index === undefined ? '' : `${isHere ? 'Note' : 'After note'} ${index + 1}`;

/** As it was written until what draws it is there, and where that cannot be had. */
const Text = ({ text }: { text: string }): ReactNode => {
  const plain = <p className="note-plain">{text}</p>;
  return (
    <ErrorBoundary name="The note" around={() => plain}>
      <Suspense fallback={plain}>
        <Markdown text={text} />
      </Suspense>
    </ErrorBoundary>
  );
};

function NoteTools({ here }: { here: number | undefined }) {
  return here === undefined ? (
    <ToolButton icon="add" label="Add a note at this step" act={writeNote} />
  ) : (
    <>
      <ToolButton icon="edit" label="Edit this note" act={writeNote} />
      <ToolButton icon="remove" label="Delete this note" act={() => removeNote(here)} />
    </>
  );
}

function ToolButton({ icon, label, act }: { icon: IconName; label: string; act: () => unknown }) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      onClick={() => act()}
    >
      <Icon name={icon} />
    </button>
  );
}

function WayButton({ name, icon }: { name: CommandName; icon: IconName }) {
  const row = command(name);
  const available = useSession(row.available);
  return (
    <button
      type="button"
      className="button small"
      aria-disabled={!available}
      title={tooltip(row)}
      data-focus={name === 'note-next' ? true : undefined}
      onClick={() => available && row.act()}
    >
      {icon === 'left' && <Icon name={icon} />}
      <span>{row.label}</span>
      {icon === 'right' && <Icon name={icon} />}
    </button>
  );
}

function NoteForm({ draft }: { draft: NoteDraft }) {
  const { packet, step, text } = draft;
  const [problem, setProblem] = useState<string>();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      className="note-bar note-form"
      aria-label="Note"
      data-pane="notes"
      onSubmit={async (event) => {
        event.preventDefault();
        setProblem(await saveNote());
      }}
    >
      <label className="note-texts">
        <span>
          Note at step {step} of packet {packet + 1}
          <span className="note"> Markdown: **bold**, *slanted*, `code`, lists; no HTML</span>
        </span>
        <textarea
          ref={field}
          rows={3}
          value={text}
          aria-invalid={problem !== undefined}
          onChange={(event) => draftNote({ ...draft, text: event.target.value })}
          onKeyDown={(event) =>
            event.key === 'Enter' &&
            (event.ctrlKey || event.metaKey) &&
            event.currentTarget.form?.requestSubmit()
          }
        />
        <FieldProblem problem={problem} />
      </label>
      <div className="note-ways">
        <button type="button" className="button small" onClick={() => draftNote(undefined)}>
          Cancel
        </button>
        <button type="submit" className="button small primary" title="Ctrl+Enter in the text">
          Save note
        </button>
      </div>
    </form>
  );
}
