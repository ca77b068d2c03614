import { EditableText } from '../../ui/EditableText.tsx';
import { Icon } from '../../ui/icons.tsx';

/** A cell of a table that a person edits: text, a number, yes or no, or one of a few words. */
export interface Column<Row> {
  readonly name: keyof Row & string;
  readonly label: string;
  readonly kind: 'text' | 'number' | 'yes-no' | readonly string[];
  /** May be empty: then the row is without it. */
  readonly optional?: true;
}

/** Rows of plain values, each cell editable; a new row is added as `fresh`. */
export function RowsTable<Row extends object>({
  caption,
  doc,
  columns,
  rows,
  fresh,
  onChange,
}: {
  caption: string;
  doc: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  fresh: Row;
  onChange: (rows: Row[]) => void;
}) {
  const set = (index: number, column: Column<Row>, text: string) => {
    const value = cellValue(column, text);
    if (value === undefined && !column.optional) return;
    const { [column.name]: _old, ...rest } = rows[index];
    const changed = (value === undefined ? rest : { ...rest, [column.name]: value }) as Row;
    onChange(rows.map((row, i) => (i === index ? changed : row)));
  };
  return (
    <div className="rows-table">
      <table className="table">
        <caption>
          {caption} <span className="note">{doc}</span>
        </caption>
        {rows.length > 0 && (
          <thead>
            <tr>
              {columns.map(({ name, label }) => (
                <th key={name} scope="col">
                  {label}
                </th>
              ))}
              <th scope="col">
                <span className="hidden">Remove</span>
              </th>
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the list
            <tr key={index}>
              {columns.map((column) => (
                <td key={column.name}>
                  <Cell
                    column={column}
                    label={`${column.label} of ${caption} ${index + 1}`}
                    text={String(row[column.name] ?? '')}
                    onSet={(text) => set(index, column, text)}
                  />
                </td>
              ))}
              <td>
                <button
                  type="button"
                  className="icon-button small"
                  aria-label={`Remove ${caption} ${index + 1}`}
                  onClick={() => onChange(rows.filter((_, i) => i !== index))}
                >
                  <Icon name="remove" />
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button
        type="button"
        className="button small"
        aria-label={`Add to ${caption}`}
        onClick={() => onChange([...rows, fresh])}
      >
        <Icon name="add" /> Add
      </button>
    </div>
  );
}

function cellValue<Row>(
  { kind }: Column<Row>,
  text: string,
): string | number | boolean | undefined {
  if (kind === 'yes-no') return text === 'true';
  if (kind !== 'number') return text.trim() === '' ? undefined : text.trim();
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

function Cell<Row>({
  column: { kind },
  label,
  text,
  onSet,
}: {
  column: Column<Row>;
  label: string;
  text: string;
  onSet: (text: string) => void;
}) {
  if (kind === 'yes-no')
    return (
      <input
        type="checkbox"
        aria-label={label}
        checked={text === 'true'}
        onChange={(event) => onSet(String(event.target.checked))}
      />
    );
  if (typeof kind === 'string') return <EditableText label={label} text={text} onSet={onSet} />;
  return (
    <select aria-label={label} value={text} onChange={(event) => onSet(event.target.value)}>
      {kind.map((word) => (
        <option key={word} value={word}>
          {word}
        </option>
      ))}
    </select>
  );
}
