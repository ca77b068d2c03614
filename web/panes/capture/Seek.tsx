const SEEK = [
  { what: 'drop', label: 'Next drop', title: 'The next packet that is dropped (;)' },
  { what: 'fault', label: 'Next fault', title: 'The next packet on which the program faults' },
  { what: 'change', label: 'Next change', title: 'The next packet with another verdict' },
] as const;

/** From the selected packet on. */
export function Seek({ onSeek }: { onSeek: (what: (typeof SEEK)[number]['what']) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row of a bar
    <div role="group" aria-label="Go to" className="capture-seek">
      {SEEK.map(({ what, label, title }) => (
        <button
          key={what}
          type="button"
          className="button small"
          title={title}
          onClick={() => onSeek(what)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
