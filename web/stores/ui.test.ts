import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  lookAtFile,
  moveToProgram,
  selectFrame,
  setInspect,
  showError,
  showPlace,
  toast,
  useUi,
} from './ui.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});
const texts = () => useUi.getState().toasts.map(({ text }) => text);

test('a toast that is there already comes again at the end, two stand at once', () => {
  for (const text of ['one', 'two', 'one']) toast(text);
  expect(texts()).toEqual(['two', 'one']);
  for (const text of ['three', 'four']) toast(text);
  expect(texts()).toEqual(['three', 'four']);
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

test('a place that is asked for shows in the wide and in the narrow page', () => {
  showPlace('output');
  expect(useUi.getState()).toMatchObject({ dataTab: 'events', narrowTab: 'events' });
  showPlace('flow');
  expect(useUi.getState()).toMatchObject({ programView: 'flow', narrowTab: 'program' });
});

test('a section that was folded away comes back when it is asked for', () => {
  setInspect('breakpoints', false);
  expect(useUi.getState().inspect).not.toContain('breakpoints');
  showPlace('breakpoints');
  expect(useUi.getState()).toMatchObject({ narrowTab: 'inspect' });
  expect(useUi.getState().inspect).toContain('breakpoints');
});

test('a file that is looked at is seen: the graph makes way for the source', () => {
  showPlace('flow');
  lookAtFile('drop.c');
  expect(useUi.getState()).toMatchObject({ programView: 'source', sourceFile: 'drop.c' });
});

test('another program has a frame and a cursor of its own', () => {
  selectFrame(1, 12);
  moveToProgram(0);
  expect(useUi.getState()).toMatchObject({ frame: undefined, cursor: 0 });
});
