import type { VerdictView } from '../../core/protocol/messages.ts';
import { Icon } from './icons.tsx';

const WORDS = {
  pass: 'pass',
  drop: 'drop',
  redirect: 'redirect',
  tx: 'transmit',
  aborted: 'aborted',
  truncate: 'truncate',
  other: 'other',
} as const;

/** A verdict by name and number, with colour, icon and word for what happens to the packet. */
export function VerdictChip({ verdict, small }: { verdict: VerdictView; small?: boolean }) {
  const word = WORDS[verdict.action];
  const { code } = verdict;
  const isSaid = code === undefined || verdict.name.includes(String(code));
  const name = isSaid ? verdict.name : `${verdict.name} (${code})`;
  const notes = [verdict.text, verdict.reason, verdict.warning].filter(Boolean).join('\n');
  return (
    <span className={`chip ${verdict.action}${small ? ' small' : ''}`} title={notes}>
      <Icon name={verdict.action} />
      <span className="clip">{small ? verdict.name : name}</span>
      {!verdict.name.toLowerCase().includes(word) && !small && (
        <span className="chip-word">{word}</span>
      )}
      {verdict.warning && <Icon name="warning" />}
    </span>
  );
}
