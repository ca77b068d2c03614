import { InputError } from '../errors.ts';

export function editField(_bytes: Uint8Array, name: string, _offset: number, _text: string, _fixChecksums: boolean): Uint8Array {
  throw new InputError(name, 'is not a field');
}

export const fixChecksums = (bytes: Uint8Array): Uint8Array => bytes;
