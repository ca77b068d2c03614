import { setLayout } from '../stores/ui.ts';
import { wish } from './wish.ts';

/**
 * An object comes first, since its sources and packets go with it; then C, then captures and the
 * rest.
 */
const rank = (name: string): number => {
  if (/\.(c|h|cc|cpp)$/i.test(name)) return 1;
  if (/\.(pcap|pcapng|cap|txt|hex|json)$/i.test(name)) return 2;
  return 0;
};

export async function openFiles(files: Iterable<File>): Promise<void> {
  const ordered = [...files].sort((a, b) => rank(a.name) - rank(b.name));
  for (const file of ordered) {
    const reply = await wish({ type: 'open-blob', name: file.name, blob: file });
    if (reply.kind === 'error') return;
    // Of many packets a person wants to see which there are.
    if (reply.kind === 'done' && reply.view?.traffic?.traffic) setLayout('capture');
  }
}

/** Pasted text of any kind; the core tells which, `as` settles a doubt. */
export function openText(text: string, as?: 'object' | 'packet' | 'assembly') {
  return wish({ type: 'open-text', text, as });
}
