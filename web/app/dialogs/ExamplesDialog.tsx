import { useEffect, useState } from 'react';
import type { Example } from '../../../core/protocol/example.ts';
import { listExamples, openExample } from '../../actions/examples.ts';
import { Dialog, focusAfterOpening } from '../../ui/Dialog.tsx';
import { plural } from '../../ui/format.ts';
import { type GalleryQuery, isAbout, isTour, topicsOf } from './gallery.ts';

const GROUPS = [
  { title: 'Tours', note: 'with notes at their steps', isIn: isTour },
  { title: 'Examples', note: '', isIn: (example: Example) => !isTour(example) },
] as const;

/** The gallery: what each example shows, what to try with it, and how its object was built. */
export function ExamplesDialog({ onClose }: { onClose: () => void }) {
  const [examples, setExamples] = useState<readonly Example[]>([]);
  const [problem, setProblem] = useState<string>();
  const [sought, setSought] = useState<GalleryQuery>({ text: '', topic: '' });
  useEffect(() => {
    listExamples().then(setExamples, (error) => setProblem(String(error)));
  }, []);
  /** Open until the example is there: keys pressed meanwhile would step the session before it. */
  const open = async (example: Example) => {
    await openExample(example);
    onClose();
  };
  const found = examples.filter((example) => isAbout(example, sought));
  const groups = GROUPS.map((group) => ({ ...group, cards: found.filter(group.isIn) }));
  const [first] = groups.flatMap(({ cards }) => cards);
  return (
    <Dialog title="Examples" onClose={onClose} wide>
      {problem && <p role="alert">The examples could not be read: {problem}</p>}
      <form
        className="gallery-search"
        onSubmit={(event) => {
          event.preventDefault();
          if (first) open(first);
        }}
      >
        <input
          type="search"
          ref={focusAfterOpening}
          aria-label="Search the examples"
          placeholder="A word: map, port, checksum"
          value={sought.text}
          onChange={(event) => setSought({ ...sought, text: event.target.value })}
        />
        <Topics
          topics={topicsOf(examples)}
          chosen={sought.topic}
          onChoose={(topic) => setSought({ ...sought, topic })}
        />
      </form>
      {groups.map(
        ({ title, note, cards }) =>
          cards.length > 0 && (
            <section key={title} className="gallery-group" aria-label={title}>
              <h3>
                {title} <span className="note">{note}</span>
              </h3>
              <ul className="gallery">
                {cards.map((example) => (
                  <Card key={example.name} example={example} onOpen={() => open(example)} />
                ))}
              </ul>
            </section>
          ),
      )}
      <p role="status" className={found.length > 0 ? 'hidden' : 'nothing'}>
        {found.length === 0 && examples.length > 0
          ? 'No example is about this. Try another word, or all topics.'
          : `${found.length} of ${examples.length} shown`}
      </p>
      <HowBuilt />
    </Dialog>
  );
}

function Topics({
  topics,
  chosen,
  onChoose,
}: {
  topics: readonly string[];
  chosen: string;
  onChoose: (topic: string) => void;
}) {
  return (
    <fieldset className="gallery-topics">
      <legend className="hidden">Topic</legend>
      {['', ...topics].map((topic) => (
        <label key={topic}>
          <input
            type="radio"
            name="topic"
            checked={chosen === topic}
            onChange={() => onChoose(topic)}
          />
          <span>{topic || 'All'}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Card({ example, onOpen }: { example: Example; onOpen: () => void }) {
  const { title, about, topics, packets, notes, tries } = example;
  return (
    <li className="card">
      <h4>{title}</h4>
      <p>{about}</p>
      <ul className="card-tries" aria-label="What to try">
        {tries.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <div className="card-foot">
        <button
          type="button"
          className="button primary"
          onClick={onOpen}
          aria-label={`Open ${title}`}
        >
          Open
        </button>
        <span className="card-facts">
          {topics.join(', ')}; {plural(packets.length, 'packet')}
          {notes && `, ${plural(notes.length, 'note')}`}
        </span>
      </div>
    </li>
  );
}

/** One command made all of them, and one error stops many a first try of it. */
function HowBuilt() {
  return (
    <details className="gallery-built">
      <summary>How these objects were built</summary>
      <p>
        Each of them by <code>clang -O2 -g -target bpf -c program.c -o program.o</code>.
      </p>
      <p>
        Where clang says <code>gnu/stubs-32.h not found</code>, a header of the C library has taken
        the BPF target for a 32-bit machine: add <code>-D__x86_64__</code>, or install{' '}
        <code>gcc-multilib</code> (on Fedora <code>glibc-devel.i686</code>). Where{' '}
        <code>asm/types.h</code> is not found, add <code>-I/usr/include/$(uname -m)-linux-gnu</code>
        .
      </p>
    </details>
  );
}
