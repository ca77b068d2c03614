import { tokens } from './tokens.ts';

/** An instruction's text in coloured pieces. */
export function InstructionText({ text }: { text: string }) {
  return tokens(text).map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
    <span key={index} className={`t-${token.kind}`}>
      {token.text}
    </span>
  ));
}
