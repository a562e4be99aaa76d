/** Backends: what each of them takes on the visitor's machine. */
import type { Meta } from '../gallery/meta';

export const meta: Meta = {
  order: 10,
  title: 'Backends',
  sentence:
    'How long this machine takes for a picture, and for a cold start, on WebGL, WASM, WebGPU and the plain CPU.',
  paper: 'Section 5 had two GTX 580s',
  files: [
    'main.ts',
    'worker.ts',
    'measure.ts',
    'contenders.ts',
    'table.ts',
    'memory.ts',
    'markdown.ts',
    'index.html',
  ],
};
