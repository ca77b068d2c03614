import type { LinkKeeps } from '../../core/protocol/messages.ts';
import { copyText } from '../browser/clipboard.ts';
import { download } from '../browser/download.ts';
import { embedOf, fitOf, linkOf, showInAddressBar } from '../browser/link.ts';
import { useSession } from '../stores/session.ts';
import { openDialog, toast } from '../stores/ui.ts';
import { count } from '../ui/format.ts';
import { wish } from './wish.ts';

export interface Link {
  fragment: string;
  url: string;
  /** What was left out to make it short. */
  dropped: string[];
}

/** `only`: of the packets the selected one. */
export async function makeLink(keeps: LinkKeeps, only = false): Promise<Link | undefined> {
  const reply = await wish({ type: 'share', keeps, only });
  if (reply.kind !== 'done' || reply.value?.kind !== 'share') return undefined;
  const { fragment, dropped } = reply.value;
  return { fragment, url: linkOf(fragment), dropped };
}

/**
 * Longest link that still has the places of C variables, types and C lines: servers and most chats
 * take it; and where expressions need them: what browsers take.
 */
const FITTING = 8000;
const NEEDED = 32_000;

/** Expressions are watched, or breakpoints have conditions. */
function hasExpressions(): boolean {
  const { view } = useSession.getState();
  return view !== undefined && (view.expressions.length > 0 || view.rules.length > 0);
}

/** The links there are, from the one that keeps most on. */
export type Links = readonly { keeps: LinkKeeps; link: Link }[];
const KEEPS: readonly LinkKeeps[] = ['variables', 'lines', 'program'];

/** All links to what is open that differ from one another. */
export async function makeLinks(only: boolean): Promise<Links> {
  const links: { keeps: LinkKeeps; link: Link }[] = [];
  for (const keeps of KEEPS) {
    const link = await makeLink(keeps, only);
    if (link && link.fragment !== links.at(-1)?.link.fragment) links.push({ keeps, link });
  }
  return links;
}

/** The one to hand on where nobody chooses: it keeps as much as fits. */
export function usualLink(links: Links): Links[number] | undefined {
  const most = hasExpressions() ? NEEDED : FITTING;
  return links.find(({ link }) => link.url.length <= most) ?? links.at(-1);
}

/** What Ctrl+S does: no dialog, one toast. */
export async function copyLink(): Promise<void> {
  const usual = usualLink(await makeLinks(false));
  if (usual) await copyThisLink(usual.link);
}

export async function copyThisLink(link: Link): Promise<void> {
  if (!(await copyText(link.url))) {
    toast('The browser did not allow copying: select the link and copy it');
    openDialog('share');
    return;
  }
  showInAddressBar(link.fragment);
  const left = link.dropped.length > 0 ? `, without ${link.dropped.join(', ')}` : '';
  toast(
    `Link copied: ${count(link.url.length)} characters${left}; ${fitOf(link.url.length).words}`,
  );
}

const AS_TEXT: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/**
 * What a person puts into a page of their own. The sandbox lets the frame open the whole session in
 * a tab, and nothing else outside of itself.
 */
export function embedCode({ fragment }: Link): string {
  const name = useSession.getState().view?.object.name ?? '';
  const title = `${name} in the eBPF playground`.replace(/[&<>"]/g, (sign) => AS_TEXT[sign]);
  const rights = 'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox';
  return (
    `<iframe src="${embedOf(fragment)}" title="${title}" width="720" height="420" ` +
    `sandbox="${rights}" loading="lazy" style="border: 0"></iframe>`
  );
}

const MARKDOWN_ROWS = 60;

/** What an issue needs: what was run on what, the verdict, the listing and the link. */
export function markdown(url: string): string {
  const { view, snapshot } = useSession.getState();
  if (!view || !snapshot) return url;
  const code = (text: string) => `\`${text.replace(/[`\r\n]/g, ' ')}\``;
  const summary = view.packetNames.length > 0 ? view.dissection.summary : 'none';
  const { step, totalSteps } = snapshot;
  const total = totalSteps === undefined ? '' : ` of ${totalSteps}`;
  const rows = view.code.rows
    .slice(0, MARKDOWN_ROWS)
    .map(
      (row) => `${row.pc === snapshot.pc ? '->' : '  '} ${String(row.pc).padStart(4)}: ${row.text}`,
    );
  if (view.code.rows.length > MARKDOWN_ROWS)
    rows.push(`   ... ${view.code.rows.length - MARKDOWN_ROWS} more`);
  return [
    `**${code(view.program)}** of ${code(view.object.name)} as ${view.hook}, ` +
      `packet ${code(summary)}`,
    '',
    `Verdict: ${code(view.outcome?.verdict.text ?? 'not run')}, at step ${step}${total}`,
    '',
    '```',
    ...rows,
    '```',
    '',
    `[Open it in the eBPF playground](${url})`,
  ].join('\n');
}

export async function downloadSnapshot(): Promise<void> {
  const reply = await wish({ type: 'save-snapshot' });
  if (reply.kind === 'done' && reply.value?.kind === 'snapshot-file') download(reply.value);
}
