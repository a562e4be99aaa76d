/**
 * `alexnet-ts/worker`: the API of `alexnet-ts` for models in a web worker, off the main thread.
 *
 * @module alexnet-ts/worker
 */
export * from './api';
/** The same as a namespace: `import { alexnet } from 'alexnet-ts/worker'`. */
export * as alexnet from './api';
