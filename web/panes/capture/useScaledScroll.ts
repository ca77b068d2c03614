import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import {
  isScaled,
  lastTop,
  type ScrollPlace,
  scrollHeight,
  scrollTopOf,
  topRowAt,
  topThatShows,
} from './scaled-scroll.ts';

export interface ScaledScroll {
  /** The row at the top, with a fraction. */
  readonly top: number;
  readonly height: number;
  readonly viewport: number;
  /** Brings a row into sight. */
  readonly show: (row: number) => void;
}

/** Lines and pages of a wheel, in pixels. */
const LINE = 24;

/** Scrolls a list of any length in an element, whose heads take so much of its height. */
export function useScaledScroll(
  scroller: RefObject<HTMLElement | null>,
  rows: number,
  rowHeight: number,
  headHeight: number,
): ScaledScroll {
  const [top, setTop] = useState(0);
  const [viewport, setViewport] = useState(0);
  const place: ScrollPlace = { rows, rowHeight, viewport };
  // What handlers read, which are made once.
  const now = useRef({ place, top });
  now.current = { place, top: Math.min(top, lastTop(place)) };
  /** What was set here comes back as an event: the row is known better than it says. */
  const set = useRef(-1);

  const moveTo = useCallback(
    (row: number) => {
      const element = scroller.current;
      const { place: at } = now.current;
      const to = Math.min(lastTop(at), Math.max(0, row));
      now.current = { place: at, top: to };
      setTop(to);
      if (!element) return;
      element.scrollTop = scrollTopOf(at, to);
      set.current = element.scrollTop;
    },
    [scroller],
  );

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => setViewport(Math.max(0, element.clientHeight - headHeight));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, headHeight]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const scrolled = () => {
      if (Math.abs(element.scrollTop - set.current) < 1) return;
      set.current = -1;
      setTop(topRowAt(now.current.place, element.scrollTop));
    };
    // A turn of the wheel is so many rows, however little of the scroll bar that is.
    const turned = (event: WheelEvent) => {
      const { place: at, top: from } = now.current;
      if (!isScaled(at) || event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      const unit = [1, LINE, at.viewport][event.deltaMode] ?? 1;
      moveTo(from + (event.deltaY * unit) / at.rowHeight);
    };
    element.addEventListener('scroll', scrolled, { passive: true });
    element.addEventListener('wheel', turned, { passive: false });
    return () => {
      element.removeEventListener('scroll', scrolled);
      element.removeEventListener('wheel', turned);
    };
  }, [scroller, moveTo]);

  const show = useCallback(
    (row: number) => {
      const { place: at, top: from } = now.current;
      const to = topThatShows(at, from, row);
      if (to !== from) moveTo(to);
    },
    [moveTo],
  );
  return { top: now.current.top, height: scrollHeight(place), viewport, show };
}
