import { expect, test } from 'vitest';
import { commentEnd } from './text-place.ts';

test.each<[string, string, number, number | undefined]>([
  ['of C', '/* a */ b', 0, 7],
  ['of C over lines', '/* a\n b */c', 0, 10],
  ['of C without an end', '/* a', 0, 4],
  ['of C that is its own end', '/*/ a', 0, 5],
  ['of C++', '// a\nb', 0, 4],
  ['of a shell', '# a\nb', 0, 3],
  ['at the end of the text', '# a', 0, 3],
  ['in the middle', 'x # a\nb', 2, 5],
  ['a slash alone', '/ a\nb', 0, undefined],
  ['a letter', 'a # b\n', 0, undefined],
  ['behind the text', '# a', 3, undefined],
])('a comment %s', (_title, text, index, end) => expect(commentEnd(text, index)).toBe(end));
