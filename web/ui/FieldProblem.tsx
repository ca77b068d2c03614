/** Why what was typed was refused, at its field. */
export function FieldProblem({ id, problem }: { id?: string; problem: string | undefined }) {
  if (problem === undefined) return null;
  return (
    <span id={id} className="field-refusal" role="alert">
      {problem}
    </span>
  );
}
