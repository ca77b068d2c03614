import { copyText } from '../../browser/clipboard.ts';
import { toast } from '../../stores/ui.ts';
import { Icon } from '../../ui/icons.tsx';

/** Text that is there to be copied: shown whole, with a button. */
export function Copyable({ label, text }: { label: string; text: string }) {
  const copy = async () =>
    toast(
      (await copyText(text))
        ? `${label} copied`
        : 'The browser did not allow copying: select the text and copy it',
    );
  return (
    <div className="copyable">
      <div className="copyable-head">
        <span>{label}</span>
        <button type="button" className="button small" onClick={copy} aria-label={`Copy ${label}`}>
          <Icon name="copy" /> Copy
        </button>
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
