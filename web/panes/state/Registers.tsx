import type { RegisterView } from '../../../core/protocol/messages.ts';
import { go } from '../../app/wish.ts';
import { useSession } from '../../stores/session.ts';
import { useUi } from '../../stores/ui.ts';
import { classes, shortHex } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

const NONE: RegisterView[] = [];

/** r0 to r10: hex, signed, and what the value means. The last step's reads and writes are marked in colour and by sign. */
export function Registers() {
  const registers = useSession((state) => state.snapshot?.registers ?? NONE);
  const carets = useSession((state) => state.snapshot?.packetMemory.carets);
  return (
    <section className="registers" tabIndex={0} data-focus aria-label="Registers">
      <table>
        <thead>
          <tr>
            <th scope="col">Reg</th>
            <th scope="col">Value</th>
            <th scope="col">Signed</th>
            <th scope="col">Meaning</th>
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
  );
}

function Register({ register, packetOffset }: { register: RegisterView; packetOffset: number | undefined }) {
  const { name, hex, signed, meaning, unset, written, before, read } = register;
  const point = () =>
    packetOffset !== undefined && useUi.setState({ hoverBytes: { start: packetOffset, end: packetOffset + 1 } });
  const change = written && before !== undefined ? `${shortHex(before)} → ${meaning || shortHex(hex)}` : undefined;
  const marks = [written && 'written', read && 'read'].filter(Boolean).join(' and ');
  return (
    <tr
      data-register={name}
      className={classes('register', unset && 'unset', read && 'read', written && 'written')}
      onMouseEnter={point}
      onMouseLeave={() => useUi.setState({ hoverBytes: undefined })}
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
        {unset ? <span className="never">not set</span> : <HexValue hex={hex} />}
      </td>
      <td className="signed" title={signed}>
        {unset ? '' : signed}
      </td>
      <td className="meaning" title={change ?? meaning}>
        {change ? <span className="change">{change}</span> : !unset && meaning}
        {!unset && (
          <button
            type="button"
            className="last-change"
            aria-label={`Go back to the step that last changed ${name}`}
            title={`Go back to the step that last changed ${name}`}
            onClick={() => go({ how: 'back-to-change', target: { kind: 'register', index: Number(name.slice(1)) } })}
          >
            <Icon name="back-run" />
          </button>
        )}
      </td>
    </tr>
  );
}

/** The leading zeros step back, so that the value stands out and the columns still line up. */
function HexValue({ hex }: { hex: string }) {
  const zeros = /^0x0*(?=[0-9a-f])/.exec(hex)?.[0] ?? '';
  return (
    <>
      <span className="zeros">{zeros}</span>
      {hex.slice(zeros.length)}
    </>
  );
}
