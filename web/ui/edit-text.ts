import type { SessionView } from '../../core/protocol/messages.ts';

/** `r1 = 0x5`: what was changed in the middle of a run. */
export const editText = ({ name, value }: SessionView['edits'][number]): string =>
  `${name} ${value === '' ? 'deleted' : `= ${value}`}`;
