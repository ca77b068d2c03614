import { useEffect, useMemo, useRef, useState } from 'react';
import { baseName } from '../../core/bytes/base-name.ts';
import { toggleLine } from '../actions/breakpoints.ts';
import {
  type BreakpointKind,
  kindOfBreakpoint,
  rowAt,
  sameFile,
  standsAt,
  tintOfLines,
} from '../stores/code.ts';
import { useSession } from '../stores/session.ts';
import {
  followFile,
  lookAtFile,
  openGutterMenu,
  pointAtLine,
  setSourceCursor,
  useUi,
} from '../stores/ui.ts';
import { useLook } from '../stores/useLook.ts';
import { classes } from '../ui/format.ts';
import { scaled } from '../ui/rem.ts';
import './editor.css';
import './hover.ts';
import { editor } from './monaco.ts';
import { breakpointOf, type CodeLine, codeLinesOf } from './source-lines.ts';

const OPTIONS: editor.IStandaloneEditorConstructionOptions = {
  readOnly: true,
  domReadOnly: true,
  language: 'cpp',
  automaticLayout: true,
  glyphMargin: true,
  minimap: { enabled: false },
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 10,
  folding: false,
  fontSize: scaled(12.5),
  lineHeight: scaled(20),
  fontFamily:
    "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace",
  scrollBeyondLastLine: false,
  renderLineHighlight: 'none',
  renderFinalNewline: 'on',
  occurrencesHighlight: 'off',
  selectionHighlight: false,
  overviewRulerLanes: 0,
  fixedOverflowWidgets: true,
  unicodeHighlight: { ambiguousCharacters: false },
  ariaLabel: 'C source, read only. F9 sets a breakpoint, Tab leaves it.',
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
};

/**
 * The C source, read only: tints as in the listing, the line that runs next, breakpoints in the
 * gutter.
 */
export default function SourceView() {
  const sources = useSession((state) => state.view!.sources);
  const code = useSession((state) => state.view!.code);
  const pc = useSession((state) => standsAt(state.snapshot));
  const chosen = useUi((state) => state.sourceFile);
  const nextIndex = rowAt(code.rows, pc)?.line;
  const nextFile = nextIndex === undefined ? undefined : code.lines[nextIndex]?.file;

  // The file follows the run; in between, a person may look at any.
  useEffect(() => {
    const running = sources.find(
      (source) => nextFile !== undefined && sameFile(source.file, nextFile),
    );
    if (running) followFile(running.file);
  }, [nextFile, sources]);
  const file = sources.find((source) => source.file === chosen)?.file ?? sources[0].file;

  const { text, partial } = sources.find((source) => source.file === file) ?? sources[0];
  return (
    <div className="source-view">
      {sources.length > 1 && (
        <label className="source-file">
          <span className="hidden">Source file</span>
          <select value={file} onChange={(event) => lookAtFile(event.target.value)}>
            {sources.map((source) => (
              <option key={source.file}>{source.file}</option>
            ))}
          </select>
        </label>
      )}
      {partial && (
        <p className="source-note">
          Only the lines that code comes from are known: drop {baseName(file)} anywhere to see all
          of it.
        </p>
      )}
      <Editor file={file} text={text} />
    </div>
  );
}

function Editor({ file, text }: { file: string; text: string }) {
  const code = useSession((state) => state.view!.code);
  const breakpoints = useSession((state) => state.view!.breakpoints);
  const breakpointRows = useSession((state) => state.view!.breakpointRows);
  const rules = useSession((state) => state.view!.rules);
  const pc = useSession((state) => standsAt(state.snapshot));
  const hoverLine = useUi((state) => state.hoverLine);
  const why = useUi((state) => (state.answerMarked ? state.answer?.why : undefined));
  const host = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<editor.IStandaloneCodeEditor>();
  const lines = useMemo(() => codeLinesOf(code, file), [code, file]);
  const reasons = useMemo(() => new Set(why?.pcs), [why]);
  const current = lineOf(lines, rowAt(code.rows, pc)?.line);
  const look = useLook();
  useEffect(() => editor.setTheme(`playground-${look}`), [look]);

  useEffect(() => {
    const created = editor.create(host.current!, OPTIONS);
    setShown(created);
    return () => {
      created.getModel()?.dispose();
      created.dispose();
    };
  }, []);

  useEffect(() => {
    shown?.setValue(text);
  }, [shown, text]);

  useEffect(() => (shown ? listen(shown, file, lines) : undefined), [shown, file, lines]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: new text loses its decorations
  useEffect(() => {
    const breakpointAt = (line: number, found: CodeLine) => {
      const mark = breakpointOf({ breakpoints, breakpointRows }, { file, line }, found);
      return mark && { mark, kind: kindOfBreakpoint(rules, found.pcs) };
    };
    const decorations = shown?.createDecorationsCollection(
      decorationsOf(code, lines, {
        current,
        hovered: lineOf(lines, hoverLine),
        breakpointAt,
        reasons,
      }),
    );
    return () => decorations?.clear();
  }, [shown, code, lines, current, hoverLine, breakpoints, breakpointRows, rules, reasons, text]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: new text scrolls to its top
  useEffect(() => {
    if (current !== undefined)
      shown?.revealLineInCenterIfOutsideViewport(current, editor.ScrollType.Immediate);
  }, [shown, current, text]);

  return <div ref={host} className="source-editor" />;
}

const lineOf = (lines: Map<number, CodeLine>, index: number | undefined): number | undefined => {
  if (index === undefined) return undefined;
  for (const [line, found] of lines) if (found.index === index) return line;
  return undefined;
};

/**
 * A click in the gutter, or F9 at the cursor, sets a breakpoint; the pointer over a line shows its
 * instructions.
 */
function listen(
  shown: editor.IStandaloneCodeEditor,
  file: string,
  lines: Map<number, CodeLine>,
): () => void {
  const noteCursor = () => setSourceCursor({ file, line: shown.getPosition()?.lineNumber ?? 1 });
  if (shown.hasTextFocus()) noteCursor();
  const focus = shown.onDidFocusEditorText(noteCursor);
  const blur = shown.onDidBlurEditorText(() => setSourceCursor(undefined));
  const down = shown.onMouseDown(({ target, event }) => {
    const inGutter =
      target.type === editor.MouseTargetType.GUTTER_GLYPH_MARGIN ||
      target.type === editor.MouseTargetType.GUTTER_LINE_NUMBERS;
    if (inGutter && event.leftButton) toggleLine({ file, line: target.position.lineNumber });
  });
  const menu = shown.onContextMenu(({ target, event }) => {
    if (target.type < editor.MouseTargetType.GUTTER_GLYPH_MARGIN || !target.position) return;
    if (target.type > editor.MouseTargetType.GUTTER_LINE_DECORATIONS) return;
    event.preventDefault();
    const { posx: x, posy: y } = event;
    openGutterMenu({ x, y, place: { file, line: target.position.lineNumber } });
  });
  const move = shown.onMouseMove(({ target }) => {
    pointAtLine(target.position ? lines.get(target.position.lineNumber)?.index : undefined);
  });
  const leave = shown.onMouseLeave(() => pointAtLine(undefined));
  const cursor = shown.onDidChangeCursorPosition(({ position, source }) => {
    if (shown.hasTextFocus()) noteCursor();
    if (source === 'keyboard' || source === 'mouse')
      pointAtLine(lines.get(position.lineNumber)?.index);
  });
  return () => {
    for (const listener of [focus, blur, down, menu, move, leave, cursor]) listener.dispose();
    setSourceCursor(undefined);
  };
}

const REASON = 'went into what is explained';
const GLYPH_HINTS = {
  none: 'Sets a breakpoint',
  some: 'Some of its instructions have a breakpoint; sets one where the line begins',
  set: 'Takes the breakpoint away',
};

interface Marks {
  current: number | undefined;
  hovered: number | undefined;
  breakpointAt: (
    line: number,
    found: CodeLine,
  ) => { mark: 'set' | 'some'; kind: BreakpointKind } | undefined;
  /** Instructions that went into what is explained. */
  reasons: ReadonlySet<number>;
}

function decorationsOf(
  code: Parameters<typeof tintOfLines>[0],
  lines: Map<number, CodeLine>,
  marks: Marks,
): editor.IModelDeltaDecoration[] {
  const tints = tintOfLines(code);
  return [...lines].map(([line, found]) => {
    const state = line === marks.current ? 'current' : `tint-${tints.get(found.index)}`;
    const set = marks.breakpointAt(line, found);
    return {
      range: { startLineNumber: line, endLineNumber: line, startColumn: 1, endColumn: 1 },
      options: {
        isWholeLine: true,
        className: classes('source-line', state, line === marks.hovered && 'hovered'),
        glyphMarginClassName: classes(
          'source-glyph',
          set?.mark,
          set?.kind,
          line === marks.current && 'current',
        ),
        ...(found.pcs.some((slot) => marks.reasons.has(slot)) && {
          linesDecorationsClassName: 'source-reason',
          linesDecorationsTooltip: REASON,
        }),
        glyphMarginHoverMessage: { value: GLYPH_HINTS[set?.mark ?? 'none'] },
      },
    };
  });
}
