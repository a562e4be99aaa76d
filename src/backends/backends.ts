/** The backends that a model can run on, and how to open each of them. */
import { env, findBackendFactory } from '@tensorflow/tfjs-core';
import { isLost } from './contextLoss';
import { importBackend, open, registerOwn } from './activeBackend';
import { importCpu, importWebGL } from './packages';

/** The name of a backend. */
export type BackendName = 'webgl' | 'wasm' | 'webgpu' | 'cpu';

export interface BackendOptions {
  /**
   * URL of the folder, ending in "/", with the three .wasm files of @tensorflow/tfjs-backend-wasm,
   * or a URL for each file name. Only networks from `create()` and training of more than a head
   * need them. Pass `false` if the app calls `setWasmPaths` of TensorFlow.js. @default next to
   * this package
   */
  wasmPaths?: string | Record<string, string> | false | undefined;
  /**
   * Number of WASM threads, 1 to 8, but at most the number of cores. More than one thread requires
   * Node or a cross-origin isolated page; otherwise WASM runs on one, and the console warns.
   * `model.threads` is the actual number, and `model.passedOver` says why it is lower. In Node,
   * networks from `create()` and fine-tuned layers always run on one thread. @default 1
   */
  threads?: number | undefined;
  /**
   * The precision of convolutions on WASM. With `'auto'`, `classify` computes them in 8 bits if
   * that is faster on this machine and their weights have at most 127 levels per filter, as in the
   * shipped set; features, activations and training use float32. With `'int8'`, these use 8 bits
   * too, convolutions with more levels are rounded if that changes them little, and so are the
   * inputs of quantized dense layers of at least 2 million weights. `model.precision` is that of
   * `classify`. @default 'auto'
   */
  precision?: 'auto' | 'float32' | 'int8' | undefined;
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

/** Returns an element in a page, because some browsers have no WebGL on an OffscreenCanvas. */
const blankCanvas = (): HTMLCanvasElement =>
  // TensorFlow.js accepts both kinds of canvas; its types declare only one.
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

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
/** Names of real GPUs. Others may hide what renders: WebKit says "Apple GPU" on any machine. */
const GPU = /nvidia|geforce|radeon|\bamd\b|intel|adreno|mali|powervr|apple m\d|immortalis|xclipse/i;

/**
 * Returns why WebGL is slower than WASM here, or undefined for a real GPU. Software renderers
 * (SwiftShader, llvmpipe, …) are more than ten times slower.
 */
export async function slowWebGL(): Promise<string | undefined> {
  const canvas =
    typeof document === 'undefined' && typeof OffscreenCanvas === 'undefined'
      ? undefined
      : blankCanvas();
  const gl = canvas?.getContext('webgl2') ?? canvas?.getContext('webgl');
  if (!gl) return 'no WebGL';
  try {
    const info = gl.getExtension('WEBGL_debug_renderer_info');
    const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    if (SOFTWARE.test(name)) return `its renderer is software (${name}), which is slower than WASM`;
    if (GPU.test(name)) return undefined;
    const { drawsLikeSoftware } = await import('./drawTime');
    return drawsLikeSoftware(gl, name)
      ? `its renderer (${name}) draws as slowly as software, which is slower than WASM`
      : undefined;
  } finally {
    // Browsers limit the number of contexts: release this one immediately.
    gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}
