import type { ChainObject } from '../netdev/types.ts';
import { hasElfMagic, parseElf } from '../object/elf/elf.ts';
import { stripBtf, stripDebug, stripDebugButVariables } from '../object/elf/strip.ts';
import { RUN_CONFIG_SECTION } from '../object/xdp-run-config.ts';
import type { LinkKeeps } from '../protocol/messages.ts';
import { notesOfPacket } from '../session/notes.ts';
import type { Session } from '../session/session.ts';
import type { Shared } from './container.ts';
import { portableTypes } from './kernel-types.ts';

/** A session as a link carries it, with words for what was left out. */
interface Slimmed {
  shared: Shared;
  dropped: string[];
}

/** An object without what a link does not keep, and how many bytes of which kind that were. */
function slimObject(whole: Uint8Array, keeps: LinkKeeps, isListed: boolean) {
  if (!hasElfMagic(whole)) return { bytes: whole, debug: 0, types: 0 };
  const slim = keeps === 'variables' ? stripDebugButVariables(whole) : stripDebug(whole);
  // Types say when a program of a list is asked.
  const bytes = keeps === 'program' && !(isListed && hasRunConfig(slim)) ? stripBtf(slim) : slim;
  return { bytes, debug: whole.length - slim.length, types: slim.length - bytes.length };
}

const hasRunConfig = (elf: Uint8Array): boolean =>
  parseElf(elf).sections.some(({ name }) => name === RUN_CONFIG_SECTION);

/**
 * A session's inputs as a link carries them, made smaller, with words for what was left out.
 * `hash`: Session.hash.
 */
export function shareable(session: Session, keeps: LinkKeeps, hash: string): Slimmed {
  const { inputs, machine } = session;
  const dropped: string[] = [];
  const isListed = inputs.hookLists?.some(({ hook }) => hook === 'xdp') ?? false;
  const { bytes, debug, types: lessTypes } = slimObject(inputs.object.bytes, keeps, isListed);
  if (debug > 0) dropped.push(`debug info (.debug_*), ${debug} bytes`);
  if (lessTypes > 0) dropped.push(`types and source lines (.BTF), ${lessTypes} bytes`);
  if (keeps === 'program' && inputs.sources.length > 0) dropped.push('C files');
  const types = portableTypes(session);
  if (types.dropped) dropped.push(types.dropped);
  const { capture } = inputs;
  if (capture?.partial)
    dropped.push(`a part of what maps held at packet ${capture.packet} of ${capture.name}`);
  // One that is the session's own stays that: its bytes are there once.
  const slimOther = (other: ChainObject): ChainObject =>
    other.bytes === inputs.object.bytes
      ? { ...other, bytes }
      : { ...other, bytes: slimObject(other.bytes, keeps, isListed).bytes };
  const slimmed = {
    ...inputs,
    object: { name: inputs.object.name, bytes },
    ...(inputs.chainObjects && { chainObjects: inputs.chainObjects.map(slimOther) }),
    ...(inputs.hookObjects && { hookObjects: inputs.hookObjects.map(slimOther) }),
    sources: keeps === 'program' ? [] : inputs.sources,
    step: machine?.steps ?? 0,
    kernelTypes: types.kernelTypes,
  };
  // Where maps hold something else the outcome may be another: there is nothing to compare it with.
  return { shared: { inputs: slimmed, hash: capture?.partial ? '' : hash }, dropped };
}

/**
 * The same with the selected packet alone. What the others left in maps goes with them, so what it
 * comes to may be another: there is no hash to compare it with.
 */
export function withOnePacket({ shared, dropped }: Slimmed): Slimmed {
  const { inputs } = shared;
  const others = inputs.packets.length - 1;
  if (others < 1) return { shared, dropped };
  const edits = inputs.edits?.flatMap((edit) =>
    edit.packet === inputs.packet ? [{ ...edit, packet: 0 }] : [],
  );
  const expectations = inputs.expectations?.flatMap((one) =>
    one.packet === inputs.packet ? [{ ...one, packet: 0 }] : [],
  );
  return {
    shared: {
      inputs: {
        ...inputs,
        packets: inputs.packets.slice(inputs.packet, inputs.packet + 1),
        packet: 0,
        ...(edits && { edits }),
        ...(inputs.notes && { notes: notesOfPacket(inputs.notes, inputs.packet) }),
        ...(expectations && { expectations }),
      },
      hash: '',
    },
    dropped: [
      ...dropped,
      `${others} other packet${others === 1 ? '' : 's'}, and what they left in maps`,
    ],
  };
}
