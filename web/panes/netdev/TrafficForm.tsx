import { useState } from 'react';
import type { ChainTraffic, ChainView } from '../../../core/protocol/messages.ts';
import { setTraffic } from '../../actions/netdev.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { FieldProblem } from '../../ui/FieldProblem.tsx';
import { count, plural } from '../../ui/format.ts';

const RULES = {
  guest: 'from the guest: what has its address as source',
  'to-guest': 'all to the guest',
  'from-guest': 'all from the guest',
} as const;
type Rule = keyof typeof RULES;

/** Which packets flow, and which way each of them goes. */
export function TrafficForm({ chain }: { chain: ChainView }) {
  const { traffic, packets, guest } = chain;
  const { source, direction, generator } = traffic;
  const [problem, setProblem] = useState<string>();
  const change = async (changed: Partial<ChainTraffic>) => {
    const refused = await setTraffic({ ...traffic, ...changed });
    setProblem(refused);
    return refused;
  };
  const setNumber = (name: 'count' | 'seed') => (text: string) =>
    change({ generator: { ...generator, [name]: Number(text.replaceAll(',', '')) } });
  /** `1.1.1.1, 8.8.8.8:53`; none: all of them are between the guest and the usual hosts. */
  const setDestinations = (text: string) => {
    const destinations = text.split(/[\s,;]+/).filter((part) => part !== '');
    return change({ generator: { ...generator, destinations } });
  };
  const address = direction.rule === 'guest' ? direction.address : guest;
  return (
    <div className="flow-line traffic-form">
      <label>
        Packets{' '}
        <select
          value={source}
          onChange={({ target }) =>
            change({ source: target.value === 'generator' ? 'generator' : 'packets' })
          }
        >
          <option value="packets">
            of {packets.name}: {plural(packets.count, 'packet')}
          </option>
          <option value="generator">made: {plural(generator.count, 'packet')}</option>
        </select>
      </label>
      {source === 'generator' && (
        <span
          className="traffic-made"
          title={`In turns by chance: ${generator.templates.join(', ')}`}
        >
          how many{' '}
          <EditableText
            label="How many packets are made"
            text={count(generator.count)}
            onSet={setNumber('count')}
          />{' '}
          seed{' '}
          <EditableText
            label="Seed of the made packets"
            text={String(generator.seed)}
            onSet={setNumber('seed')}
          />{' '}
          some to{' '}
          <EditableText
            label="Destinations of some of the made packets"
            text={(generator.destinations ?? []).join(', ') || 'nowhere else'}
            onSet={setDestinations}
          />
        </span>
      )}
      <label>
        Direction{' '}
        <select
          value={direction.rule}
          onChange={({ target }) => {
            const rule = target.value as Rule;
            change({ direction: rule === 'guest' ? { rule, address } : { rule } });
          }}
        >
          {Object.entries(RULES).map(([rule, label]) => (
            <option key={rule} value={rule}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {direction.rule === 'guest' && (
        <EditableText
          label="Address of the guest"
          text={direction.address}
          onSet={(text) => change({ direction: { rule: 'guest', address: text.trim() } })}
        />
      )}
      <FieldProblem problem={problem} />
    </div>
  );
}
