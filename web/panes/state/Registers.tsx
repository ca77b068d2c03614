import { type KeyboardEvent, useState } from 'react';
import type { RegisterView } from '../../../core/protocol/messages.ts';
import { attempt } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { pointAtBytes } from '../../stores/ui.ts';
import { classes, shortHex } from '../../ui/format.ts';
import { InlineInput } from '../../ui/InlineInput.tsx';
import { InspectSection } from '../shared/InspectSection.tsx';
import { TargetButtons } from '../shared/TargetButtons.tsx';
import './state.css';

const NONE: RegisterView[] = [];

/**
 * r0 to r10: hex, signed, and what the value means. The last step's reads and writes are marked in
 * colour and by sign.
 */
export function Registers() {
  const registers = useSession((state) => state.snapshot?.registers ?? NONE);
  const carets = useSession((state) => state.snapshot?.packetMemory.carets);
  return (
    <InspectSection name="registers" title="Registers">
      <section
        className="registers"
        tabIndex={0}
        data-focus
        aria-label="Registers"
        onKeyDown={moveInside}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Reg</th>
              <th scope="col">Value</th>
              <th scope="col">Signed</th>
              <th scope="col" title="What the number is: a place in the packet, the stack, a map">
                Meaning
              </th>
            </tr>
          </thead>
          <tbody>
            {registers.map((register) => (
              <Register
                key={register.name}
                register={register}
                packetOffset={carets?.find((caret) => caret.register === register.name)?.offset}
              />
            ))}
          </tbody>
        </table>
      </section>
    </InspectSection>
  );
}

/** Arrows move between the values, and from a value to the buttons behind it. */
function moveInside(event: KeyboardEvent<HTMLElement>): void {
  if (event.target instanceof HTMLInputElement) return;
  const stops = (row: Element): HTMLElement[] => [
    ...row.querySelectorAll<HTMLElement>('.register-value, .row-action'),
  ];
  const rows = [...event.currentTarget.querySelectorAll('tr')].filter(
    (row) => stops(row).length > 0,
  );
  const focused = document.activeElement as HTMLElement;
  const at = rows.findIndex((row) => row.contains(focused));
  const column = at < 0 ? 0 : stops(rows[at]).indexOf(focused);
  const inRow = (row: Element | undefined): HTMLElement | undefined => {
    const all = row ? stops(row) : [];
    return all[Math.min(column, all.length - 1)];
  };
  const to = {
    ArrowDown: inRow(rows[Math.min(at + 1, rows.length - 1)]),
    ArrowUp: inRow(rows[Math.max(at - 1, 0)]),
    ArrowRight: at < 0 ? undefined : stops(rows[at])[column + 1],
    ArrowLeft: at < 0 ? undefined : stops(rows[at])[column - 1],
  }[event.key];
  if (!to) return;
  event.preventDefault();
  to.focus();
}

function Register({
  register,
  packetOffset,
}: {
  register: RegisterView;
  packetOffset: number | undefined;
}) {
  const { name, hex, signed, meaning, unset, written, before, read } = register;
  const point = () =>
    packetOffset !== undefined && pointAtBytes({ start: packetOffset, end: packetOffset + 1 });
  const change =
    written && before !== undefined
      ? `${shortHex(before)} → ${meaning || shortHex(hex)}`
      : undefined;
  const marks = [written && 'written', read && 'read'].filter(Boolean).join(' and ');
  return (
    <tr
      data-register={name}
      className={classes('register', unset && 'unset', read && 'read', written && 'written')}
      onMouseEnter={point}
      onMouseLeave={() => pointAtBytes(undefined)}
    >
      <th scope="row">
        <span className="sign" aria-hidden="true" title={marks && `${marks} by the last step`}>
          {written && '▲'}
          {read && '●'}
        </span>
        {name}
        {marks && <span className="hidden">, {marks}</span>}
      </th>
      <td className="hex" title={unset ? 'Not written so far' : hex}>
        <Value name={name} hex={hex} unset={unset} />
      </td>
      <td className="signed" title={unset ? undefined : signed}>
        {unset ? '' : signed}
      </td>
      <td className="meaning" title={change ?? meaning}>
        {change ? <span className="change">{change}</span> : !unset && meaning}
        {!unset && (
          <TargetButtons
            target={{ kind: 'register', index: Number(name.slice(1)) }}
            name={name}
            inTable
          />
        )}
      </td>
    </tr>
  );
}

/** A register's value; a click types over it, which changes the run from this step on. */
function Value({ name, hex, unset }: { name: string; hex: string; unset: boolean }) {
  const [editing, setEditing] = useState<{ text: string; problem?: string }>();
  const paused = useSession((state) => state.snapshot?.status === 'paused');
  const shown = unset ? <span className="never">not set</span> : <HexValue hex={hex} />;
  if (!paused || name === 'r10') return shown;
  if (!editing)
    return (
      <button
        type="button"
        className="register-value"
        tabIndex={-1}
        aria-label={`Change ${name}`}
        onClick={() => setEditing({ text: unset ? '0' : shortHex(hex) })}
      >
        {shown}
      </button>
    );
  const done = async (text: string | undefined) => {
    setEditing(undefined);
    if (text === undefined) return;
    const target = { kind: 'register', index: Number(name.slice(1)) } as const;
    const problem = await attempt({ type: 'edit', target, value: text });
    if (problem !== undefined) setEditing({ text, problem });
  };
  return <InlineInput label={`New value of ${name}`} {...editing} onDone={done} />;
}

/** The leading zeros step back, so that the value stands out and the columns still line up. */
function HexValue({ hex }: { hex: string }) {
  const zeros = /^0x0*(?=[0-9a-f])/.exec(hex)?.[0] ?? '';
  return (
    <>
      <span className="zeros">
        0x<span className="leading">{zeros.slice(2)}</span>
      </span>
      {hex.slice(zeros.length)}
    </>
  );
}
