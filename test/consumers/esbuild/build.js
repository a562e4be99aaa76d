/** esbuild: metaUrl() is the line that copies weights and .wasm files. */
import metaUrl from '@chialab/esbuild-plugin-meta-url';
import { build } from 'esbuild';

await build({
  entryPoints: ['program.js'],
  bundle: true,
  splitting: true,
  format: 'esm',
  outdir: 'dist',
  plugins: [metaUrl()],
});
