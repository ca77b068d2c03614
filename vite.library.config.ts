import { defineConfig } from 'vite';

/** The core for other programs: modules for Node and any bundler, with nothing to install beside. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: 'core/library/index.ts',
    outDir: 'dist/library',
    target: 'es2023',
    minify: false,
    license: { fileName: 'LICENSES.md' },
    rolldownOptions: { output: { entryFileNames: 'index.mjs', chunkFileNames: '[name].mjs' } },
  },
  ssr: { noExternal: true },
});
