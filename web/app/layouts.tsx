import type { ReactNode } from 'react';
import { FEW_PACKETS } from '../stores/many-packets.ts';
import type { SessionState } from '../stores/session.ts';
import type { LayoutName } from '../stores/ui-state.ts';
import { CaptureLayout } from './CaptureLayout.tsx';
import { DebugLayout } from './DebugLayout.tsx';
import { NetworkLayout } from './NetworkLayout.tsx';

/** An arrangement of the page: what it is for, and where there is something for it. */
export interface LayoutRow {
  readonly name: LayoutName;
  readonly label: string;
  readonly doc: string;
  readonly letter: string;
  readonly isFor: (state: SessionState) => boolean;
  readonly main: ReactNode;
}

/**
 * All of them look at one session and one selection. Another one is a row here and its name in
 * LayoutName; it is offered as soon as there is something for it.
 */
export const LAYOUTS: readonly LayoutRow[] = [
  {
    name: 'debug',
    label: 'Debug',
    doc: 'One packet, step by step',
    letter: 'd',
    isFor: () => true,
    main: <DebugLayout />,
  },
  {
    name: 'capture',
    label: 'Capture',
    doc: 'All packets with their verdicts: filter, sort, find',
    letter: 'p',
    isFor: ({ view }) =>
      view?.traffic !== undefined || (view?.packetNames.length ?? 0) > FEW_PACKETS,
    main: <CaptureLayout />,
  },
  {
    name: 'network',
    label: 'Network',
    doc: 'Chains: netdev, tc, XDP',
    letter: 'v',
    isFor: ({ view }) => view?.chain !== undefined || (view?.hookLists.length ?? 0) > 0,
    main: <NetworkLayout />,
  },
];

/** The one that is shown: as chosen, as long as there is something for it. */
export const layoutFor = (state: SessionState, chosen: LayoutName): LayoutRow =>
  LAYOUTS.find((row) => row.name === chosen && row.isFor(state)) ?? LAYOUTS[0];
