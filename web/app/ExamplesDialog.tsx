import { useEffect, useState } from 'react';
import { Dialog } from '../ui/Dialog.tsx';
import { type Example, listExamples, openExample } from './examples.ts';

/** The gallery: what each example shows, and how its object was built. */
export function ExamplesDialog({ onClose }: { onClose: () => void }) {
  const [examples, setExamples] = useState<Example[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    listExamples().then(setExamples, (error) => setProblem(String(error)));
  }, []);
  const open = (example: Example) => {
    onClose();
    openExample(example);
  };
  return (
    <Dialog title="Examples" onClose={onClose} wide>
      {problem && <p role="alert">The examples could not be read: {problem}</p>}
      <ul className="gallery">
        {examples?.map((example) => (
          <li key={example.name} className="card">
            <h3>{example.title}</h3>
            <p>{example.about}</p>
            <p className="card-facts">
              {example.hook ?? 'hook from its section'} · {example.packets.length} packet
              {example.packets.length === 1 ? '' : 's'}
            </p>
            <code>{example.rebuild}</code>
            <button
              type="button"
              className="button primary"
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
