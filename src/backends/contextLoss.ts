/** Detects that a WebGL context was lost: TensorFlow.js' reads then never end, or return zeros. */
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';
import { onBackend } from './guest';

/** The result is lost, and so is every tensor of that backend. */
export class ContextLost extends BackendError {
  constructor() {
    super(
      'model: the browser took the GPU away (its WebGL context was lost), and the weights with it. Load the model again.',
    );
  }
}

interface Context {
  lost: boolean;
  /** Ends the reads under way. */
  waiting: Set<() => void>;
}

interface WithContext {
  gpgpu?: { gl: WebGLRenderingContext; itemsToPoll: unknown[] };
}

const contexts = new WeakMap<WebGLRenderingContext, Context>();

/**
 * The context of a WebGL backend, watched from the first time that it is asked for. Once lost it
 * stays so: its textures are gone.
 */
function contextOf(tfBackend: string): Context | undefined {
  const { gpgpu } = (engine().registry[tfBackend] ?? {}) as WithContext;
  if (!gpgpu?.gl) return undefined;
  const { gl } = gpgpu;
  let context = contexts.get(gl);
  if (!context) {
    const made: Context = (context = { lost: false, waiting: new Set() });
    contexts.set(gl, made);
    gl.canvas.addEventListener('webglcontextlost', () => {
      made.lost = true;
      gpgpu.itemsToPoll = []; // TensorFlow.js would look every few milliseconds, for ever, whether they are done
      made.waiting.forEach((end) => end());
    });
  }
  context.lost ||= gl.isContextLost();
  return context;
}

/** Whether the backend's WebGL context was lost, and all its tensors with it. */
export const isLost = (tfBackend: string): boolean => contextOf(tfBackend)?.lost === true;

/**
 * Runs work that makes one tensor on a backend, reads the tensor and frees it.
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

/** Returns a tensor's values, as `data()` does. Throws as `compute` does. */
export async function read(tfBackend: string, tensor: Tensor): Promise<Float32Array> {
  const context = contextOf(tfBackend);
  if (!context) return tensor.data<'float32'>();
  let end!: () => void;
  const lost = new Promise<void>((resolve) => context.waiting.add((end = resolve)));
  try {
    const values = context.lost ? undefined : await Promise.race([tensor.data<'float32'>(), lost]);
    if (!values || isLost(tfBackend)) throw new ContextLost();
    return values;
  } finally {
    context.waiting.delete(end);
  }
}
