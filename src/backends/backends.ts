/** The backends that a model can run on, and how to open each of them. */
import { env, findBackendFactory } from '@tensorflow/tfjs-core';
import { isLost } from './contextLoss';
import { importBackend, open, registerOwn } from './guest';
import { importCpu, importWebGL } from './packages';

/** The name of a backend. */
export type BackendName = 'webgl' | 'wasm' | 'webgpu' | 'cpu';

export interface BackendOptions {
  /**
   * Where the three .wasm files of @tensorflow/tfjs-backend-wasm are served: the URL of a folder,
   * ending in "/", or a URL for each file name. Pass `false` if the app calls `setWasmPaths` of
   * TensorFlow.js. @default next to this package
   */
  wasmPaths?: string | Record<string, string> | false | undefined;
  /**
   * Number of WASM threads, 1 to 8, but at most the number of cores. More than one thread requires
   * Node or a cross-origin isolated page; otherwise WASM runs on one. `model.threads` is the actual
   * number, and `model.passedOver` says why it is lower. In Node, networks from `create()` and
   * fine-tuned layers always run on one thread. @default 1
   */
  threads?: number | undefined;
}

interface Backend {
  /**
   * The name of the backend in TensorFlow.js. WebGL gets a new name when it is opened after a
   * context loss.
   */
  tfBackend: string;
  /** Initializes the backend. Throws an Error that says why it cannot be used. */
  open(options: BackendOptions): Promise<void>;
}

let contexts = 1;

/**
 * The WebGL kernels of TensorFlow.js on a separate canvas, so that recovering from a context loss
 * does not affect the app's tensors.
 */
const webgl: Backend = {
  tfBackend: 'alexnet-webgl',
  async open() {
    // Models on the lost context must not use the new one: their tensors are gone.
    if (isLost(this.tfBackend)) this.tfBackend = `alexnet-webgl-${++contexts}`;
    const { MathBackendWebGL } = await importBackend(importWebGL);
    if (!env().getNumber('WEBGL_VERSION')) throw new Error('this browser offers no WebGL');
    registerOwn(this.tfBackend, 'webgl', () => new MathBackendWebGL(blankCanvas()));
    await open(this.tfBackend);
  },
};

const blankCanvas = (): HTMLCanvasElement =>
  // TensorFlow.js accepts both kinds of canvas; its types declare only one. Safari's workers have
  // no WebGL on an OffscreenCanvas.
  typeof document === 'undefined'
    ? (new OffscreenCanvas(1, 1) as unknown as HTMLCanvasElement)
    : document.createElement('canvas');

/** The WASM backend of TensorFlow.js: our own engine computes loaded networks without it. */
const wasm: Backend = {
  tfBackend: 'wasm',
  open: async (options) => (await import('./wasmBackend')).openWasm(options),
};

const cpu: Backend = {
  tfBackend: 'cpu',
  async open() {
    await importBackend(importCpu);
    await open('cpu');
  },
};

/**
 * Available only if the app has registered it: importing its package here would fail in bundlers if
 * it is not installed.
 */
const webgpu: Backend = {
  tfBackend: 'webgpu',
  async open() {
    if (!findBackendFactory('webgpu')) {
      throw new Error(
        "the app has not registered it: import '@tensorflow/tfjs-backend-webgpu' before loading",
      );
    }
    await open('webgpu');
  },
};

export const BACKENDS: Record<BackendName, Backend> = { webgl, wasm, webgpu, cpu };

/**
 * Returns the name of the WebGL renderer if it is a software renderer (SwiftShader, llvmpipe, …),
 * which is more than ten times slower than WASM. Returns 'no WebGL' if there is no WebGL, and
 * undefined for a real GPU.
 */
export function softwareRenderer(): string | undefined {
  const canvas =
    typeof OffscreenCanvas === 'undefined'
      ? globalThis.document?.createElement('canvas')
      : new OffscreenCanvas(1, 1);
  const gl = (canvas?.getContext('webgl2') ?? canvas?.getContext('webgl')) as
    WebGLRenderingContext | null | undefined;
  if (!gl) return 'no WebGL';
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  // Browsers limit the number of contexts: release this one immediately.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer)
    ? renderer
    : undefined;
}
