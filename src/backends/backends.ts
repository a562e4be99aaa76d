/** The backends that a model can compute on, and how each is opened. */
import { env, findBackendFactory } from '@tensorflow/tfjs-core';
import { isLost } from './contextLoss';
import { importBackend, isOpen, open, registerOwn } from './guest';
import { importCpu, importWasm, importWebGL } from './packages';
import { defaultWasmPaths } from './wasmFiles';

/** A backend that computes a model. */
export type BackendName = 'webgl' | 'wasm' | 'webgpu' | 'cpu';

export interface BackendOptions {
  /**
   * Where the three .wasm files of @tensorflow/tfjs-backend-wasm are served: a folder's URL ending
   * in "/", or a URL for each file name. `false` when the app has called tfjs' `setWasmPaths`
   * itself. @default beside this package
   */
  wasmPaths?: string | Record<string, string> | false | undefined;
  /**
   * Threads of WASM, 1 to 8, in Node or where the page is cross-origin isolated; no more than there
   * are cores. Elsewhere it runs on one: `model.threads` tells how many there are,
   * `model.passedOver` why not more. TensorFlow.js' operations, which compute networks of
   * `create()` and layers trained since, have them in a page alone. @default 1
   */
  threads?: number | undefined;
}

interface Backend {
  /**
   * The name under which TensorFlow.js knows it: another one each time that WebGL is opened after
   * its context was lost.
   */
  tfBackend: string;
  /** Initializes it. Throws an Error whose message says why it cannot be used. */
  open(options: BackendOptions): Promise<void>;
}

let contexts = 1;

/**
 * tfjs' WebGL kernels on a canvas of our own, so that recovering a lost context harms no tensor of
 * the app.
 */
const webgl: Backend = {
  tfBackend: 'alexnet-webgl',
  async open() {
    if (isLost(this.tfBackend)) this.tfBackend = `alexnet-webgl-${++contexts}`; // models on the lost one must not find it alive
    const { MathBackendWebGL } = await importBackend(importWebGL);
    if (!env().getNumber('WEBGL_VERSION')) throw new Error('this browser offers no WebGL');
    registerOwn(this.tfBackend, 'webgl', () => new MathBackendWebGL(blankCanvas()));
    await open(this.tfBackend);
  },
};

const blankCanvas = (): HTMLCanvasElement =>
  // tfjs takes both kinds of canvas; its types know only one. Safari's workers have no WebGL on the other kind.
  typeof document === 'undefined'
    ? (new OffscreenCanvas(1, 1) as unknown as HTMLCanvasElement)
    : document.createElement('canvas');

/**
 * TensorFlow.js' WASM backend, shared with the app. Its threads are off: they are blob: workers,
 * which a strict CSP forbids.
 */
const wasm: Backend = {
  tfBackend: 'wasm',
  async open({ wasmPaths = defaultWasmPaths() }) {
    const { setWasmPaths } = await importBackend(importWasm);
    if (isOpen('wasm')) return;
    if (typeof WebAssembly === 'undefined') throw new Error('this browser offers no WebAssembly');
    if (wasmPaths) setWasmPaths(wasmPaths);
    const { flags } = env() as unknown as { flags: Record<string, unknown> };
    const undecided = !('WASM_HAS_MULTITHREAD_SUPPORT' in flags);
    if (undecided) flags.WASM_HAS_MULTITHREAD_SUPPORT = false;
    try {
      await open('wasm');
    } finally {
      if (undecided) delete flags.WASM_HAS_MULTITHREAD_SUPPORT;
    }
  },
};

const cpu: Backend = {
  tfBackend: 'cpu',
  async open() {
    await importBackend(importCpu);
    await open('cpu');
  },
};

/**
 * Only where the app has registered it: an import of ours would break bundlers where its package is
 * absent.
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
 * The name of the WebGL renderer if it is software (SwiftShader, llvmpipe, …), which is more than
 * ten times slower than WASM, or 'no WebGL' where there is none; undefined for a real GPU.
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
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers keep few contexts: give this one back at once
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer)
    ? renderer
    : undefined;
}
