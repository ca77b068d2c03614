import { wish } from './wish.ts';

/**
 * An object comes first, since its sources and packets go with it; then C, then captures and the
 * rest.
 */
const rank = (name: string): number => {
  if (/\.(c|h|cc|cpp)$/i.test(name)) return 1;
  if (/\.(pcap|pcapng|cap|txt|hex)$/i.test(name)) return 2;
  return 0;
};

export async function openFiles(files: Iterable<File>): Promise<void> {
  const ordered = [...files].sort((a, b) => rank(a.name) - rank(b.name));
  for (const file of ordered) {
    const reply = await wish({
      type: 'open-file',
      name: file.name,
      bytes: new Uint8Array(await file.arrayBuffer()),
    });
    if (reply.kind === 'error') return;
  }
}

/** Pasted text of any kind; the core tells which, `as` settles a doubt. */
export function openText(text: string, as?: 'object' | 'packet' | 'assembly') {
  return wish({ type: 'open-text', text, as });
}

/** Drops anywhere on the page; `onDrag` says whether files hover over it. Returns how to stop. */
export function listenToDrops(onDrag: (over: boolean) => void): () => void {
  const hasFiles = (event: DragEvent) =>
    event.dataTransfer?.types.includes('Files') || event.dataTransfer?.types.includes('text/plain');
  const over = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    onDrag(true);
  };
  const leave = (event: DragEvent) => event.relatedTarget === null && onDrag(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    onDrag(false);
    const files = event.dataTransfer?.files;
    const text = event.dataTransfer?.getData('text/plain');
    if (files && files.length > 0) openFiles(files);
    else if (text) openText(text);
  };
  window.addEventListener('dragover', over);
  window.addEventListener('dragleave', leave);
  window.addEventListener('drop', drop);
  return () => {
    window.removeEventListener('dragover', over);
    window.removeEventListener('dragleave', leave);
    window.removeEventListener('drop', drop);
  };
}

/** Paste anywhere but in a text field opens what the clipboard holds. Returns how to stop. */
export function listenToPaste(): () => void {
  const paste = (event: ClipboardEvent) => {
    if (
      event.target instanceof Element &&
      event.target.closest('input, textarea, [contenteditable=true]')
    )
      return;
    if (document.querySelector('dialog[open]')) return;
    const files = event.clipboardData?.files;
    const text = event.clipboardData?.getData('text/plain');
    if (files && files.length > 0) openFiles(files);
    else if (text?.trim()) openText(text);
    else return;
    event.preventDefault();
  };
  window.addEventListener('paste', paste);
  return () => window.removeEventListener('paste', paste);
}
