/** How the page is built: static files with relative addresses, so that they can be put into any folder of any server. */

import { join } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: { alias: [{ find: /^zod$/, replacement: join(import.meta.dirname, 'src/worker/zod.ts') }] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
});
