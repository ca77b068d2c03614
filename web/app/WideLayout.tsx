import { useEffect } from 'react';
import { Panel, Separator } from 'react-resizable-panels';
import { Explorer } from '../panes/explorer/Explorer.tsx';
import { useSession } from '../stores/session.ts';
import { useUi } from '../stores/ui.ts';
import { scaled } from '../ui/rem.ts';
import { layoutFor } from './layouts.tsx';
import { Panels } from './Panels.tsx';
import { panelRef, widenPane } from './panes.ts';
import { WhyDrawer } from './WhyDrawer.tsx';

const EXPLORER = panelRef('explorer');

/** What tables of the object take. */
const ROOM_FOR_TABLES = 540;

/** From 900 pixels on: a layout, with the Explorer on its left and Why under everything. */
export function WideLayout() {
  const chosen = useUi((state) => state.layout);
  const name = useSession((state) => layoutFor(state, chosen).name);
  const explorer = useUi((state) => state.explorer);
  const details = useUi((state) => state.explorer && state.explorerView === 'details');
  const why = useUi((state) => state.whyOpen);
  useEffect(() => {
    if (details) widenPane('explorer', scaled(ROOM_FOR_TABLES));
  }, [details]);
  return (
    <Panels name="page" orientation="vertical">
      <Panel id="work" minSize="8rem">
        <Panels name="work" orientation="horizontal">
          {explorer && (
            <>
              <Panel id="explorer" minSize="12rem" defaultSize="17rem" panelRef={EXPLORER}>
                <Explorer />
              </Panel>
              <Separator aria-label="Width of the Explorer" className="separator" />
            </>
          )}
          <Panel id="layout" minSize="36rem">
            {layoutFor(useSession.getState(), name).main}
          </Panel>
        </Panels>
      </Panel>
      {why && (
        <>
          <Separator aria-label="Height of Why" className="separator" />
          <Panel id="why" minSize="6rem" defaultSize="32">
            <WhyDrawer />
          </Panel>
        </>
      )}
    </Panels>
  );
}
