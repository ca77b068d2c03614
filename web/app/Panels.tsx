import { type ReactNode, useRef } from 'react';
import { Group, type Layout } from 'react-resizable-panels';
import { recall, remember } from '../browser/storage.ts';
import { groupRef, layoutKey } from './panes.ts';

const isLayout = (value: unknown): value is Layout =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((size) => typeof size === 'number' && size >= 0 && size <= 100);

/** A group of panels that remembers its sizes. */
export function Panels({
  name,
  orientation,
  children,
}: {
  name: string;
  orientation: 'horizontal' | 'vertical';
  children: ReactNode;
}) {
  const layout = useRef(
    recall<Layout | undefined>(
      layoutKey(name),
      (value): value is Layout => isLayout(value),
      undefined,
    ),
  );
  const ref = useRef(groupRef(name));
  return (
    <Group
      id={name}
      orientation={orientation}
      defaultLayout={layout.current}
      onLayoutChanged={(sizes, { isUserInteraction }) =>
        isUserInteraction && remember(layoutKey(name), sizes)
      }
      groupRef={ref.current}
    >
      {children}
    </Group>
  );
}
