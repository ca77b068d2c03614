import { useState } from 'react';
import type { HookListView } from '../../../core/protocol/messages.ts';
import { changeHook } from '../../actions/hook-lists.ts';
import { programFile } from '../../actions/netdev.ts';
import { useSession } from '../../stores/session.ts';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { FileButton } from './FileButton.tsx';
import { HookBox } from './HookBox.tsx';
import { LIST_WORDS } from './hook-words.ts';

/** The programs of a hook in the order in which a packet comes to them. */
export function HookPicture({ list }: { list: HookListView }) {
  const { hook, programs, run, direction } = list;
  const words = LIST_WORDS[hook];
  return (
    <section className="chain-picture hook-picture" aria-label={`Programs of ${words.label}`}>
      <div className="hook-head">
        <h2>{words.label}</h2>
        {direction && (
          <label>
            direction{' '}
            <select
              value={direction}
              onChange={({ target }) =>
                changeHook(hook, {
                  kind: 'direction',
                  direction: target.value === 'ingress' ? 'ingress' : 'egress',
                })
              }
            >
              <option value="ingress">ingress: packets that come in</option>
              <option value="egress">egress: packets that go out</option>
            </select>
          </label>
        )}
        <p className="note">{words.order}</p>
      </div>
      <div className="chain-row hook-row">
        <div className="chain-end">
          <b>packets</b>
          <dl>
            <div>
              <dt>came</dt>
              <dd>{count(run?.done ?? 0)}</dd>
            </div>
          </dl>
        </div>
        <ol className="chain-filters" aria-label="Programs, the first asked first">
          {programs.length === 0 && <li className="chain-empty">no program: all packets go on</li>}
          {programs.map((program, place) => (
            <HookBox key={program.id} list={list} program={program} place={place} />
          ))}
        </ol>
        <End list={list} />
      </div>
      <AddProgram list={list} />
    </section>
  );
}

/** What became of all of them, and of the chosen one. */
function End({ list: { run } }: { list: HookListView }) {
  const packet = run?.packet;
  return (
    <div className="chain-end hook-end">
      <b>{packet ? `packet ${count(packet.number)}` : 'in the end'}</b>
      {packet && (
        <span className={`hook-verdict action-${packet.action}`}>
          {packet.name}
          <span className="hook-action">{packet.action}</span>
        </span>
      )}
    </div>
  );
}

/** More programs: of the object that is open, or of a file. */
function AddProgram({ list: { hook, ownPrograms } }: { list: HookListView }) {
  const open = useSession(({ view }) => view?.object.name);
  const shown = useSession(({ view }) => view?.program);
  const [chosen, setChosen] = useState<string>();
  const program = chosen !== undefined && ownPrograms.includes(chosen) ? chosen : shown;
  const addFile = async (file: File) =>
    changeHook(hook, { kind: 'add', object: await programFile(file) }, `${file.name} added`);
  return (
    <div className="chain-add">
      <span className="chain-add-word">Add behind the others:</span>
      <FileButton
        label="Program…"
        what="Add a program of a file"
        icon="add"
        title="An object of a file, at the end"
        onFile={addFile}
      />
      {ownPrograms.length > 1 && (
        <select
          aria-label={`Program of ${open} to add`}
          value={program}
          onChange={({ target }) => setChosen(target.value)}
        >
          {ownPrograms.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <button
        type="button"
        className="button small"
        title={`${program} of ${open}`}
        onClick={() =>
          changeHook(
            hook,
            { kind: 'add', object: 'open', ...(program && { program }) },
            `${program} added`,
          )
        }
      >
        <Icon name="add" /> Of the open object
      </button>
    </div>
  );
}
