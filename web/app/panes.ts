import type { GroupImperativeHandle, PanelImperativeHandle } from 'react-resizable-panels';
import { remember } from '../browser/storage.ts';

/** Parts of the wide page that can be folded away. */
export type PaneName = 'left' | 'inspect' | 'data' | 'explorer';

const panels = new Map<PaneName, PanelImperativeHandle>();
const groups = new Map<string, GroupImperativeHandle>();

/** For `panelRef`: known while it is on the page. */
export const panelRef = (name: PaneName) => (handle: PanelImperativeHandle | null) => {
  if (handle) panels.set(name, handle);
  else panels.delete(name);
};

export const groupRef = (name: string) => (handle: GroupImperativeHandle | null) => {
  if (handle) groups.set(name, handle);
  else groups.delete(name);
};

export const layoutKey = (group: string): string => `layout-${group}`;

export const hasPane = (name: PaneName): boolean => panels.has(name);

/** Gives a part of the page at least so many pixels of width. */
export function widenPane(name: PaneName, pixels: number): void {
  const panel = panels.get(name);
  if (panel && panel.getSize().inPixels < pixels) panel.resize(pixels);
}

/** Folds a part of the page away, or brings it back; the layout is remembered. */
export function togglePane(name: PaneName): void {
  const panel = panels.get(name);
  if (!panel) return;
  if (panel.isCollapsed()) panel.expand();
  else panel.collapse();
  for (const [group, handle] of groups) remember(layoutKey(group), handle.getLayout());
}
