import { useEffect, useState } from 'react';
import type { Example } from '../../../core/protocol/example.ts';
import { listExamples, openExample } from '../../actions/examples.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { plural } from '../../ui/format.ts';

/** The gallery: what each example shows, and how its object was built. */
export function ExamplesDialog({ onClose }: { onClose: () => void }) {
  const [examples, setExamples] = useState<Example[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    listExamples().then(setExamples, (error) => setProblem(String(error)));
  }, []);
  /** Open until the example is there: keys pressed meanwhile would step the session before it. */
  const open = async (example: Example) => {
    await openExample(example);
    onClose();
  };
  return (
    <Dialog title="Examples" onClose={onClose} wide>
      {problem && <p role="alert">The examples could not be read: {problem}</p>}
      <ul className="gallery">
        {examples?.map((example, place) => (
          <li key={example.name} className="card">
            <h3>{example.title}</h3>
            <p>{example.about}</p>
            <p className="card-facts">{plural(example.packets.length, 'packet')}</p>
            <code>
              {example.rebuild.split(' ').map((word, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: words of one command
                <span key={index} className="word">{`${word} `}</span>
              ))}
            </code>
            <button
              type="button"
              className="button primary"
              ref={place === 0 ? focusOnce : undefined}
              onClick={() => open(example)}
              aria-label={`Open ${example.title}`}
            >
              Open
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** They come after the dialog has opened: Enter then opens the first one. */
const focusOnce = (button: HTMLButtonElement | null) => button?.focus();
