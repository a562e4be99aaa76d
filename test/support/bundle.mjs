/** bundle: the built package as a bundler makes it for a page. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles dist/ with TensorFlow.js, each entry to a file of its name: beside `dist/worker.js` lies `workerThread.js`, as it was built.
 *
 * @param {string[]} names entries of dist/: `index`, `worker`
 * @returns {Promise<Record<string, Uint8Array>>} by their path, `/dist/worker.js`
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
