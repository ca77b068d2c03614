import { describe, expect, test } from 'vitest';
import { decodeText, normalLines } from './normal.ts';

const all = (line: string, count = 4): string => Array(count).fill(line).join('\n');
const first = (text: string): string => normalLines(text)[0];

describe('what stands in front of every line becomes spaces, so that columns stay', () => {
  test.each([
    ['quoting of mail', '> 00 11', '  00 11'],
    ['quoting twice', '> > 00 11', '    00 11'],
    ['quoting without spaces', '>>00 11', '  00 11'],
    ['a comment of C', '// 00 11', '   00 11'],
    ['a comment of a shell', '# 00 11', '  00 11'],
    ['a table', '| 00 11', '  00 11'],
    ['a difference', '+ 00 11', '  00 11'],
    ['a comment of SQL', '-- 00 11', '   00 11'],
    ['three of them', '> | # 00 11', '      00 11'],
    ['four of them', '> | # // 00 11', '         00 11'],
    ['the fifth is left', '> | # // % 00 11', '         % 00 11'],
    ['a word is none', 'x 00 11', 'x 00 11'],
  ])('%s', (_, line, plain) => expect(normalLines(all(line))).toEqual(Array(4).fill(plain)));
  test('three lines of four are enough, and others stay as they are', () => {
    expect(normalLines('> 00\n> 01\n> 02\n03')).toEqual(['  00', '  01', '  02', '03']);
    expect(normalLines('> 00\n> 01\n02\n03')).toEqual(['> 00', '> 01', '02', '03']);
  });
});

describe('a time and a name in front of every line', () => {
  test('of the same length and words, whatever the digits', () =>
    expect(normalLines('[  12.34] host: 00 11\n[  12.35] host: 22 33')).toEqual([
      '                00 11',
      '                22 33',
    ]));
  test('in one line alone they are left', () =>
    expect(normalLines('[  12.34] host: 00 11')).toEqual(['[  12.34] host: 00 11']));
  test('other words are no such thing', () =>
    expect(first('one host: 00 11\ntwo host: 22 33')).toBe('one host: 00 11'));
  test('an offset is none', () =>
    expect(first('00000010: 00 11\n00000020: 22 33')).toBe('00000010: 00 11'));
  test('empty lines between do not matter', () =>
    expect(normalLines('kern host: 00\n\nkern host: 11')).toEqual([
      '           00',
      '',
      '           11',
    ]));
});

describe('numbers of lines', () => {
  test.each([
    ['from one on', '1 00\n2 11\n3 22', ['  00', '  11', '  22']],
    ['from zero on', '0 00\n1 11\n2 22', ['  00', '  11', '  22']],
    ['from anywhere with a mark', '7: 00\n8: 11\n9: 22', ['   00', '   11', '   22']],
    ['in brackets', '[1] 00\n[2] 11\n[3] 22', ['    00', '    11', '    22']],
    ['from anywhere without a mark', '7 00\n8 11\n9 22', ['7 00', '8 11', '9 22']],
    ['two of them', '1 00\n2 11', ['1 00', '2 11']],
    ['one left out', '1 00\n2 11\n4 22', ['1 00', '2 11', '4 22']],
    ['one left out at an empty line', '1 a\n2 b\n\n4 c', ['  a', '  b', '', '  c']],
    ['zeros in front', '01 00\n02 11\n03 22', ['01 00', '02 11', '03 22']],
    ['a line without', '1 00\n2 11\n3 22\nxx', ['1 00', '2 11', '3 22', 'xx']],
  ])('%s', (_, text, lines) => expect(normalLines(text)).toEqual(lines));
});

describe('what programs and web pages put in place of plain characters', () => {
  test.each([
    ['“00”', '"00"'],
    ['‘0’', "'0'"],
    ['00–11', '00-11'],
    ['00…', '00...'],
    ['0×45', '0x45'],
    ['a\u00a0b\u2003c', 'a b c'],
    ['a\u200bb\ufeffc\u00add', 'abcd'],
    ['\u001b[31m00\u001b[0m', '00'],
    ['00│11', '00|11'],
    ['&lt;00&gt;&amp;&quot;&#39;&#039;&apos;&nbsp;.', "<00>&\"''' ."],
    ['<pre>00 <b>11</b></pre>', '00 11'],
    ['<b>00</b>', '<b>00</b>'],
  ])('%j is %j', (text, plain) => expect(normalLines(text)).toEqual([plain]));
  test('ends of lines', () => {
    expect(normalLines('a\r\nb\rc\u2028d\u0085e')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(normalLines('<br>00<br/>11')).toEqual(['', '00', '11']);
    expect(normalLines('```hex\n00\n```\n~~~')).toEqual(['', '00', '', '']);
  });
});

describe('bytes of a text file', () => {
  const utf16 = (text: string, big: boolean, mark: boolean): Uint8Array =>
    Uint8Array.from(
      [...(mark ? '\ufeff' : ''), ...text].flatMap((char) => {
        const code = char.charCodeAt(0);
        return big ? [code >> 8, code & 255] : [code & 255, code >> 8];
      }),
    );
  test.each([
    ['UTF-8', new TextEncoder().encode('0a €'), '0a €'],
    ['UTF-16, little-endian', utf16('0a 1b', false, true), '0a 1b'],
    ['UTF-16, big-endian', utf16('0a 1b', true, true), '0a 1b'],
    ['one character behind a mark', utf16('7', false, true), '7'],
    ['one character behind a mark, big-endian', utf16('7', true, true), '7'],
    ['letters beyond Latin behind a mark', utf16('байты', false, true), 'байты'],
    ['the same, big-endian', utf16('байты', true, true), 'байты'],
    ['half a mark is no text', Uint8Array.of(0xff), undefined],
    ['UTF-16 without a mark', utf16('0a 1b', false, false), '0a 1b'],
    ['big-endian without a mark', utf16('0a 1b', true, false), '0a 1b'],
    ['four characters of it', utf16('0a 1', false, false), '0a 1'],
    ['three are too few', utf16('0a ', false, false), undefined],
    ['bytes that are no text', Uint8Array.of(0xff, 0x41), undefined],
    ['control characters', Uint8Array.of(65, 1), undefined],
    ['the ends of what is none', Uint8Array.of(9, 10, 13, 27), '\t\n\r\u001b'],
    ['nothing', new Uint8Array(), ''],
  ])('%s', (_, bytes, text) => expect(decodeText(bytes)).toBe(text));
  test('half of it zeros in every second place', () => {
    const mixed = (zeros: number) =>
      Uint8Array.from({ length: 20 }, (_, i) => (i % 2 === 1 && i < 2 * zeros ? 0 : 65));
    expect([8, 9].map((zeros) => decodeText(mixed(zeros))?.length)).toEqual([undefined, 10]);
  });
});
