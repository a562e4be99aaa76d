/** A WebGL backend of its own, whose context a test can take away as a browser does. */
import { engine, removeBackend } from '@tensorflow/tfjs-core';
import { BACKENDS } from '../backends/backends';
import { open, registerOwn } from '../backends/guest';
import { WASM_PATHS } from './backends';

let made = 0;

export interface Losable {
  engineName: string;
  /** Takes the context away. The event follows a moment later, as in a browser. */
  lose(): void;
  /** Gives it back, empty. */
  restore(): void;
  /** Forgets the backend. */
  remove(): void;
}

export async function losable(): Promise<Losable> {
  await BACKENDS.webgl.open({});
  await BACKENDS.wasm.open({ wasmPaths: WASM_PATHS });
  const { MathBackendWebGL } = await import('@tensorflow/tfjs-backend-webgl');
  const engineName = `alexnet-webgl-losable-${++made}`;
  registerOwn(engineName, 'webgl', () => new MathBackendWebGL(document.createElement('canvas')));
  await open(engineName);
  const { gl } = (engine().registry[engineName] as unknown as InstanceType<typeof MathBackendWebGL>).gpgpu;
  const extension = gl.getExtension('WEBGL_lose_context')!;
  return {
    engineName,
    lose: () => extension.loseContext(),
    restore: () => extension.restoreContext(),
    remove: () => removeBackend(engineName),
  };
}
