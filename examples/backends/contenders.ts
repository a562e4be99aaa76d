/** contenders: the backends that are measured, and why one of them cannot be here. */
import type { Job } from './job';
import { webglRenderer } from './machine';

export interface Contender extends Pick<Job, 'backend' | 'threads'> {
  name: string;
  /** Whether it is measured unless the visitor says otherwise. */
  wanted: boolean;
  /** What should be known of it. */
  note?: string;
  /** Why it is not even tried. */
  absent?: string;
}

/** Said of a renderer that draws without a GPU. */
const SOFTWARE = { note: 'in software, without a GPU' };
const isSoftware = (renderer = '') =>
  /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);

/** More hardly help a network of this size. */
const MOST_THREADS = 8;

export async function contenders(): Promise<Contender[]> {
  const threads = Math.min(MOST_THREADS, navigator.hardwareConcurrency);
  const noThreads = whyNoThreads(threads);
  const webgpu = await whatWebGPU();
  return [
    { backend: 'webgl', name: 'WebGL', wanted: true, ...(isSoftware(webglRenderer()) && SOFTWARE) },
    { backend: 'wasm', name: 'WASM, one thread', wanted: true },
    {
      backend: 'wasm',
      threads,
      name: noThreads ? 'WASM, several threads' : `WASM, ${threads} threads`,
      wanted: true,
      ...(noThreads && { absent: noThreads }),
    },
    { backend: 'webgpu', name: 'WebGPU', wanted: true, ...webgpu },
    { backend: 'cpu', name: 'CPU, plain JavaScript', wanted: false },
  ];
}

function whyNoThreads(threads: number): string | undefined {
  if (threads < 2) return 'This machine has one core.';
  if (crossOriginIsolated) return undefined;
  return 'Threads need a page that is cross-origin isolated, and this one is not yet. The service worker of the gallery brings that: load the page once more.';
}

interface GPU {
  requestAdapter(): Promise<{
    info?: Record<'vendor' | 'architecture' | 'description', string>;
  } | null>;
}

async function whatWebGPU(): Promise<Pick<Contender, 'note' | 'absent'>> {
  const { gpu } = navigator as unknown as { gpu?: GPU };
  if (!gpu) return { absent: 'This browser has no WebGPU.' };
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter)
    return { absent: 'This browser has WebGPU, but no GPU here that it gives to pages.' };
  const { vendor, architecture, description } = adapter.info ?? {};
  return isSoftware([vendor, architecture, description].join(' ')) ? SOFTWARE : {};
}
