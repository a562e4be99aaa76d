/** renderers: what renders WebGL and WebGPU, asked in a worker: the page would block for 100 ms. */
import { releaseProxy, wrap } from 'comlink';
import type { Renderers, RenderersWorker } from './renderersWorker';

let answer: Promise<Renderers> | undefined;

export const renderers = (): Promise<Renderers> => (answer ??= ask());

async function ask(): Promise<Renderers> {
  const worker = new Worker(new URL('./renderersWorker.ts', import.meta.url), { type: 'module' });
  const remote = wrap<RenderersWorker>(worker);
  try {
    return await remote.renderers();
  } finally {
    remote[releaseProxy]();
    worker.terminate();
  }
}

export const isSoftware = (renderer: string): boolean =>
  /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
