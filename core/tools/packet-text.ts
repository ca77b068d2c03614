/** What core/testdata/packets/corpus.mjs tries: the reader of pasted text, built for Node. */
export { decodeText } from '../packet/text/normal.ts';
export { readPacketText } from '../packet/text/text.ts';
