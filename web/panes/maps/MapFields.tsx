import { useCallback, useEffect, useRef, useState } from 'react';
import type { MapFields, MapPart } from '../../../core/protocol/messages.ts';
import { granted } from '../../actions/wish.ts';
import { ValueTree } from '../shared/ValueTree.tsx';
import { partRows } from '../shared/value-rows.ts';

/** A part of an entry by its members; `typed` is what its field holds, nothing for zeros. */
interface PartProps {
  map: string;
  part: MapPart;
  typed: string;
}

interface FieldsProps extends PartProps {
  label: string;
  /** May answer why it is refused. Undefined where it can only be looked at. */
  onSet?: (expression: string, text: string) => unknown;
}

/** The members of a key or a value, each with its name; Enter types one over. */
export function PartFields({ label, onSet, ...part }: FieldsProps) {
  const shown = usePart(part);
  const tree = shown?.fields?.tree;
  const rowsOf = useCallback(
    (toggled: ReadonlySet<string>) => (tree ? partRows(tree, toggled) : []),
    [tree],
  );
  if (shown?.refused !== undefined) return <p className="note">{shown.refused}</p>;
  return <ValueTree label={label} rowsOf={rowsOf} {...(onSet && { onAssign: onSet })} />;
}

/** The members as the core reads them, or why it cannot; the last ones until there are others. */
function usePart({ map, part, typed }: PartProps) {
  const [shown, setShown] = useState<{ fields?: MapFields; refused?: string }>();
  useEffect(() => {
    let current = true;
    fieldsOf({ map, part, typed }).then((found) => {
      if (current) setShown(typeof found === 'string' ? { refused: found } : { fields: found });
    });
    return () => {
      current = false;
    };
  }, [map, part, typed]);
  return shown;
}

async function fieldsOf(
  part: PartProps,
  change?: { expression: string; text: string },
): Promise<MapFields | string> {
  const reply = await granted({ type: 'map-fields', ...part, ...(change && { change }) });
  if (typeof reply === 'string') return reply;
  return reply.value?.kind === 'map-fields' ? reply.value : '';
}

interface DraftProps extends PartProps {
  onTyped: (hex: string) => void;
}

/** A part of an entry that is not there yet: what is set goes into its field. */
export function DraftFields({ onTyped, ...part }: DraftProps) {
  const { map, typed } = part;
  // Members are set one after the other, each in what the last one came to.
  const last = useRef<Promise<string>>(Promise.resolve(typed));
  useEffect(() => {
    last.current = Promise.resolve(typed);
  }, [typed]);
  const set = async (expression: string, text: string) => {
    let refused: string | undefined;
    last.current = last.current.then(async (before) => {
      const found = await fieldsOf({ ...part, typed: before }, { expression, text });
      if (typeof found !== 'string') return found.bytes;
      refused = found;
      return before;
    });
    const hex = await last.current;
    if (refused === undefined) onTyped(hex);
    return refused;
  };
  return <PartFields {...part} label={`New ${part.part} of ${map} by members`} onSet={set} />;
}
