/**
 * Monaco, set up for showing C. Only this folder imports it, and only lazily: it is four times the rest of the page.
 * Its one worker is the editor's own; C needs none.
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

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

/** Nested brackets in the text's colour: Monaco's own six do not keep the contrast on a marked line. */
const brackets = (colour: string): Record<string, string> =>
  Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [`editorBracketHighlight.foreground${level}`, colour]));

/** Colours that keep 4.5:1 on the plain, the tinted and the current line (theme/tokens.css has the same surfaces). */
editor.defineTheme('playground-dark', {
  base: 'vs-dark',
  inherit: false,
  rules: [
    { token: '', foreground: 'dce3ea' },
    { token: 'comment', foreground: '9aa7b5' },
    { token: 'keyword', foreground: 'c4a7f5' },
    { token: 'keyword.directive', foreground: 'c4a7f5' },
    { token: 'string', foreground: 'a8d4a0' },
    { token: 'number', foreground: 'e8b98a' },
    { token: 'annotation', foreground: '8cc4e8' },
  ],
  colors: {
    'editor.background': '#151a20',
    'editor.foreground': '#dce3ea',
    'editorLineNumber.foreground': '#8b97a5',
    'editorLineNumber.activeForeground': '#dce3ea',
    'editorGutter.background': '#151a20',
    ...brackets('#dce3ea'),
  },
});
editor.defineTheme('playground-light', {
  base: 'vs',
  inherit: false,
  rules: [
    { token: '', foreground: '1c232b' },
    { token: 'comment', foreground: '53606e' },
    { token: 'keyword', foreground: '6a2fb5' },
    { token: 'keyword.directive', foreground: '6a2fb5' },
    { token: 'string', foreground: '22602b' },
    { token: 'number', foreground: '8a4300' },
    { token: 'annotation', foreground: '00578a' },
  ],
  colors: {
    'editor.background': '#ffffff',
    'editor.foreground': '#1c232b',
    'editorLineNumber.foreground': '#5b6673',
    'editorLineNumber.activeForeground': '#1c232b',
    'editorGutter.background': '#ffffff',
    ...brackets('#1c232b'),
  },
});

editor.defineTheme('playground-contrast', {
  base: 'hc-black',
  inherit: false,
  rules: [
    { token: '', foreground: 'ffffff' },
    { token: 'comment', foreground: 'c4dcbc' },
    { token: 'keyword', foreground: 'e0cdff' },
    { token: 'keyword.directive', foreground: 'e0cdff' },
    { token: 'string', foreground: 'b6f2cd' },
    { token: 'number', foreground: 'ffd9b0' },
    { token: 'annotation', foreground: 'a8e2ff' },
  ],
  colors: {
    'editor.background': '#000000',
    'editor.foreground': '#ffffff',
    'editorLineNumber.foreground': '#dcdcdc',
    'editorLineNumber.activeForeground': '#ffffff',
    'editorGutter.background': '#000000',
    ...brackets('#ffffff'),
  },
});

export { editor, languages };
