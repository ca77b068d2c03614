/** What a person does with the programs on a hook. */
import type { HookChange, HookListView, HookProperty } from '../../core/protocol/messages.ts';
import { announce, setLayout } from '../stores/ui.ts';
import { count } from '../ui/format.ts';
import { attempt, wish } from './wish.ts';

type ListHook = HookListView['hook'];

/** Another list; a message over the page says why not. */
export async function changeHook(hook: ListHook, change: HookChange, said?: string): Promise<void> {
  const reply = await wish({ type: 'hook-change', hook, change });
  if (reply.kind === 'done' && said !== undefined) announce(said);
}

/** The same for what was typed into a field, where the reason is said. */
export const tellProgram = (hook: ListHook, id: string, property: HookProperty, value: string) =>
  attempt({ type: 'hook-change', hook, change: { kind: 'set', id, property, value } });

export const runPastHook = (hook: ListHook) => wish({ type: 'hook-order', hook, order: 'start' });

export const stopPastHook = (hook: ListHook) => wish({ type: 'hook-order', hook, order: 'stop' });

/** Debugs the packet at a program of the list, as those in front of it left it. */
export async function debugAtProgram(hook: ListHook, id: string, packet: number): Promise<void> {
  const reply = await wish({ type: 'hook-open', place: { hook, id, packet } }, 'hook-open');
  if (reply.kind !== 'done' || !reply.snapshot) return;
  setLayout('debug');
  announce(`Packet ${count(packet)} as it comes to program ${id}`);
}
