/** Starts the worker's program. Replaced by `startThread.node.ts` in Node. */

/** @param folder the package's folder, if a dev server serves this script from a cache */
export const startThread = (folder: string | undefined): Worker =>
  folder
    ? new Worker(`${folder}dist/workerThread.js`, { type: 'module' })
    : // Bundlers recognize this form.
      new Worker(new URL('./workerThread.js', import.meta.url), { type: 'module' });
