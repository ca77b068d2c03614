import { type KeyboardEvent, type ReactNode, useId } from 'react';

export interface TabRow<Name extends string> {
  name: Name;
  label: string;
  /** A short count or mark behind the label. */
  badge?: string;
  /** What has just happened in it: a dot for the eye, words for the ear. */
  news?: string;
  /** What is in it, and its key. */
  title?: string;
}

/** The ARIA tabs pattern: arrows, Home and End move between tabs, one tab stop for all. */
export function Tabs<Name extends string>(props: {
  label: string;
  tabs: readonly TabRow<Name>[];
  selected: Name;
  onSelect: (name: Name) => void;
  children: ReactNode;
}) {
  const { label, tabs, selected, onSelect, children } = props;
  const id = useId();
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex((tab) => tab.name === selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    onSelect(tab.name);
    document.getElementById(`${id}-${tab.name}`)?.focus();
  };
  return (
    <div className="tabs">
      <div role="tablist" aria-label={label} className="tab-list" onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.name}
            id={`${id}-${tab.name}`}
            type="button"
            role="tab"
            className="tab"
            aria-selected={tab.name === selected}
            aria-controls={tab.name === selected ? `${id}-panel` : undefined}
            tabIndex={tab.name === selected ? 0 : -1}
            title={tab.title}
            onClick={() => onSelect(tab.name)}
          >
            {tab.label}
            {tab.badge && <span className="badge">{tab.badge}</span>}
            {tab.news && (
              <span className="news" title={tab.news}>
                <span className="hidden">, {tab.news}</span>
              </span>
            )}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${selected}`}
        className="tab-panel"
      >
        {children}
      </div>
    </div>
  );
}
