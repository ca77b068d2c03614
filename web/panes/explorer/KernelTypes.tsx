import { type ChangeEvent, useRef } from 'react';
import type { CoreRelocationView, KernelTypesView } from '../../../core/protocol/messages.ts';
import { KERNEL_VERSION } from '../../../core/spec/kernel.ts';
import { openFiles } from '../../actions/open.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { classes } from '../../ui/format.ts';
import { Name, Part } from './Part.tsx';

/** Whose types the object's CO-RE relocations are resolved against, and what became of each. */
export function KernelTypes() {
  const relocations = useSession((state) => state.view?.object.coreRelocations);
  const types = useSession((state) => state.view?.kernelTypes);
  if (!types || !relocations || relocations.length === 0) return null;
  const failed = relocations.filter(({ how }) => how !== 'patched').length;
  return (
    <section className="kernel-types" aria-label="Kernel types">
      <TargetChoice types={types} />
      {failed > 0 && (
        <p className="warning-text">
          {failed} of {relocations.length} CO-RE relocations found nothing there: reaching such an
          instruction is a fault.
        </p>
      )}
      <Part
        title="CO-RE relocations"
        count={relocations.length}
        heads={['Of', 'Kind', 'Place', 'As compiled', 'In the kernel types']}
      >
        {relocations.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may stand at one place
          <Relocation key={index} row={row} />
        ))}
      </Part>
    </section>
  );
}

/** The choices that can be named; a file is chosen by opening it. */
const CHOICES = [
  { value: 'automatic', label: 'As the object asks', wish: undefined },
  { value: 'bundled', label: `Linux ${KERNEL_VERSION}, bundled`, wish: 'bundled' },
  { value: 'own', label: "The object's own", wish: 'own' },
] as const;

function TargetChoice({ types: { choice, used } }: { types: KernelTypesView }) {
  const files = useRef<HTMLInputElement>(null);
  const choose = ({ target }: ChangeEvent<HTMLSelectElement>) => {
    const found = CHOICES.find(({ value }) => value === target.value);
    if (found) wish({ type: 'set-kernel-types', kernelTypes: found.wish });
  };
  const open = ({ target }: ChangeEvent<HTMLInputElement>) => {
    if (target.files) openFiles(target.files);
    target.value = '';
  };
  return (
    <div className="target-choice">
      <label>
        <span>Kernel types</span>
        <select value={choice} onChange={choose}>
          {CHOICES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          {choice === 'file' && <option value="file">{used}</option>}
        </select>
      </label>
      <button type="button" className="button" onClick={() => files.current?.click()}>
        Open a kernel's types
      </button>
      <input ref={files} type="file" hidden aria-label="File with kernel types" onChange={open} />
      <p className="note">
        {choice === 'automatic' && <>Now {used ?? "the object's own"}. </>}
        Your kernel's are <code>/sys/kernel/btf/vmlinux</code>; drop the file anywhere.
      </p>
    </div>
  );
}

function Relocation({
  row: { subject, kind, section, offset, local, how, result, doc },
}: {
  row: CoreRelocationView;
}) {
  return (
    <tr className={classes(how !== 'patched' && 'failed')}>
      <Name>{subject}</Name>
      <td title={doc}>{kind}</td>
      <td>
        <code>
          {section}+0x{offset.toString(16)}
        </code>
      </td>
      <td className="number">{local}</td>
      <td>
        {how === 'patched' ? (
          <>
            <code className={classes('number', result !== local && 'changed-value')}>{result}</code>
            {result !== local && <span className="note"> changed</span>}
          </>
        ) : (
          <span className="problem-text">{result}</span>
        )}
      </td>
    </tr>
  );
}
