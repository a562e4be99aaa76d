/** Benchmarks the backends on the visitor's machine. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 10,
  title: 'Backends',
  description:
    'Measures how fast your machine classifies a picture and starts up on WebGL, WASM, WebGPU and CPU.',
  paper: 'Section 3.2: two GTX 580s',
  files: [
    'main.ts',
    'worker.ts',
    'measure.ts',
    'backendCases.ts',
    'resultsTable.ts',
    'modelMemory.ts',
    'markdown.ts',
    'index.html',
  ],
  network: true,
};
