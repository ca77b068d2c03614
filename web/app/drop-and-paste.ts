import { openFiles, openText } from '../actions/open.ts';

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
