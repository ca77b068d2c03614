import type { ContextInput, ContextValue } from '../../../core/protocol/messages.ts';
import { attempt } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { classes } from '../../ui/format.ts';

const NONE: ContextValue[] = [];

/** The context r1 points at: what a user may set before the run, and what is in it now. */
export function ContextTable({ inputs }: { inputs: ContextInput[] }) {
  const values = useSession((state) => state.snapshot?.context ?? NONE);
  if (inputs.length === 0 && values.length === 0) return null;
  const fields =
    inputs.length > 0 ? inputs.map((input) => input.field) : values.map((value) => value.field);
  return (
    <section>
      <h2>Context</h2>
      <table className="table context">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before the run</th>
            <th scope="col">Now</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <ContextRow
              key={field}
              field={field}
              input={inputs.find((row) => row.field === field)}
              value={values.find((row) => row.field === field)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ContextRow({
  field,
  input,
  value,
}: {
  field: string;
  input: ContextInput | undefined;
  value: ContextValue | undefined;
}) {
  const running = useSession(({ snapshot }) => snapshot?.status === 'paused' && snapshot.step > 0);
  return (
    <tr className={classes(value?.read && 'read', value?.written && 'written')}>
      <th scope="row">
        <code>{field}</code>
      </th>
      <td>
        {input?.editable ? (
          <EditableText
            label={`${field} before the run`}
            text={input.value}
            onSet={(text) => attempt({ type: 'set-context', field, value: text })}
          />
        ) : (
          <code>{input?.value}</code>
        )}
      </td>
      <td>
        {value && running && /^\d+$/.test(value.text) ? (
          <EditableText
            label={`${field} now`}
            text={value.text}
            onSet={(text) =>
              attempt({ type: 'edit', target: { kind: 'context', field }, value: text })
            }
          />
        ) : (
          <code>{value?.text}</code>
        )}
        {value?.written && <span className="sign"> ▲ written</span>}
        {value?.read && <span className="sign"> ● read</span>}
      </td>
      <td className="note">{input?.doc}</td>
    </tr>
  );
}
