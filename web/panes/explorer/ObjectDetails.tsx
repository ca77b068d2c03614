import { memo } from 'react';
import type { ObjectView } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { count, plural } from '../../ui/format.ts';
import { Externs } from './Externs.tsx';
import { KernelTypes } from './KernelTypes.tsx';
import { LongPart } from './LongPart.tsx';
import { Maps } from './Maps.tsx';
import { Name, Part } from './Part.tsx';
import { Variables } from './Variables.tsx';

/** Everything the object file holds: programs with what is wrong with them, then its tables. */
export function ObjectDetails() {
  const object = useSession((state) => state.view?.object);
  const warnings = useSession((state) => state.view?.warnings);
  if (!object) return null;
  return (
    <section className="scroll object-pane" tabIndex={0} aria-label="Object">
      <Summary object={object} />
      {[...new Set([...object.warnings, ...(warnings ?? [])])].map((warning) => (
        <p key={warning} className="warning-text">
          {warning}
        </p>
      ))}
      <Programs object={object} />
      <KernelTypes />
      <Externs externs={object.externs} />
      <Variables />
      <Maps maps={object.maps} />
      <Tables object={object} />
    </section>
  );
}

/** What an object file is made of; there may be very many rows. */
const Tables = memo(function Tables({ object }: { object: ObjectView }) {
  return (
    <>
      <LongPart
        title="Sections"
        heads={['#', 'Name', 'Type', 'Flags', 'Offset', 'Size']}
        rows={object.sections}
        cellsOf={({ index, name, type, flags, offset, size }) => [
          String(index),
          name,
          type,
          flags,
          `0x${offset.toString(16)}`,
          count(size),
        ]}
        head={1}
      />
      <LongPart
        title="Symbols"
        heads={['Name', 'Type', 'Binding', 'Section', 'Value', 'Size']}
        rows={object.symbols}
        cellsOf={({ name, type, binding, section, value, size }) => [
          name,
          type,
          binding,
          section,
          `0x${value.toString(16)}`,
          String(size),
        ]}
        head={0}
      />
      <LongPart
        title="Relocations"
        heads={['Section', 'Offset', 'Type', 'Symbol', 'Addend']}
        rows={object.relocations}
        cellsOf={({ section, offset, type, symbol, addend }) => [
          section,
          `0x${offset.toString(16)}`,
          type,
          symbol,
          addend,
        ]}
        head={3}
      />
    </>
  );
});

function Summary({ object }: { object: ObjectView }) {
  const kind = object.format === 'elf' ? 'ELF object' : 'raw bytecode';
  return (
    <p className="object-summary">
      <strong>{object.name}</strong>
      <span>
        {kind}, {object.endian}-endian, {plural(object.size, 'byte')},{' '}
        {object.license ? `license ${object.license}` : 'no license'}
      </span>
    </p>
  );
}

function Programs({ object }: { object: ObjectView }) {
  const selected = useSession((state) => state.view?.program);
  return (
    <Part
      title="Programs"
      count={object.programs.length}
      open
      heads={['Name', 'Section', 'Instructions', 'Hook', 'State']}
    >
      {object.programs.map(({ name, section, instructions, hook, recognised, error }) => (
        <tr
          key={`${section}/${name}`}
          className={error ? 'failed' : ''}
          aria-current={name === selected ? 'true' : undefined}
        >
          <Name>{name}</Name>
          <td>
            <code className="name" title={section}>
              {section}
            </code>
          </td>
          <td className="number">{count(instructions)}</td>
          <td>
            {hook}
            {!recognised && <span className="note"> (section names no hook)</span>}
          </td>
          <td>
            {error ? (
              <span className="problem-text">{error}</span>
            ) : name === selected ? (
              'selected'
            ) : (
              <button
                type="button"
                className="link-button"
                onClick={() => wish({ type: 'select-program', name })}
                aria-label={`Select program ${name}`}
              >
                select
              </button>
            )}
          </td>
        </tr>
      ))}
    </Part>
  );
}
