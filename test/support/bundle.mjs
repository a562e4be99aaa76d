/** bundle: bundles the built package for a page. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles entries of dist/ with TensorFlow.js. `workerThread.js` stays next to `dist/worker.js`.
 *
 * @param {string[]} names entries of dist/: `index`, `worker`
 * @returns {Promise<Record<string, Uint8Array>>} files by path, `/dist/worker.js`
 */
export async function bundle(names) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => `dist/${name}.js`),
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
    external: [
      '../weights/*',
      'fs',
      'path',
      'crypto',
      'util',
      'worker_threads',
      'perf_hooks',
      'os',
    ],
  });
  return Object.fromEntries(
    outputFiles.map(({ path, contents }) => [path.slice(root.length - 1), contents]),
  );
}
