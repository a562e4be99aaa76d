/** Detects a lost WebGL context, after which reads of TensorFlow.js never end or return zeros. */
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';
import { onBackend } from './activeBackend';

/** The WebGL context was lost, and with it every tensor of the backend. */
export class ContextLost extends BackendError {
  constructor() {
    super('model: the WebGL context was lost, and the weights with it. Load the model again.');
  }
}

interface Context {
  lost: boolean;
  /** Functions that end the pending reads. */
  pendingReads: Set<() => void>;
}

interface WithContext {
  gpgpu?: {
    gl: WebGLRenderingContext;
    itemsToPoll: unknown[];
    createFence(gl: WebGLRenderingContext): Fence;
  };
}

/** What TensorFlow.js polls until the GPU is done. */
interface Fence {
  query: unknown;
  isFencePassed(): boolean;
}

const contexts = new WeakMap<WebGLRenderingContext, Context>();

/**
 * Returns the context of a WebGL backend, and listens for its loss from the first call on. A lost
 * context stays lost, even if the browser restores it: its textures are gone.
 */
function contextOf(tfBackend: string): Context | undefined {
  const { gpgpu } = (engine().registry[tfBackend] ?? {}) as WithContext;
  if (!gpgpu?.gl) return undefined;
  const { gl } = gpgpu;
  let context = contexts.get(gl);
  if (!context) {
    const created: Context = (context = { lost: false, pendingReads: new Set() });
    contexts.set(gl, created);
    const createFence = gpgpu.createFence.bind(gpgpu);
    // A lost context returns no fence, and polling for it would throw where it cannot be caught.
    gpgpu.createFence = (context) => {
      const fence = createFence(context);
      return fence.query ? fence : { query: null, isFencePassed: () => true };
    };
    gl.canvas.addEventListener('webglcontextlost', () => {
      created.lost = true;
      gpgpu.itemsToPoll = []; // TensorFlow.js would poll them forever
      created.pendingReads.forEach((end) => end());
    });
  }
  context.lost ||= gl.isContextLost();
  return context;
}

/** Returns whether the backend's WebGL context was lost, and with it all its tensors. */
export const isLost = (tfBackend: string): boolean => contextOf(tfBackend)?.lost === true;

/**
 * Runs `work` on a backend, reads the tensor that it returns, and disposes the tensor.
 *
 * @throws ContextLost as soon as the backend's context is lost.
 */
export async function compute(
  tfBackend: string,
  work: () => Tensor,
): Promise<{ shape: number[]; data: Float32Array }> {
  if (isLost(tfBackend)) throw new ContextLost();
  let output: Tensor | undefined;
  try {
    output = onBackend(tfBackend, work);
    return { shape: output.shape, data: await read(tfBackend, output) };
  } catch (error) {
    throw isLost(tfBackend) ? new ContextLost() : error;
  } finally {
    output?.dispose();
  }
}

/** Returns the values of a tensor, like `data()`. Throws ContextLost, like `compute`. */
export async function read(tfBackend: string, tensor: Tensor): Promise<Float32Array> {
  const context = contextOf(tfBackend);
  if (!context) return tensor.data<'float32'>();
  let end!: () => void;
  const lost = new Promise<void>((resolve) => context.pendingReads.add((end = resolve)));
  try {
    const values = context.lost ? undefined : await Promise.race([tensor.data<'float32'>(), lost]);
    if (!values || isLost(tfBackend)) throw new ContextLost();
    return values;
  } finally {
    context.pendingReads.delete(end);
  }
}
