import { lexer, type Token, type Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';

/**
 * Markdown that anybody may have written, as elements and never as markup: HTML in it is text,
 * pictures are their words, links lead to https alone.
 */
export default function Markdown({ text }: { text: string }) {
  return <div className="markdown">{elementsOf(lexer(text))}</div>;
}

/** What a kind of token becomes; one that is not named here is the text it was written as. */
const ELEMENTS: Readonly<Record<string, (token: Tokens.Generic) => ReactNode>> = {
  space: () => null,
  paragraph: (token) => <p>{within(token)}</p>,
  text: (token) => (token.tokens ? within(token) : token.text),
  escape: (token) => token.text,
  // A heading of its own would stand among those of the page.
  heading: (token) => (
    <p>
      <strong>{within(token)}</strong>
    </p>
  ),
  strong: (token) => <strong>{within(token)}</strong>,
  em: (token) => <em>{within(token)}</em>,
  del: (token) => <del>{within(token)}</del>,
  codespan: (token) => <code>{token.text}</code>,
  code: (token) => (
    <pre>
      <code>{token.text}</code>
    </pre>
  ),
  br: () => <br />,
  hr: () => <hr />,
  blockquote: (token) => <blockquote>{within(token)}</blockquote>,
  list: (token) => {
    const items = token.items.map((item: Tokens.ListItem, place: number) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: items of a text that is drawn anew as a whole
      <li key={place}>{elementsOf(item.tokens)}</li>
    ));
    return token.ordered ? <ol start={token.start}>{items}</ol> : <ul>{items}</ul>;
  },
  table: (token) => (
    <table>
      <thead>
        <tr>
          {cellsOf(token.header, (cell, place) => (
            <th key={place}>{within(cell)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {token.rows.map((row: Tokens.TableCell[], place: number) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: of a text that is drawn anew as a whole
          <tr key={place}>
            {cellsOf(row, (cell, column) => (
              <td key={column}>{within(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  ),
  link: (token) =>
    /^https:\/\//i.test(token.href) ? (
      <a href={token.href} target="_blank" rel="noopener noreferrer nofollow">
        {within(token)}
      </a>
    ) : (
      within(token)
    ),
  image: (token) => token.text,
};

const cellsOf = (
  cells: readonly Tokens.TableCell[],
  draw: (cell: Tokens.Generic, place: number) => ReactNode,
): ReactNode => cells.map((cell, place) => draw(cell as unknown as Tokens.Generic, place));

const within = ({ tokens = [] }: Tokens.Generic): ReactNode => elementsOf(tokens);

const elementsOf = (tokens: readonly Token[]): ReactNode =>
  tokens.map((token, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text that is drawn anew as a whole
    <Fragment key={place}>{(ELEMENTS[token.type] ?? written)(token as Tokens.Generic)}</Fragment>
  ));

const written = ({ raw }: Tokens.Generic): ReactNode => raw;
