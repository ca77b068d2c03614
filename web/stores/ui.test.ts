import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { moveToProgram, selectFrame, showError, showTab, toast, useUi } from './ui.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});
const texts = () => useUi.getState().toasts.map(({ text }) => text);

test('a toast that is there already comes again at the end, three stand at once', () => {
  for (const text of ['one', 'two', 'one']) toast(text);
  expect(texts()).toEqual(['two', 'one']);
  for (const text of ['three', 'four']) toast(text);
  expect(texts()).toEqual(['one', 'three', 'four']);
});

test('a toast is spoken, and goes by itself', () => {
  toast('Link copied');
  expect(useUi.getState().announcement).toBe('Link copied');
  vi.advanceTimersByTime(10_000);
  expect(texts()).toEqual([]);
});

test('what goes wrong takes the place of what went wrong before', () => {
  for (const message of ['first', 'second']) showError({ kind: 'input', place: '', message }, '');
  expect(useUi.getState().banners.map(({ error }) => error.message)).toEqual(['second']);
});

test('a tab that is asked for shows in the wide and in the narrow page', () => {
  showTab('maps');
  expect(useUi.getState()).toMatchObject({ dataTab: 'maps', narrowTab: 'maps' });
});

test('another program has a frame and a cursor of its own', () => {
  selectFrame(1, 12);
  moveToProgram(0);
  expect(useUi.getState()).toMatchObject({ frame: undefined, cursor: 0 });
});
