/**
 * A JSON value whose numbers may have more than 53 bits, and whose objects keep order and repeated
 * names.
 */
export type Json = string | number | bigint | boolean | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly fields: readonly (readonly [name: string, value: Json])[];
}

export const jsonObject = (...fields: JsonObject['fields']): JsonObject => ({ fields });

export function jsonText(value: Json): string {
  if (typeof value !== 'object')
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (!('fields' in value)) return `[${value.map(jsonText).join(',')}]`;
  const fields = value.fields.map(([name, field]) => `${JSON.stringify(name)}:${jsonText(field)}`);
  return `{${fields.join(',')}}`;
}
