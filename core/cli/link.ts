import { InputError } from '../errors.ts';
import { MAX_PACKETS } from '../packet/limits.ts';
import { finish } from '../session/session.ts';
import { encodeLink } from '../share/container.ts';
import { shareable } from '../share/slim.ts';
import type { Arguments } from './arguments.ts';
import { sessionInputs, sessionOf } from './set-up.ts';

type Write = (line: string) => void;

/** `link`: the part of a share link behind the page's address. */
export async function linkCommand(
  args: Arguments,
  write: Write,
  note: Write = () => {},
): Promise<number> {
  const inputs = await sessionInputs(args, note, MAX_PACKETS);
  const session = await sessionOf(args, inputs);
  finish(session.prepareSelected());
  if (session.problem !== undefined) throw new InputError(session.object.name, session.problem);
  write(`#${await encodeLink(shareable(session, 'lines', finish(session.hash())).shared)}`);
  return 0;
}
