import { build } from 'esbuild';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const output = fileURLToPath(new URL('../Portal/wwwroot/assets/', import.meta.url));
const common = { bundle: true, minify: true, outdir: output, logLevel: 'warning', loader: { '.ttf': 'file' }, legalComments: 'none' };

await rm(output, { recursive: true, force: true });
await Promise.all([
  build({ ...common, format: 'esm', splitting: true, entryPoints: { 'code-editor': 'src/code-editor.ts' } }),
  build({ ...common, format: 'iife', entryPoints: { 'editor.worker': 'monaco-editor/editor/editor.worker.js', theme: 'src/theme.ts' } }),
  build({ ...common, entryPoints: { site: 'src/site.css' } }),
]);
