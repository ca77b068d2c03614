import { type ReactNode, useId } from 'react';
import { setInspect, useUi } from '../../stores/ui.ts';
import type { InspectName } from '../../stores/ui-state.ts';
import { Fold } from '../../ui/Fold.tsx';

/** A section of the Inspect column: folded away or not as a person left it. */
export function InspectSection({
  name,
  title,
  badge,
  children,
}: {
  name: InspectName;
  title: string;
  /** A short count behind the title. */
  badge?: string;
  children: ReactNode;
}) {
  const id = useId();
  const open = useUi((state) => state.inspect.includes(name));
  return (
    <div className="inspect-section" data-section={name}>
      <Fold
        id={id}
        title={title}
        badge={badge}
        open={open}
        onToggle={(wanted) => setInspect(name, wanted)}
      >
        {children}
      </Fold>
    </div>
  );
}
