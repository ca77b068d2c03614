import { defineConfig } from 'vite';

/** The command line: one file for Node, beside the page. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: 'core/cli/main.ts',
    outDir: 'dist/cli',
    target: 'node20',
    minify: false,
    license: { fileName: 'LICENSES.md' },
    rolldownOptions: { output: { entryFileNames: 'ebpf-playground.mjs', codeSplitting: false } },
  },
  ssr: { noExternal: true },
});
