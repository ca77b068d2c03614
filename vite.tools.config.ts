import { defineConfig } from 'vite';

const NODE_TOOLS: Record<string, string> = {
  fuzz: 'core/tools/fuzz.ts',
  reference: 'core/tools/reference.ts',
  'kernel-types': 'core/tools/generate-kernel-types.ts',
  'kernel-random': 'core/tools/kernel/random.ts',
  'kernel-sweep': 'core/tools/kernel/sweep.ts',
  'kernel-rules': 'core/tools/kernel/record-rules.ts',
  'kernel-prototypes': 'core/tools/kernel/record-prototypes.ts',
  'kernel-kfuncs': 'core/tools/kernel/record-kfuncs.ts',
  'why-random': 'core/tools/why-random.ts',
  'jit-random': 'core/tools/jit-random.ts',
  'packet-text': 'core/tools/packet-text.ts',
  'compare-filters': 'core/tools/compare-filters.ts',
  'compare-tshark': 'core/tools/compare-tshark.ts',
  mutation: 'core/tools/mutation/mutation.ts',
  'mutation-tests': 'core/tools/mutation/tests.ts',
  bench: 'core/bench/bench.ts',
  realm: 'core/bench/realm.ts',
};
const BROWSER_PART: Record<string, string> = { browser: 'core/bench/browser.ts' };

/**
 * Tools for developers, built beside node_modules and not shipped: `npm run fuzz` and `npm run
 * bench` for Node, and with
 * --mode browser the part of the bench that a page runs, in one file of its own.
 */
export default defineConfig(({ mode }) => ({
  publicDir: false,
  logLevel: 'warn',
  build: {
    ssr: true,
    outDir: 'node_modules/.cache/tools',
    target: 'node20',
    minify: false,
    emptyOutDir: mode !== 'browser',
    rolldownOptions: {
      input: mode === 'browser' ? BROWSER_PART : NODE_TOOLS,
      output: { entryFileNames: '[name].mjs' },
    },
  },
  ssr: { noExternal: ['valibot'], external: ['playwright'] },
}));
