import type { FlowView } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { pointAtCode, setCursor } from '../../stores/ui.ts';
import { count, phrase } from '../../ui/format.ts';
import { GraphBoxes } from './GraphBoxes.tsx';

/** Functions and helpers that ran, and who called whom. */
export function CallGraph({ calls }: { calls: FlowView['calls'] }) {
  const running = useSession((state) => state.snapshot?.frames.at(-1)?.function);
  if (calls.edges.length === 0 || !calls.graph) return null;
  const nodes = new Map(calls.nodes.map((node) => [node.id, node]));
  const current = calls.nodes.find(({ kind, name }) => kind === 'function' && name === running)?.id;
  return (
    <section>
      <h2>Calls</h2>
      <GraphBoxes
        graph={calls.graph}
        label="Calls"
        current={current}
        onChoose={(id) => id >= 0 && setCursor(id)}
        onOpen={(id) => id >= 0 && pointAtCode(id)}
        countOf={(from, to) =>
          calls.edges.find((edge) => edge.from === from && edge.to === to)?.count ?? 0
        }
        boxOf={(id) => {
          const { name, kind, count: times } = nodes.get(id)!;
          const targets = calls.edges
            .filter(({ from }) => from === id)
            .map(({ to }) => nodes.get(to)?.name);
          return {
            ran: times > 0,
            name: phrase(
              name,
              kind,
              `ran ${count(times)} times`,
              targets.length > 0 && `calls ${targets.join(', ')}`,
            ),
            content: (
              <>
                <p className="flow-head">
                  <code>{name}</code>
                </p>
                <p className="note">
                  {kind}, {count(times)} ×
                </p>
              </>
            ),
          };
        }}
      />
    </section>
  );
}
