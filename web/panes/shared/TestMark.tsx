import type { ExpectationRow } from '../../../core/protocol/messages.ts';
import { useSession } from '../../stores/session.ts';
import { classes } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import './test-mark.css';

/** Whether a packet came to what is expected of it; nothing where nothing is expected. */
export function TestMark({ packet }: { packet: number }) {
  const row = useSession(({ view }) => view?.expectations.find((one) => one.packet === packet));
  return row === undefined ? null : <ExpectationMark row={row} />;
}

const WORDS = { met: 'as expected', broken: 'not as expected', open: 'expected, not run yet' };

export function ExpectationMark({ row }: { row: ExpectationRow }) {
  const { met, text, unmet } = row;
  const state = met === undefined ? 'open' : met ? 'met' : 'broken';
  const title = [`Expected: ${text}`, ...unmet].join('\n');
  return (
    <span className={classes('test-mark', `test-${state}`)} title={title}>
      <Icon name={state === 'broken' ? 'close' : 'check'} />
      <span className="hidden">{WORDS[state]}</span>
    </span>
  );
}
