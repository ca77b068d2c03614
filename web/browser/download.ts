/** Hands a file to the person, as if a link to it had been clicked. */
export function download({ name, bytes }: { name: string; bytes: Uint8Array }): void {
  downloadBlob(name, new Blob([bytes as Uint8Array<ArrayBuffer>]));
}

/** The same of what is no bytes in memory. */
export function downloadBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(url);
}
