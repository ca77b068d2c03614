import { InputError } from '../errors.ts';
import { finish } from '../session/session.ts';
import { encodeLink } from '../share/container.ts';
import { shareable } from '../share/slim.ts';
import type { Arguments } from './arguments.ts';
import { sessionInputs, sessionOf } from './set-up.ts';

/** `link`: the part of a share link behind the page's address. */
export async function linkCommand(args: Arguments, write: (line: string) => void): Promise<number> {
  const inputs = await sessionInputs(args);
  const session = await sessionOf(args, inputs);
  finish(session.prepare());
  if (session.problem !== undefined) throw new InputError(session.object.name, session.problem);
  write(`#${await encodeLink(shareable(session, 'lines').shared)}`);
  return 0;
}
