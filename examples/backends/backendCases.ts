/** backendCases: the backends to measure, and why one is not available. */
import type { BenchmarkJob } from './benchmarkJob';
import { isSoftware, renderers } from './renderers';
import type { Renderers } from './renderersWorker';

export interface BackendCase extends Pick<BenchmarkJob, 'backend' | 'threads'> {
  name: string;
  /** Whether it is selected by default. */
  selected: boolean;
  /** A remark shown in the table. */
  note?: string;
  /** Why it is not available. */
  unavailable?: string;
}

/** For renderers without a GPU. */
const SOFTWARE = { note: 'software rendering, no GPU' };

/** More threads hardly help a network of this size. */
const MAX_THREADS = 8;

export async function backendCases(): Promise<BackendCase[]> {
  const threads = Math.min(MAX_THREADS, navigator.hardwareConcurrency);
  const threadsUnavailable = whyNoThreads(threads);
  const found = await renderers();
  return [
    {
      backend: 'webgl',
      name: 'WebGL',
      selected: true,
      ...(isSoftware(found.webgl ?? '') && SOFTWARE),
    },
    { backend: 'wasm', name: 'WASM, one thread', selected: true },
    {
      backend: 'wasm',
      threads,
      name: threadsUnavailable ? 'WASM, several threads' : `WASM, ${threads} threads`,
      selected: true,
      ...(threadsUnavailable && { unavailable: threadsUnavailable }),
    },
    { backend: 'webgpu', name: 'WebGPU', selected: true, ...webgpuSupport(found) },
    { backend: 'cpu', name: 'CPU, plain JavaScript', selected: false },
  ];
}

function whyNoThreads(threads: number): string | undefined {
  if (threads < 2) return 'This machine has one core.';
  if (crossOriginIsolated) return undefined;
  return 'Threads require cross-origin isolation, which the service worker of this site adds. Reload the page.';
}

function webgpuSupport({ webgpu }: Renderers): Pick<BackendCase, 'note' | 'unavailable'> {
  if (webgpu === undefined) return { unavailable: 'This browser has no WebGPU.' };
  if (webgpu === null) return { unavailable: 'This browser has WebGPU, but no GPU is available.' };
  return isSoftware(webgpu) ? SOFTWARE : {};
}
