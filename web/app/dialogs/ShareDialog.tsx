import { useEffect, useRef, useState } from 'react';
import type { LinkKeeps } from '../../../core/protocol/messages.ts';
import {
  copyThisLink,
  downloadSnapshot,
  embedCode,
  type Link,
  type Links,
  makeLinks,
  markdown,
  usualLink,
} from '../../actions/share.ts';
import { copyText } from '../../browser/clipboard.ts';
import { fitOf } from '../../browser/link.ts';
import { useSession } from '../../stores/session.ts';
import { toast } from '../../stores/ui.ts';
import { Dialog, focusAfterOpening } from '../../ui/Dialog.tsx';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

const LACKS: Record<LinkKeeps, string> = {
  variables: '',
  lines: ' without C variables',
  program: ' without debug info',
};

/** `Link` is the one that keeps all there is to keep. */
const titleOf = (links: Links, keeps: LinkKeeps, isUsual: boolean): string => {
  if (keeps === links[0].keeps) return isUsual ? 'Link' : 'Link with C variables';
  return `Link${LACKS[keeps]}`;
};

/** Ways to hand this run on, with the length of each link and where it fits. */
export function ShareDialog({ onClose }: { onClose: () => void }) {
  const packets = useSession((state) => state.view?.packetNames.length ?? 0);
  const [only, setOnly] = useState(false);
  const [links, setLinks] = useState<Links>([]);
  useEffect(() => {
    let isShown = true;
    setLinks([]);
    makeLinks(only).then((made) => isShown && setLinks(made));
    return () => {
      isShown = false;
    };
  }, [only]);
  const usual = usualLink(links);
  const ordered = usual ? [usual, ...links.filter((one) => one !== usual)] : [];
  const best = usual?.link;
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
        {packets > 1 && (
          <label className="check">
            <input
              type="checkbox"
              checked={only}
              onChange={(event) => setOnly(event.target.checked)}
            />
            <span>Only this packet, of {count(packets)}</span>
          </label>
        )}
        {ordered.length === 0 && <LinkRow title="Link" link={undefined} />}
        {ordered.map((one) => (
          <LinkRow
            key={one.keeps}
            title={titleOf(links, one.keeps, one === usual)}
            link={one.link}
            isFirst={one === ordered[0]}
          />
        ))}
        {best && <EmbedRow code={embedCode(best)} />}
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

/** The run inside another page. */
function EmbedRow({ code }: { code: string }) {
  const copy = async () =>
    toast(
      (await copyText(code))
        ? 'Code for a frame copied'
        : 'The browser did not allow copying: select the code and copy it',
    );
  return (
    <div className="link-row">
      <div className="link-head">
        <h3>In a page of your own</h3>
        <span className="note">Program, verdict and steps, from 420 pixels of height on</span>
      </div>
      <div className="link-copy">
        <input
          readOnly
          aria-label="Code for a frame"
          value={code}
          onFocus={(event) => event.target.select()}
        />
        <button
          type="button"
          className="button"
          onClick={copy}
          aria-label="Copy the code for a frame"
        >
          <Icon name="copy" /> Copy
        </button>
      </div>
    </div>
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
