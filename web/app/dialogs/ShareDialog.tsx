import { useEffect, useRef, useState } from 'react';
import {
  copyThisLink,
  downloadSnapshot,
  type Link,
  makeLink,
  markdown,
} from '../../actions/share.ts';
import { copyText } from '../../browser/clipboard.ts';
import { fitOf } from '../../browser/link.ts';
import { toast } from '../../stores/ui.ts';
import { Dialog, focusAfterOpening } from '../../ui/Dialog.tsx';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

/** Ways to hand this run on, with the length of each link and where it fits. */
export function ShareDialog({ onClose }: { onClose: () => void }) {
  const [debug, setDebug] = useState<Link>();
  const [full, setFull] = useState<Link>();
  const [slim, setSlim] = useState<Link>();
  useEffect(() => {
    makeLink('variables').then(setDebug);
    makeLink('lines').then(setFull);
    makeLink('program').then(setSlim);
  }, []);
  const best = full && fitOf(full.url.length).level !== 'poor' ? full : (slim ?? full);
  const copyMarkdown = async () =>
    best &&
    toast(
      (await copyText(markdown(best.url)))
        ? 'Markdown copied'
        : 'The browser did not allow copying',
    );
  return (
    <Dialog title="Share" onClose={onClose}>
      <div className="share">
        <p>
          The link holds the object, the packets and every setting, and reopens at this step. It is
          made here: <strong>nothing is uploaded</strong>, and what follows the <code>#</code> is
          never sent to a server.
        </p>
        <LinkRow title="Link" link={full} isFirst />
        {debug?.fragment !== full?.fragment && (
          <LinkRow title="Link with C variables" link={debug} />
        )}
        <LinkRow title="Link without debug info" link={slim} />
        <div className="share-more">
          <button type="button" className="button" onClick={copyMarkdown} disabled={!best}>
            <Icon name="copy" /> Copy as Markdown
          </button>
          <button type="button" className="button" onClick={downloadSnapshot}>
            <Icon name="download" /> Download snapshot file
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function LinkRow({
  title,
  link,
  isFirst,
}: {
  title: string;
  link: Link | undefined;
  /** It has the focus, selected: what a person came for, where the browser does not copy. */
  isFirst?: boolean;
}) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isFirst) focusAfterOpening(field.current);
  }, [isFirst]);
  const url = link?.url ?? '';
  useEffect(() => {
    if (url !== '' && document.activeElement === field.current) field.current?.select();
  }, [url]);
  const { length } = url;
  const fit = fitOf(length);
  return (
    <div className="link-row">
      <div className="link-head">
        <h3>{title}</h3>
        {link && (
          <span className={`fit ${fit.level}`}>
            {count(length)} characters: {fit.words}
          </span>
        )}
      </div>
      <div className="link-copy">
        <input
          ref={field}
          readOnly
          aria-label={title}
          value={url}
          onFocus={(event) => event.target.select()}
        />
        <button
          type="button"
          className="button primary"
          disabled={!link}
          onClick={() => link && copyThisLink(link)}
          aria-label={`Copy ${title.replace(/^Link/, 'link')}`}
        >
          <Icon name="copy" /> Copy
        </button>
      </div>
      {link && link.dropped.length > 0 && (
        <p className="dropped">Left out: {link.dropped.join(', ')}</p>
      )}
    </div>
  );
}
