/** The worker that asks WebGL and WebGPU what renders. */
import { expose } from 'comlink';

/** What the browser says about WebGL and WebGPU in workers. */
export interface Renderers {
  /** Name of the renderer of WebGL; undefined if there is no WebGL. */
  webgl: string | undefined;
  /** Name of the adapter of WebGPU; null without an adapter, undefined without WebGPU. */
  webgpu: string | null | undefined;
}

interface GPU {
  requestAdapter(): Promise<{
    info?: Record<'vendor' | 'architecture' | 'description', string>;
  } | null>;
}

const worker = {
  renderers: async (): Promise<Renderers> => ({ webgl: webgl(), webgpu: await webgpu() }),
};

function webgl(): string | undefined {
  if (typeof OffscreenCanvas === 'undefined') return undefined;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) return undefined;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

async function webgpu(): Promise<string | null | undefined> {
  const { gpu } = navigator as unknown as { gpu?: GPU };
  if (!gpu) return undefined;
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return null;
  const { vendor, architecture, description } = adapter.info ?? {};
  return [vendor, architecture, description].join(' ');
}

export type RenderersWorker = typeof worker;
expose(worker);
