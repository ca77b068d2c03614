import type { SessionParts, SessionView } from './messages.ts';

/** All parts side by side, as panes read them. */
export const sideBySide = (parts: SessionParts): SessionView => ({
  ...parts.object,
  ...parts.code,
  ...parts.setUp,
  ...parts.packets,
  ...parts.rows,
  ...parts.stops,
  ...parts.notes,
  ...parts.expectations,
  ...parts.changes,
  ...parts.traffic,
  ...parts.chain,
  ...parts.hooks,
});
