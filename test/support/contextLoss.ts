/** Simulates the loss of a WebGL context, as browsers do. */
import { engine, removeBackend } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../../src/backends/backends';
import { open, registerOwn } from '../../src/backends/activeBackend';
import { WASM_PATHS } from './backends';

let made = 0;

/** Returns the context of a WebGL backend. */
export const contextOf = (tfBackend: string): WebGL2RenderingContext =>
  (engine().registry[tfBackend] as unknown as { gpgpu: { gl: WebGL2RenderingContext } }).gpgpu.gl;

/**
 * Loses any WebGL context at its `moment`-th draw or read call; never if undefined. Returns the
 * number of calls so far, and a function that stops watching.
 */
export function loseAt(
  moment: number | undefined,
  { restore = false } = {},
): { count(): number; end(): void } {
  const methods = ['drawElements', 'readPixels', 'texSubImage2D', 'fenceSync'] as const;
  const prototype = WebGL2RenderingContext.prototype as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const before = methods.map((name) => [name, prototype[name]!] as const);
  let count = 0;
  for (const [name, original] of before) {
    prototype[name] = function (this: WebGL2RenderingContext, ...args) {
      if (++count === moment) loseContext(this, restore);
      return original.apply(this, args);
    };
  }
  return {
    count: () => count,
    end: () => before.forEach(([name, original]) => (prototype[name] = original)),
  };
}

function loseContext(gl: WebGL2RenderingContext, restore: boolean): void {
  if (gl.isContextLost()) return;
  const extension = gl.getExtension('WEBGL_lose_context')!;
  if (restore)
    gl.canvas.addEventListener(
      'webglcontextlost',
      () => setTimeout(() => extension.restoreContext()),
      { once: true },
    );
  extension.loseContext();
}

/** Loses the context of a backend. `restore` restores it, empty, as soon as possible. */
export function lose(tfBackend: string, { restore = false } = {}): void {
  loseContext(contextOf(tfBackend), restore);
}

export interface Losable {
  tfBackend: string;
  /** Loses the context. The event follows asynchronously, as in a browser. */
  lose(): void;
  /** Restores the context, empty. */
  restore(): void;
  /** Removes the backend. */
  remove(): void;
}

export async function losable(): Promise<Losable> {
  await BACKENDS.webgl.open({});
  await BACKENDS.wasm.open({ wasmPaths: WASM_PATHS });
  const { MathBackendWebGL } = await import('@tensorflow/tfjs-backend-webgl');
  const tfBackend = `alexnet-webgl-losable-${++made}`;
  registerOwn(tfBackend, 'webgl', () => new MathBackendWebGL(document.createElement('canvas')));
  await open(tfBackend);
  const extension = contextOf(tfBackend).getExtension('WEBGL_lose_context')!;
  return {
    tfBackend,
    lose: () => extension.loseContext(),
    restore: () => extension.restoreContext(),
    remove: () => removeBackend(tfBackend),
  };
}
