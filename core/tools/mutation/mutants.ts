import { parseSync } from 'vite';

/** The ways a line is changed. */
export type MutationKind =
  | 'comparison'
  | 'constant'
  | 'negate'
  | 'boolean'
  | 'arithmetic'
  | 'flag'
  | 'swap arguments'
  | 'drop statement'
  | 'drop exit';

/** One small change of a file: the text in [start, end) becomes `to`. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly kind: MutationKind;
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
  /** Whether it takes the place of a statement, not of an expression. */
  readonly statement: boolean;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
};
const ARITHMETIC: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
  '&': '|',
  '|': '&',
  '^': '&',
};
const EXITS: ReadonlySet<string> = new Set([
  'ReturnStatement',
  'ThrowStatement',
  'BreakStatement',
  'ContinueStatement',
]);
const TESTS: ReadonlySet<string> = new Set([
  'IfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'ForStatement',
  'ConditionalExpression',
]);

type Change = readonly [kind: MutationKind, node: Node, to: string];

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** Changes of a node itself; those of its parts are found when they are visited. */
function changesOf(node: Node, text: (node: Node) => string): Change[] {
  const sides = (operator: string): string =>
    `${text(node.left as Node)} ${operator} ${text(node.right as Node)}`;
  const changes: Change[] = [];
  const operator = node.operator as string;
  if (node.type === 'BinaryExpression') {
    if (COMPARISONS[operator]) changes.push(['comparison', node, sides(COMPARISONS[operator])]);
    if (ARITHMETIC[operator]) changes.push(['arithmetic', node, sides(ARITHMETIC[operator])]);
  }
  const assigned = node.type === 'AssignmentExpression' && ARITHMETIC[operator.slice(0, -1)];
  if (assigned) changes.push(['arithmetic', node, sides(`${assigned}=`)]);
  if (node.type === 'LogicalExpression' && operator !== '??')
    changes.push(['boolean', node, sides(operator === '&&' ? '||' : '&&')]);
  if (node.type === 'Literal') changes.push(...changesOfLiteral(node));
  if (TESTS.has(node.type) && isNode(node.test))
    changes.push(['negate', node.test, `!(${text(node.test)})`]);
  if (node.type === 'ExpressionStatement' && (node.expression as Node).type !== 'Literal')
    changes.push(['drop statement', node, '{}']);
  if (EXITS.has(node.type)) changes.push(['drop exit', node, '{}']);
  if (node.type === 'CallExpression' || node.type === 'NewExpression')
    changes.push(...swapsOf(node, text));
  return changes;
}

function changesOfLiteral(node: Node): Change[] {
  const { value } = node;
  if (typeof value === 'boolean') return [['flag', node, String(!value)]];
  if (typeof value === 'bigint') return [['constant', node, `${value + 1n}n`]];
  return typeof value === 'number' ? [['constant', node, String(value + 1)]] : [];
}

/** Functions that answer the same whatever the order of their arguments. */
const SYMMETRIC: ReadonlySet<string> = new Set(['Math.max', 'Math.min']);

/** Two neighbours among the arguments change places. */
function swapsOf(node: Node, text: (node: Node) => string): Change[] {
  const all = node.arguments as Node[];
  if (all.some(({ type }) => type === 'SpreadElement')) return [];
  if (SYMMETRIC.has(text(node.callee as Node))) return [];
  return all.slice(1).flatMap((second, i): Change[] => {
    const first = all[i];
    const pair: Node = { type: 'pair', start: first.start, end: second.end };
    return text(first) === text(second)
      ? []
      : [['swap arguments', pair, `${text(second)}, ${text(first)}`]];
  });
}

/** A `return undefined` at the end of a function, which ends there and answers that by itself. */
function idleReturn(node: Node, text: (node: Node) => string): Node | undefined {
  const body = node.body as Node | undefined;
  if (!/Function/.test(node.type) || body?.type !== 'BlockStatement') return undefined;
  const last = (body.body as Node[]).at(-1);
  return last && /^return( undefined)?;$/.test(text(last)) ? last : undefined;
}

/** Types, imports and names of properties hold no value that could be changed. */
function partsOf(node: Node): Node[] {
  if (node.type.startsWith('TS') && !/^TS(As|Satisfies|NonNull)/.test(node.type)) return [];
  if (node.type === 'ImportDeclaration') return [];
  return Object.entries(node).flatMap(([name, part]) => {
    if (name === 'typeAnnotation' || name === 'typeArguments' || name === 'typeParameters')
      return [];
    if (name === 'returnType' || (name === 'key' && node.computed !== true)) return [];
    return Array.isArray(part) ? part.filter(isNode) : isNode(part) ? [part] : [];
  });
}

/** Every small change of a file, in the order of its text. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const text = (node: Node) => source.slice(node.start, node.end);
  const found: Mutant[] = [];
  const idle = new Set<number>();
  const visit = (node: Node): void => {
    const last = idleReturn(node, text);
    if (last) idle.add(last.start);
    for (const [kind, { start, end }, to] of changesOf(node, text)) {
      if (kind === 'drop exit' && idle.has(start)) continue;
      const line = source.slice(0, start).split('\n').length;
      const statement = kind === 'drop statement' || kind === 'drop exit';
      found.push({ file, line, kind, start, end, from: source.slice(start, end), to, statement });
    }
    partsOf(node).forEach(visit);
  };
  visit(parseSync(file, source).program as unknown as Node);
  return found.sort((a, b) => a.start - b.start || b.end - a.end);
}

/**
 * The file with the change made. Two arguments are no expression that could stand in parentheses.
 */
export const mutated = (source: string, { start, end, to, statement, kind }: Mutant): string =>
  `${source.slice(0, start)}${statement || kind === 'swap arguments' ? to : `(${to})`}` +
  `${source.slice(end)}`;
