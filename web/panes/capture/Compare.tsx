import { lazy, Suspense, useId, useRef } from 'react';
import type {
  TrafficComparison,
  TrafficErrand,
  TrafficView,
} from '../../../core/protocol/messages.ts';
import { openTrafficPacket, saveReport, seekTrafficPacket } from '../../actions/traffic.ts';
import { count, plural } from '../../ui/format.ts';
import { LinkWord } from './LinkWord.tsx';

const Markdown = lazy(() => import('../../ui/Markdown.tsx'));

interface CompareProps {
  traffic: TrafficView;
  start: (errand: TrafficErrand) => void;
  isIdle: boolean;
}

/** Asks for another object, or the other engine, over the same packets. */
export function Compare({ traffic, start, isIdle }: CompareProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const engine = traffic.engine === 'jit' ? 'interpreter' : 'jit';
  const chosen = async (file: File | undefined) => {
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    start({ kind: 'compare', file: { name: file.name, bytes } });
  };
  return (
    <div className="traffic-line">
      <span id={id}>Compare with</span>
      <button
        type="button"
        className="button small"
        aria-describedby={id}
        disabled={!isIdle}
        title="The same packets by another object: on which of them the two differ, and where"
        onClick={() => input.current?.click()}
      >
        Another object…
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="The object to compare with"
        onChange={({ target }) => {
          chosen(target.files?.[0]);
          // The same file may be chosen again, rebuilt.
          target.value = '';
        }}
      />
      <button
        type="button"
        className="button small"
        aria-describedby={id}
        disabled={!isIdle}
        title="The same program on the other engine: the two have to agree on everything"
        onClick={() => start({ kind: 'compare', engine })}
      >
        {engine === 'jit' ? 'Compiled code' : 'The interpreter'}
      </button>
    </div>
  );
}

interface ComparisonProps {
  found: TrafficComparison;
  /** The packet of the capture that is open. */
  open: number | undefined;
}

/** What the two differ in: in a line, packet by packet, and as a report to keep. */
export function WhatDiffers({ found, open = -1 }: ComparisonProps) {
  const { left, right, packets, isWhole, differing, differences, report } = found;
  const [first] = differences;
  return (
    <details className="traffic-tool" open>
      <summary>
        {left} and {right}:{' '}
        {differing === 0
          ? `the same on ${plural(packets, 'packet')}`
          : `they differ on ${count(differing)} of ${plural(packets, 'packet')}`}
        {!isWhole && ', stopped there'}
      </summary>
      <div className="traffic-line">
        {first !== undefined && (
          <>
            <LinkWord title="Opens it at its state" act={() => openTrafficPacket(first)}>
              first: packet {count(first + 1)}
            </LinkWord>
            <button
              type="button"
              className="button small"
              onClick={() => seekTrafficPacket('difference', open)}
            >
              Next difference
            </button>
          </>
        )}
        <button
          type="button"
          className="button small"
          title="A file of Markdown"
          onClick={() => saveReport(report)}
        >
          Save the report
        </button>
      </div>
      <div className="compare-report">
        <Suspense>
          <Markdown text={report} />
        </Suspense>
      </div>
    </details>
  );
}
