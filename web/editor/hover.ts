import type { ValueView } from '../../core/protocol/messages.ts';
import { send } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { useUi } from '../stores/ui.ts';
import { expressionAt } from './hover-expression.ts';
import { languages } from './monaco.ts';

const MOST_MEMBERS = 16;

const line = ({ type, name, text, place }: ValueView): string =>
  `${type && `${type} `}${name} = ${text}${place && `   // ${place}`}`;

/**
 * A value as C shows it, with what is in it; a fence of code must not end in a name of a stranger's
 * object.
 */
function cText(value: ValueView): string {
  const members = value.children ?? [];
  const more = members.length > MOST_MEMBERS ? ['  …'] : [];
  const lines = [
    line(value),
    ...members.slice(0, MOST_MEMBERS).map((member) => `  ${line(member)}`),
    ...more,
  ];
  return lines.join('\n').replaceAll('`', "'");
}

/** The pointer over a variable of the C source shows what it holds. */
languages.registerHoverProvider('cpp', {
  async provideHover(model, { lineNumber, column }) {
    const found = expressionAt(model.getLineContent(lineNumber), column - 1);
    const frames = useSession.getState().snapshot?.frames.length ?? 0;
    if (!found || frames === 0) return null;
    const frame = useUi.getState().frame ?? frames - 1;
    const reply = await send({ type: 'evaluate', expression: found.text, frame }, 'evaluate');
    const value =
      reply.kind === 'done' && reply.value?.kind === 'evaluated' ? reply.value.value : undefined;
    if (!value) return null;
    return {
      range: {
        startLineNumber: lineNumber,
        endLineNumber: lineNumber,
        startColumn: found.start + 1,
        endColumn: found.end + 1,
      },
      contents: [{ value: `\`\`\`cpp\n${cText(value)}\n\`\`\`` }],
    };
  },
});
