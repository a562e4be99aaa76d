/** bundle: bundles the built package for a page. bundleScripts: scripts that import it. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles entries of dist/ with TensorFlow.js. `workerThread.js` stays next to `dist/worker.js`.
 *
 * @param {string[]} names entries of dist/: `index`, `worker`
 * @returns {Promise<Record<string, Uint8Array>>} files by path, `/dist/worker.js`
 */
export const bundle = (names) =>
  bundleScripts({ entryPoints: names.map((name) => `dist/${name}.js`), outdir: 'dist' });

/**
 * Bundles scripts with everything they import except the weights and Node's modules.
 *
 * @param {import('esbuild').BuildOptions} options paths are relative to the package
 * @returns {Promise<Record<string, Uint8Array>>} files by path
 */
export async function bundleScripts(options) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: 'esm',
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
    ...options,
    write: false,
  });
  return Object.fromEntries(
    outputFiles.map(({ path, contents }) => [path.slice(root.length - 1), contents]),
  );
}
