import { completionWarnings } from '../maps/completion.ts';
import { hookOfSection } from '../spec/sections.ts';
import type { Session } from './session.ts';

/** What was assumed of the hook, in a sentence; '' where the section name or the user says it. */
export const hookNote = ({ inputs, program }: Session): string =>
  inputs.hook === undefined && program !== undefined ? hookOfSection(program.section).note : '';

/**
 * What is odd about a session's object, what loaders other than libbpf fill in, and what was
 * assumed of the hook.
 */
export function warningsOf(session: Session): string[] {
  const note = hookNote(session);
  return [
    ...session.object.warnings,
    ...session.maps.flatMap(completionWarnings),
    ...(note === '' ? [] : [note]),
  ];
}
