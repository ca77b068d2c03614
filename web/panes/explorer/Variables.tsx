import type { VariableView } from '../../../core/protocol/messages.ts';
import { attempt } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { classes } from '../../ui/format.ts';
import { Name, Part } from './Part.tsx';

const NONE: VariableView[] = [];

/** The global variables with what they hold before the run. */
export function Variables() {
  const variables = useSession((state) => state.view?.variables ?? NONE);
  return (
    <Part
      title="Global variables"
      count={variables.length}
      heads={['Name', 'Type', 'In', 'Before the run', 'Type over it to set it']}
    >
      {variables.map((row) => (
        <Variable key={`${row.map} ${row.name}`} row={row} />
      ))}
    </Part>
  );
}

function Variable({
  row: { map, name, declaration, value, input, readOnly, changed },
}: {
  row: VariableView;
}) {
  const set = (text: string) => attempt({ type: 'set-variable', map, variable: name, value: text });
  return (
    <tr>
      <Name>{name}</Name>
      <td>
        <code className="declaration">{declaration}</code>
      </td>
      <td>
        <code>{map}</code>
        {readOnly && <span className="note"> read-only</span>}
      </td>
      <td>
        <code className={classes('variable-value', changed && 'changed-value')}>{value}</code>
        {changed && (
          <>
            <span className="note"> set</span>{' '}
            <button
              type="button"
              className="link-button"
              onClick={() => set('')}
              aria-label={`Give back ${name}`}
            >
              give back
            </button>
          </>
        )}
      </td>
      <td>
        {input === undefined ? (
          <span className="note">too long: in Maps</span>
        ) : (
          <EditableText label={`Value of ${name} before the run`} text={input} onSet={set} />
        )}
      </td>
    </tr>
  );
}
