import type { ObjectView } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { count, plural } from '../../ui/format.ts';
import { Externs } from './Externs.tsx';
import { KernelTypes } from './KernelTypes.tsx';
import { Maps } from './Maps.tsx';
import { Name, Part } from './Part.tsx';
import { Variables } from './Variables.tsx';
import './object.css';

/** Everything the object file holds: programs with what is wrong with them, then its tables. */
export function ObjectPane() {
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
      <Part
        title="Sections"
        count={object.sections.length}
        heads={['#', 'Name', 'Type', 'Flags', 'Offset', 'Size']}
      >
        {object.sections.map((section) => (
          <tr key={section.index}>
            <td className="number">{section.index}</td>
            <Name>{section.name}</Name>
            <td>{section.type}</td>
            <td>{section.flags}</td>
            <td className="number">0x{section.offset.toString(16)}</td>
            <td className="number">{count(section.size)}</td>
          </tr>
        ))}
      </Part>
      <Part
        title="Symbols"
        count={object.symbols.length}
        heads={['Name', 'Type', 'Binding', 'Section', 'Value', 'Size']}
      >
        {object.symbols.map((symbol, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat
          <tr key={index}>
            <Name>{symbol.name}</Name>
            <td>{symbol.type}</td>
            <td>{symbol.binding}</td>
            <td>{symbol.section}</td>
            <td className="number">0x{symbol.value.toString(16)}</td>
            <td className="number">{symbol.size}</td>
          </tr>
        ))}
      </Part>
      <Part
        title="Relocations"
        count={object.relocations.length}
        heads={['Section', 'Offset', 'Type', 'Symbol', 'Addend']}
      >
        {object.relocations.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may stand at one place
          <tr key={index}>
            <td>
              <code>{row.section}</code>
            </td>
            <td className="number">0x{row.offset.toString(16)}</td>
            <td>{row.type}</td>
            <Name>{row.symbol}</Name>
            <td className="number">{row.addend}</td>
          </tr>
        ))}
      </Part>
    </section>
  );
}

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
  return (
    <Part
      title="Programs"
      count={object.programs.length}
      open
      heads={['Name', 'Section', 'Instructions', 'Hook', 'State']}
    >
      {object.programs.map(({ name, section, instructions, hook, recognised, error }) => (
        <tr key={`${section}/${name}`} className={error ? 'failed' : ''}>
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
