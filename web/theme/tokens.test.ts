import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

type Colour = readonly [number, number, number];
type Tokens = ReadonlyMap<string, Colour>;

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

const hex = (text: string): Colour =>
  [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as never;

function tokensOf(selector: string): Tokens {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0];
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, text]) => [name, hex(text)]),
  );
}

const THEMES: [string, Tokens, number][] = [
  ['dark', tokensOf(':root'), 4.5],
  ['light', tokensOf(':root[data-theme="light"]'), 4.5],
  ['high contrast', tokensOf(':root[data-theme="contrast"]'), 7],
];

/** sRGB to linear light, and WCAG 2's relative luminance and contrast of it. */
const linear = (value: number): number => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const luminance = ([r, g, b]: Colour): number =>
  0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const contrast = (a: Colour, b: Colour): number => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

/** How the colour-blind see linear light: Machado, Oliveira and Fernandes 2009, severity 1. */
const BLINDNESS: Readonly<Record<string, readonly number[]>> = {
  protanopia: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deuteranopia: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritanopia: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
};

const seen = (colour: Colour, matrix: readonly number[]): Colour =>
  [0, 3, 6].map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        colour.reduce((sum, value, i) => sum + matrix[row + i] * linear(value), 0),
      ),
    ),
  ) as never;

/** Distance in CIE L*a*b* of linear light. */
function lab([r, g, b]: Colour): Colour {
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
const distance = (a: Colour, b: Colour): number =>
  Math.hypot(...lab(a).map((value, i) => value - lab(b)[i]));

const TEXTS = [
  'text',
  'muted',
  'link',
  'meaning',
  'changed',
  'comment',
  't-register',
  't-number',
  't-word',
  't-type',
];
const SURFACES = ['back', 'panel', 'surface', 'raised'];
const ON_THEIR_OWN = ['pass', 'drop', 'other', 'warn'].map((name) => [
  `${name}-text`,
  `${name}-soft`,
]);

describe.each(THEMES)('%s theme', (_name, tokens, least) => {
  const colour = (name: string): Colour => {
    const found = tokens.get(name);
    if (!found) throw new Error(`--${name} is missing`);
    return found;
  };
  test.each(TEXTS)('%s is read on every surface', (name) => {
    for (const surface of SURFACES)
      expect(contrast(colour(name), colour(surface))).toBeGreaterThanOrEqual(least);
  });
  test.each([
    ...ON_THEIR_OWN,
    ['written', 'written-soft'],
    ['read', 'read-soft'],
    ['accent-text', 'accent'],
  ])('%s is read on %s', (text, back) =>
    expect(contrast(colour(text), colour(back))).toBeGreaterThanOrEqual(least),
  );
  test.each(Object.entries(BLINDNESS))(
    '%s tells written from read, and pass from drop',
    (_kind, matrix) => {
      const apart = (a: string, b: string) =>
        distance(seen(colour(a), matrix), seen(colour(b), matrix));
      expect(apart('written', 'read')).toBeGreaterThan(15);
      expect(apart('pass-text', 'drop-text')).toBeGreaterThan(15);
    },
  );
});
