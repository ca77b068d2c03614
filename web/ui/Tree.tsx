import {
  type CSSProperties,
  type HTMLAttributes,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { classes } from './format.ts';
import { InlineInput } from './InlineInput.tsx';
import { Icon } from './icons.tsx';
import './tree.css';
import { type TreeRow, treeKeys } from './tree-keys.ts';

/** What a tree shows and where its focus is. */
export interface TreeState<Row extends TreeRow> {
  readonly rows: readonly Row[];
  /** The row with the focus; undefined until one had it, and when it is gone. */
  readonly focused: Row | undefined;
  /** Puts the focus on a row and brings it into sight. */
  readonly reveal: (row: Row) => void;
  readonly toggle: (path: string) => void;
  readonly element: RefObject<HTMLDivElement | null>;
}

/**
 * A tree of the rows that `rowsOf` makes of the paths which a person opened or closed. The function
 * should be the same as long as what it shows is (`useCallback`).
 */
export function useTree<Row extends TreeRow>(
  rowsOf: (toggled: ReadonlySet<string>) => readonly Row[],
): TreeState<Row> {
  const element = useRef<HTMLDivElement>(null);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = useState<string>();
  const rows = useMemo(() => rowsOf(toggled), [rowsOf, toggled]);
  const toggle = (path: string) => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
  };
  const reveal = useCallback(
    (row: Row) => {
      setFocus(row.path);
      element.current?.children[rows.indexOf(row)]?.scrollIntoView({ block: 'nearest' });
    },
    [rows],
  );
  return { rows, focused: rows.find((row) => row.path === focus), reveal, toggle, element };
}

/** The row that is typed over; after a refusal with what was typed, and why not. */
interface Editing {
  readonly path: string;
  readonly text?: string;
  readonly problem?: string;
}

/** What of a row can be typed over. */
export interface TreeText {
  /** What the field is called. */
  readonly label: string;
  readonly text: string;
}

/** What a row draws its value with. */
export interface TreeField {
  /** In place of the value, while it is typed over. */
  readonly input: ReactNode | undefined;
  readonly edit: () => void;
}

type RowAttributes = Pick<HTMLAttributes<HTMLDivElement>, 'className' | 'title'> &
  Record<`data-${string}`, string>;

interface TreeProps<Row extends TreeRow> {
  tree: TreeState<Row>;
  label: string;
  className: string;
  attributesOf: (row: Row) => RowAttributes;
  /** Undefined where a row can only be looked at. */
  textOf: (row: Row) => TreeText | undefined;
  /** May answer, later too, why the text is refused: then it stays to be mended. */
  onText: (row: Row, text: string) => unknown;
  /** The focus came to a row, by a key or by a click. */
  onFocus: (row: Row) => void;
  /** The pointer is over a row, or has left the tree. */
  onHover: (row: Row | undefined) => void;
  onDelete?: (row: Row) => void;
  /** What stands in a row behind the sign that opens it. */
  children: (row: Row, field: TreeField) => ReactNode;
}

/**
 * The ARIA tree pattern: one tab stop, arrows go through the rows. Enter or a double click types a
 * value over where that can be, and else opens or closes the row.
 */
export function Tree<Row extends TreeRow>(props: TreeProps<Row>) {
  const { tree, label, className, attributesOf, textOf, onHover, children } = props;
  const { rows, focused, toggle, element } = tree;
  const id = useId();
  const [editing, setEditing] = useState<Editing>();
  const at = focused ? rows.indexOf(focused) : 0;

  const moveTo = (row: Row | undefined) => {
    if (!row) return;
    tree.reveal(row);
    props.onFocus(row);
  };
  const begin = (row: Row) => {
    if (textOf(row)) setEditing({ path: row.path });
    else if (row.expanded !== undefined) toggle(row.path);
  };
  const finish = async (row: Row, before: string, text: string | undefined) => {
    setEditing(undefined);
    // Who has gone elsewhere is not brought back: the tree would scroll from under the pointer.
    if (element.current?.contains(document.activeElement)) element.current.focus();
    if (text === undefined || text === before) return;
    const problem = await props.onText(row, text);
    if (typeof problem === 'string') setEditing({ path: row.path, text, problem });
  };
  const keys = (event: KeyboardEvent) => {
    // A button in a row has keys of its own.
    if (editing !== undefined || event.target !== event.currentTarget) return;
    if (event.key === 'Delete' && rows[at]) props.onDelete?.(rows[at]);
    else treeKeys(event, rows, at, { moveTo, toggle, begin });
  };
  const fieldOf = (row: Row): TreeField => {
    const text = editing?.path === row.path ? textOf(row) : undefined;
    return {
      input: text && (
        <InlineInput
          label={text.label}
          text={editing?.text ?? text.text}
          problem={editing?.problem}
          onDone={(typed) => finish(row, text.text, typed)}
        />
      ),
      edit: () => setEditing({ path: row.path }),
    };
  };

  return (
    <div
      ref={element}
      className={className}
      role="tree"
      aria-label={label}
      aria-activedescendant={rows[at] ? `${id}-${at}` : undefined}
      tabIndex={0}
      data-focus
      onKeyDown={keys}
      onMouseLeave={() => onHover(undefined)}
    >
      {rows.map((row, index) => {
        const { className: look, ...attributes } = attributesOf(row);
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys
          <div
            key={row.path}
            id={`${id}-${index}`}
            role="treeitem"
            tabIndex={-1}
            aria-level={row.level}
            aria-expanded={row.expanded}
            aria-selected={index === at}
            className={classes(look, index === at && 'focus')}
            style={{ '--indent': `${(row.level * 15 - 9) / 16}rem` } as CSSProperties}
            {...attributes}
            onClick={() => moveTo(row)}
            onMouseDown={(event) => {
              // The second click opens; it must not select a word as well.
              if (event.detail > 1 && editing?.path !== row.path) event.preventDefault();
            }}
            onDoubleClick={() => begin(row)}
            onMouseEnter={() => onHover(row)}
          >
            <Fold row={row} toggle={toggle} />
            {children(row, fieldOf(row))}
          </div>
        );
      })}
    </div>
  );
}

/** The sign that opens and closes a row, for the pointer: the keyboard has the arrows. */
function Fold({ row, toggle }: { row: TreeRow; toggle: (path: string) => void }) {
  const { path, expanded } = row;
  return (
    <span
      className="fold"
      aria-hidden="true"
      onClick={(event) => {
        event.stopPropagation();
        if (expanded !== undefined) toggle(path);
      }}
    >
      {expanded !== undefined && <Icon name={expanded ? 'down' : 'right'} />}
    </span>
  );
}
