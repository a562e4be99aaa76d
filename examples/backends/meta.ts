/** Benchmarks the backends on the visitor's machine. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 10,
  title: 'How fast is your device?',
  description:
    'Run the network on each backend that your browser has (WebGL, WASM, WebGPU, CPU) and compare speed, start and memory.',
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
