/** A variable with members and elements, as far as a person can point at one. */
const CHAIN = /[A-Za-z_]\w*(?:(?:\.|->)[A-Za-z_]\w*|\[\w+\])*/g;

/**
 * The C expression of a line that ends with the word at a column (from 0); undefined where there is
 * none.
 */
export function expressionAt(
  line: string,
  column: number,
): { text: string; start: number; end: number } | undefined {
  for (const { 0: chain, index: start } of line.matchAll(CHAIN)) {
    if (column < start || column > start + chain.length) continue;
    const end = column + /^\w*/.exec(line.slice(column))![0].length;
    const whole = line.slice(start, end);
    // An index in brackets is a variable of its own.
    const text = /\[\w*$/.test(whole) ? whole.slice(whole.lastIndexOf('[') + 1) : whole;
    return text === '' ? undefined : { text, start: end - text.length, end };
  }
  return undefined;
}
