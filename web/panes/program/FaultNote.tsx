import { useSession } from '../../stores/session.ts';

/** What went wrong, with its numbers, and what a person can do about it. */
export function FaultNote() {
  const fault = useSession((state) => state.snapshot?.fault);
  if (!fault) return null;
  return (
    <p className="program-fault">
      <strong>Fault:</strong> {fault.message}. {fault.advice && <span>{fault.advice}</span>}
    </p>
  );
}
