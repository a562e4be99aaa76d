/** warnIfSlow: warns if a model computes much more slowly than it could, and says why. */
import type { ChosenBackend } from './chooseBackend';

/**
 * Warns once if `'auto'` has chosen the CPU, or WASM has one thread although several were
 * requested.
 */
export function warnIfSlow(backend: ChosenBackend, threads: number): void {
  const { name, wanted, options, passedOver } = backend;
  const reasons = passedOver.map((passed) => `${passed.name}: ${passed.reason}`).join('; ');
  const requested = options?.threads ?? 1;
  if (name === 'cpu' && wanted === 'auto') {
    console.warn(
      'alexnet-ts: the model computes on the CPU backend, 15 to 50 times slower than WASM or WebGL. ' +
        `${reasons}. WASM needs a Content-Security-Policy that allows 'wasm-unsafe-eval', and for ` +
        'other networks than loaded ones the .wasm files of @tensorflow/tfjs-backend-wasm (option ' +
        "wasmPaths). Pass backend: 'cpu' to accept this.",
    );
  } else if (name === 'wasm' && requested > 1 && threads === 1) {
    console.warn(
      `alexnet-ts: the model computes on one thread, though ${requested} were requested. ` +
        `${reasons}. Pass threads: 1 to accept this.`,
    );
  }
}
