/** The public API of `alexnet-ts`: exports, nothing else. @module alexnet-ts */
export * from './api.js';
/** The same as a namespace: `import { alexnet } from 'alexnet-ts'`, then `alexnet.load()`. */
export * as alexnet from './api.js';
