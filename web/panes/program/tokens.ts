/** One coloured piece of an instruction as LLVM spells it. */
export interface Token {
  kind: 'register' | 'number' | 'word' | 'type' | 'plain';
  text: string;
}

const WORDS = [
  ...['if', 'goto', 'gotol', 'gotox', 'may_goto', 'call', 'callx', 'exit', 'lock', 'll', 's'],
  ...['be16', 'be32', 'be64', 'le16', 'le32', 'le64', 'bswap16', 'bswap32', 'bswap64'],
];
const PIECES = new RegExp(
  [
    String.raw`\b(?<register>[rw](?:10|[0-9]))\b`,
    String.raw`(?<type>\b[us](?:8|16|32|64)\b)`,
    String.raw`(?<word>\b(?:${WORDS.join('|')})\b)`,
    String.raw`(?<number>[+-]?0x[0-9a-f]+|\b\d+\b)`,
  ].join('|'),
  'gi',
);

/** Cuts an instruction's text into coloured pieces; together they are the text. */
export function tokens(text: string): Token[] {
  const out: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(PIECES)) {
    if (match.index > end) out.push({ kind: 'plain', text: text.slice(end, match.index) });
    const kind = (['register', 'type', 'word', 'number'] as const).find(
      (name) => match.groups?.[name] !== undefined,
    );
    out.push({ kind: kind ?? 'plain', text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) out.push({ kind: 'plain', text: text.slice(end) });
  return out;
}
