import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin, Rolldown } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * Monaco sets colours through style elements and attributes, hence 'unsafe-inline' for styles
 * alone.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * Bytes after gzip of the JavaScript a first visit waits for: the entry chunk and what it imports
 * statically.
 */
const ENTRY_BUDGET = 250 * 1024;

/**
 * Build only: the dev server needs inline scripts. A header does the same in `vite preview`; this
 * tag is for static hosts.
 */
const policyTag: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
      injectTo: 'head-prepend',
    },
  ],
};

const entryBudget: Plugin = {
  name: 'entry-budget',
  apply: 'build',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const first = new Set<Rolldown.OutputChunk>();
    const add = (chunk: Rolldown.OutputChunk | undefined) => {
      if (!chunk || first.has(chunk)) return;
      first.add(chunk);
      for (const name of chunk.imports) add(chunks.find((other) => other.fileName === name));
    };
    for (const chunk of chunks) if (chunk.isEntry) add(chunk);
    let size = 0;
    for (const chunk of first) size += gzipSync(chunk.code, { level: 9 }).length;
    const words =
      `entry JavaScript is ${(size / 1024).toFixed(1)} KB gzipped, ` +
      `the budget is ${ENTRY_BUDGET / 1024} KB`;
    if (size > ENTRY_BUDGET)
      this.error(`${words}: load what is not needed at first lazily (React.lazy), or drop it`);
    this.info(words);
  },
};

/**
 * Names every file of the build in the service worker, with a hash so that a new build replaces the
 * cache.
 */
const serviceWorker: Plugin = {
  name: 'service-worker',
  apply: 'build',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const hash = createHash('sha256');
    const built = Object.values(bundle).map((file) => file.fileName);
    for (const file of Object.values(bundle))
      hash.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source);
    const copied = readdirSync('public', { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(`public/${name}`).isFile(),
    );
    for (const name of copied) hash.update(name).update(readFileSync(`public/${name}`));
    const files = [
      './',
      ...[...built, ...copied]
        .filter((name) => name !== 'index.html')
        .map((name) => `./${name.replaceAll('\\', '/')}`),
    ];
    const source = readFileSync('web/sw.js', 'utf8')
      .replace('__HASH__', hash.digest('hex').slice(0, 16))
      .replace('__FILES__', JSON.stringify(files));
    this.emitFile({ type: 'asset', fileName: 'sw.js', source });
  },
};

export default defineConfig({
  base: './',
  // 'mpa': an unknown path is a 404, not index.html, so that a missing file is seen as missing.
  appType: 'mpa',
  plugins: [react(), policyTag, entryBudget, serviceWorker],
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 4096 },
  preview: { headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY } },
  test: {
    include: ['core/**/*.test.ts', 'web/**/*.test.ts'],
    // A busy machine is slow, not wrong.
    testTimeout: 60_000,
    // Tests keep no state in modules, so files need not load them anew.
    isolate: false,
    // Of two cores vitest would leave one to somebody who watches.
    maxWorkers: 2,
  },
});
