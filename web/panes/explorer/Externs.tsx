import type { ExternView } from '../../../core/protocol/messages.ts';
import { attempt } from '../../actions/wish.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { classes } from '../../ui/format.ts';
import { Name, Part } from './Part.tsx';

/** Where a value is from, in words. */
const GIVEN = {
  set: 'set',
  default: 'as usual',
  zero: 'weak, no kernel value',
  missing: 'no value: programs that use it cannot be run',
} satisfies Record<ExternView['given'], string>;

/** Symbols the object does not define, with what the kernel says for them. */
export function Externs({ externs }: { externs: ExternView[] }) {
  return (
    <Part
      title="Externs"
      count={externs.length}
      heads={['Name', 'Declaration', 'Kind', 'Value', 'From']}
    >
      {externs.map((row) => (
        <Extern key={row.name} row={row} />
      ))}
    </Part>
  );
}

function Extern({
  row: { name, declaration, kind, weak, value, given, editable },
}: {
  row: ExternView;
}) {
  const isFunction = kind === 'kfunc' || kind === 'function';
  return (
    <tr>
      <Name>{name}</Name>
      <td>
        <code className="declaration">{declaration}</code>
      </td>
      <td>
        {kind}
        {weak && <span className="note"> weak</span>}
      </td>
      <td>
        {editable ? (
          <EditableText
            label={`Value of ${name}`}
            text={value ?? ''}
            onSet={(text) => attempt({ type: 'set-extern', name, value: text })}
          />
        ) : (
          <code>{value}</code>
        )}
      </td>
      <td className={classes(given === 'set' && 'changed-value')}>{!isFunction && GIVEN[given]}</td>
    </tr>
  );
}
