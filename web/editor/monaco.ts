/**
 * Monaco, set up for showing C. Only this folder imports it, and only lazily: it is four times the
 * rest of the page. Its one worker is the editor's own; C needs none.
 */
import { editor, languages } from 'monaco-editor/editor';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/codeEditor/register';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/wordHighlighter/register';
import 'monaco-editor/languages/definitions/cpp/register';
import type { Look } from '../stores/useLook.ts';

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

/**
 * Nested brackets in the text's colour: Monaco's own six do not keep the contrast on a marked line.
 */
const brackets = (colour: string): Record<string, string> =>
  Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((level) => [`editorBracketHighlight.foreground${level}`, colour]),
  );

interface Colours {
  readonly base: 'vs-dark' | 'vs' | 'hc-black';
  readonly back: string;
  readonly text: string;
  readonly numbers: string;
  readonly comment: string;
  readonly keyword: string;
  readonly string: string;
  readonly number: string;
  readonly annotation: string;
}

/**
 * Colours that keep 4.5:1, or in high contrast 7:1, on the plain, the tinted and the current line
 * (theme/tokens.css has the same surfaces).
 */
const THEMES: Record<Look, Colours> = {
  dark: {
    base: 'vs-dark',
    back: '151a20',
    text: 'dce3ea',
    numbers: '8b97a5',
    comment: '9aa7b5',
    keyword: 'c4a7f5',
    string: 'a8d4a0',
    number: 'e8b98a',
    annotation: '8cc4e8',
  },
  light: {
    base: 'vs',
    back: 'ffffff',
    text: '1c232b',
    numbers: '5b6673',
    comment: '53606e',
    keyword: '6a2fb5',
    string: '22602b',
    number: '8a4300',
    annotation: '00578a',
  },
  contrast: {
    base: 'hc-black',
    back: '000000',
    text: 'ffffff',
    numbers: 'dcdcdc',
    comment: 'c4dcbc',
    keyword: 'e0cdff',
    string: 'b6f2cd',
    number: 'ffd9b0',
    annotation: 'a8e2ff',
  },
};

for (const [look, { base, back, text, numbers, ...tokens }] of Object.entries(THEMES)) {
  editor.defineTheme(`playground-${look}`, {
    base,
    inherit: false,
    rules: [
      { token: '', foreground: text },
      { token: 'keyword.directive', foreground: tokens.keyword },
      ...Object.entries(tokens).map(([token, foreground]) => ({ token, foreground })),
    ],
    colors: {
      'editor.background': `#${back}`,
      'editor.foreground': `#${text}`,
      'editorLineNumber.foreground': `#${numbers}`,
      'editorLineNumber.activeForeground': `#${text}`,
      'editorGutter.background': `#${back}`,
      ...brackets(`#${text}`),
    },
  });
}

export { editor, languages };
