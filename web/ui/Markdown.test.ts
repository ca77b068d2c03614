import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import Markdown from './Markdown.tsx';

const drawn = (text: string): string =>
  renderToStaticMarkup(createElement(Markdown, { text })).replace(
    /^<div class="markdown">(.*)<\/div>$/s,
    '$1',
  );

test.each([
  ['a **b** *c* `d < e`', '<p>a <strong>b</strong> <em>c</em> <code>d &lt; e</code></p>'],
  ['one\n\ntwo', '<p>one</p><p>two</p>'],
  ['- a\n- `b`', '<ul><li>a</li><li><code>b</code></li></ul>'],
  ['3. a\n4. b', '<ol start="3"><li>a</li><li>b</li></ol>'],
  ['```\nr0 = 1\n```', '<pre><code>r0 = 1</code></pre>'],
  ['# title', '<p><strong>title</strong></p>'],
  [
    '| a | `b` |\n| --- | --- |\n| 1 | 2 |',
    '<table><thead><tr><th>a</th><th><code>b</code></th></tr></thead>' +
      '<tbody><tr><td>1</td><td>2</td></tr></tbody></table>',
  ],
  [
    '[RFC](https://www.rfc-editor.org/rfc/rfc9669)',
    '<p><a href="https://www.rfc-editor.org/rfc/rfc9669" target="_blank" ' +
      'rel="noopener noreferrer nofollow">RFC</a></p>',
  ],
])('Markdown %j is drawn', (text, html) => expect(drawn(text)).toBe(html));

describe('what a stranger writes is text', () => {
  test.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['a <img src=x onerror=alert(1)> b', '<p>a &lt;img src=x onerror=alert(1)&gt; b</p>'],
    ['[x](javascript:alert(1))', '<p>x</p>'],
    ['[x](http://example.org)', '<p>x</p>'],
    ['![words](https://example.org/a.png)', '<p>words</p>'],
    [
      '| <b> |\n|---|\n| x |',
      '<table><thead><tr><th>&lt;b&gt;</th></tr></thead><tbody><tr><td>x</td></tr></tbody></table>',
    ],
  ])('%j', (text, html) => expect(drawn(text)).toBe(html));

  test('and is drawn, or given up, in the time of a test, whatever is nested in it', () => {
    for (const part of [
      '>',
      '[',
      '*',
      '_',
      '`',
      '![',
      '- ',
      '~',
      '<',
      '\\',
      '&',
      '[a](',
      '**a ',
      '1. ',
    ])
      for (const text of [part.repeat(4000 / part.length), `${part.repeat(1000)}\n`.repeat(4)]) {
        try {
          drawn(text.slice(0, 4000));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
  });
});
