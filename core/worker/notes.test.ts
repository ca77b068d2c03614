import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import type { ShareResult, Wish } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { decodeLink, encodeLink } from '../share/container.ts';
import { TestPage } from '../testing/page.ts';

const firewall = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../public/examples/xdp-firewall/program.o')),
);
const FRAME =
  '52540012345652540065432108004500002800010000400666c50a0000420a000001' +
  '9c4001bb00000001000000005002200000000000';

let page: TestPage;
const wish = (wanted: Wish) => page.wish(wanted);
const note = (packet: number, step: number, text: string) =>
  wish({ type: 'set-note', packet, step, text });
const made = () => page.made?.notes?.map(({ packet, step }) => [packet, step]);

/** Two packets, with a note at the first step of the second and two on the first. */
beforeEach(async () => {
  page = new TestPage();
  await wish({ type: 'open-file', name: 'firewall.o', bytes: firewall });
  await wish({ type: 'open-text', text: FRAME, as: 'packet' });
  await wish({ type: 'add-packet', text: FRAME });
  await wish({ type: 'select-packet', index: 0 });
  await note(1, 0, 'The second packet.');
  await note(0, 3, 'Both pointers.');
  await note(0, 1, 'The verdict first.');
});

describe('notes', () => {
  test('stand in the order of their steps, and a snapshot says where they are', async () => {
    expect(made()).toEqual([
      [0, 1],
      [0, 3],
      [1, 0],
    ]);
    const { snapshot } = await wish({ type: 'go', go: { how: 'to-step', step: 3 } });
    expect(snapshot?.notesHere).toEqual({ here: [1], before: 0, after: 2 });
  });

  test('are gone to, over packets, and bring the set-up of the packet along', async () => {
    const there = await wish({ type: 'go-to-note', index: 2 });
    expect([there.snapshot?.packet, there.snapshot?.step]).toEqual([1, 0]);
    expect(there.view?.packet).toBe(1);
    const back = await wish({ type: 'go-to-note', index: 1 });
    expect([back.snapshot?.packet, back.snapshot?.step]).toEqual([0, 3]);
    expect(back.snapshot?.notesHere?.here).toEqual([1]);
    await expect(wish({ type: 'go-to-note', index: 3 })).rejects.toThrow(InputError);
  });

  test('are no part of the run: it stands where it stood, with the verdicts it had', async () => {
    await wish({ type: 'go', go: { how: 'to-step', step: 2 } });
    const { snapshot } = await note(0, 2, 'Here.');
    expect(snapshot?.step).toBe(2);
    expect(snapshot?.notesHere?.here).toEqual([1]);
    expect(page.brought.toSorted()).toEqual(['changes', 'notes']);
  });

  test('are on packets that there are', async () => {
    await expect(note(2, 0, 'None.')).rejects.toThrow('packet 2: does not exist, there are 2');
  });

  test('go with their packet, and come back with it', async () => {
    await wish({ type: 'remove-packet', index: 0 });
    expect(made()).toEqual([[0, 0]]);
    await wish({ type: 'undo' });
    expect(made()).toHaveLength(3);
  });

  test('go on with the object built anew, and it is said', async () => {
    const { rebuilt } = await wish({ type: 'open-file', name: 'firewall.o', bytes: firewall });
    expect(rebuilt?.kept).toContain('3 notes, at their steps');
    expect(made()).toHaveLength(3);
  });
});

describe('a link', () => {
  test('has the notes of all packets, or of the one that it is of', async () => {
    const link = async (only: boolean) => {
      const { value } = await wish({ type: 'share', keeps: 'program', only });
      return (await decodeLink((value as ShareResult).fragment)).inputs.notes;
    };
    expect(await link(false)).toEqual(page.made?.notes);
    expect((await link(true))?.map(({ text }) => text)).toEqual([
      'The verdict first.',
      'Both pointers.',
    ]);
  });

  test('for a frame is read like any other', async () => {
    const fragment = await encodeLink({ inputs: inputsFor('a.o', firewall), hash: '' });
    const address = `https://example.org/play/#embed=${fragment}`;
    expect((await decodeLink(address)).inputs.object.bytes).toEqual(firewall);
    const { snapshot } = await wish({ type: 'open-text', text: address });
    expect(snapshot?.notesHere).toBeUndefined();
  });

  test('with a note on a packet that it does not have is damaged', async () => {
    const inputs = { ...inputsFor('a.o', firewall), notes: [{ packet: 1, step: 0, text: 'x' }] };
    const fragment = await encodeLink({ inputs, hash: '' });
    await expect(decodeLink(fragment)).rejects.toThrow('it has a note on packet 1 of 0');
  });
});
