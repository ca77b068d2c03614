/** Shorter texts of base64's letters are words. */
export const LEAST_BASE64 = 20;

/**
 * Digits, capitals and small letters mixed as chance mixes them; no path, no word, no identifier.
 */
export function isRandom(digits: string): boolean {
  if (/[/+]/.test(digits) && /[-_]/.test(digits)) return false;
  const changes = digits.match(/[a-z][A-Z0-9]|[A-Z][a-z0-9]|[0-9][A-Za-z]/g)?.length ?? 0;
  const plain = /^[/_-]{6}|[/+].*[/+]/.test(digits)
    ? !/[a-z]{5,}/.test(digits)
    : !/[a-z]{4,}/.test(digits);
  return (
    plain &&
    digits.length >= LEAST_BASE64 &&
    (changes >= digits.length / 5 || /(.)\1{4}/.test(digits))
  );
}
