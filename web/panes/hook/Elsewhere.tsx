import type { SessionView } from '../../../core/protocol/messages.ts';
import { Copyable } from '../shared/Copyable.tsx';

/** The same set-up outside of this page: command lines to copy. */
export function Elsewhere({ view: { qemu, commands } }: { view: SessionView }) {
  if (qemu)
    return (
      <section>
        <h2>The same in QEMU</h2>
        <Copyable label="QEMU command line" text={qemu.commandLine} />
        <Copyable label="QMP object-add" text={qemu.qmp} />
        <p className="note">{qemu.note}</p>
      </section>
    );
  if (commands.length === 0) return null;
  return (
    <section>
      <h2>The same on Linux</h2>
      {commands.map(({ label, text }) => (
        <Copyable key={label} label={label} text={text} />
      ))}
      <p className="note">As root; eth0 stands for a device of yours.</p>
    </section>
  );
}
