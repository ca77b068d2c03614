import type { SessionView } from '../../../core/protocol/messages.ts';
import { PROGRAM_TYPES, type ProgramTypeRow } from '../../../core/spec/program-types.ts';
import { count } from '../../ui/format.ts';
import { VerdictChip } from '../../ui/VerdictChip.tsx';

/** What the hook made of the packet, among all that it can make of one. */
export function Verdicts({ view }: { view: SessionView }) {
  const row: ProgramTypeRow | undefined = PROGRAM_TYPES.find(({ name }) => name === view.hook);
  return (
    <section>
      <h2>Verdict</h2>
      {view.programError && <p className="problem-text">{view.programError}</p>}
      <Outcome outcome={view.outcome} />
      {row && row.verdicts.length > 0 && (
        <VerdictTable row={row} code={view.outcome?.verdict.code} />
      )}
    </section>
  );
}

function Outcome({ outcome }: { outcome: SessionView['outcome'] }) {
  if (!outcome) return null;
  const { verdict, fault, ran, steps, r0 } = outcome;
  return (
    <>
      <p className="verdict-line">
        <VerdictChip verdict={verdict} /> <code>{verdict.text}</code>
      </p>
      {verdict.reason && <p>{verdict.reason}</p>}
      {fault && (
        <p className="problem-text">
          Fault: {fault.message}. {fault.advice}
        </p>
      )}
      {verdict.warning && <p className="warning-text">{verdict.warning}</p>}
      <p className="note">
        {ran ? `${count(steps)} instructions` : 'The program was not run'}
        {r0 && `, r0 = ${r0}`}
      </p>
    </>
  );
}

function VerdictTable({ row, code }: { row: ProgramTypeRow; code: number | undefined }) {
  return (
    <table className="table">
      <caption className="hidden">What this hook's return values mean</caption>
      <tbody>
        {row.verdicts.map((verdict) => (
          <tr key={verdict.code} aria-current={verdict.code === code ? 'true' : undefined}>
            <td className="number">{verdict.code}</td>
            <th scope="row">{verdict.name}</th>
            <td>{verdict.doc}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
