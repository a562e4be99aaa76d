/** backendCases: the backends to measure, and why one is not available. */
import type { BenchmarkJob } from './benchmarkJob';
import { webglRenderer } from './machine';

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
const isSoftware = (renderer = '') =>
  /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);

/** More threads hardly help a network of this size. */
const MAX_THREADS = 8;

export async function backendCases(): Promise<BackendCase[]> {
  const threads = Math.min(MAX_THREADS, navigator.hardwareConcurrency);
  const threadsUnavailable = whyNoThreads(threads);
  const webgpu = await webgpuSupport();
  return [
    {
      backend: 'webgl',
      name: 'WebGL',
      selected: true,
      ...(isSoftware(webglRenderer()) && SOFTWARE),
    },
    { backend: 'wasm', name: 'WASM, one thread', selected: true },
    {
      backend: 'wasm',
      threads,
      name: threadsUnavailable ? 'WASM, several threads' : `WASM, ${threads} threads`,
      selected: true,
      ...(threadsUnavailable && { unavailable: threadsUnavailable }),
    },
    { backend: 'webgpu', name: 'WebGPU', selected: true, ...webgpu },
    { backend: 'cpu', name: 'CPU, plain JavaScript', selected: false },
  ];
}

function whyNoThreads(threads: number): string | undefined {
  if (threads < 2) return 'This machine has one core.';
  if (crossOriginIsolated) return undefined;
  return 'Threads require cross-origin isolation, which the service worker of this site adds. Reload the page.';
}

interface GPU {
  requestAdapter(): Promise<{
    info?: Record<'vendor' | 'architecture' | 'description', string>;
  } | null>;
}

async function webgpuSupport(): Promise<Pick<BackendCase, 'note' | 'unavailable'>> {
  const { gpu } = navigator as unknown as { gpu?: GPU };
  if (!gpu) return { unavailable: 'This browser has no WebGPU.' };
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return { unavailable: 'This browser has WebGPU, but no GPU is available.' };
  const { vendor, architecture, description } = adapter.info ?? {};
  return isSoftware([vendor, architecture, description].join(' ')) ? SOFTWARE : {};
}
