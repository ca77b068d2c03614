import type { SessionView } from '../../../core/protocol/messages.ts';
import { takeBack } from '../../actions/undo.ts';
import { go } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { editText } from '../../ui/edit-text.ts';
import { InspectSection } from '../shared/InspectSection.tsx';

const NONE: SessionView['edits'] = [];

/** What a person changed in the middle of the run; nothing where it runs as it was set up. */
export function ChangesSection() {
  const edits = useSession((state) => state.view?.edits ?? NONE);
  if (edits.length === 0) return null;
  return (
    <InspectSection name="changes" title="Changes in the run" badge={String(edits.length)}>
      <section className="breakpoints-pane" aria-label="Changes in the run">
        <ul className="edits">
          {edits.map((edit) => (
            <li key={JSON.stringify(edit)}>
              <button
                type="button"
                className="link-button"
                onClick={() => go({ how: 'to-step', step: edit.step })}
              >
                step {edit.step}
              </button>{' '}
              <code>{editText(edit)}</code>
            </li>
          ))}
        </ul>
        <button type="button" className="button small" onClick={() => takeBack('undo')}>
          Undo the last change
        </button>
      </section>
    </InspectSection>
  );
}
