/** Warnings and errors about backends. Loaded only when one is needed. */
import { version_core } from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';
import type { BackendName } from './backends';
import type { ChosenBackend } from './chooseBackend';

type PassedOver = ChosenBackend['passedOver'];

const listed = (passedOver: PassedOver): string =>
  passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ');

/** Returns the error of `chooseBackend` if no backend can be used. */
export function noBackend(wanted: 'auto' | BackendName, passedOver: PassedOver): BackendError {
  return new BackendError(
    wanted === 'auto'
      ? `load: no backend can be used here. ${listed(passedOver)}. Is @tensorflow/tfjs-backend-wasm installed, and are its .wasm files found (option wasmPaths)?`
      : `load: backend "${wanted}" cannot be used here: ${passedOver.at(-1)!.reason}. Use backend: 'auto', or another.`,
  );
}

/**
 * Warns that the page has two copies of the TensorFlow.js core.
 *
 * @param user the part of the page that uses the other copy
 */
export function warnOfOtherCopy(user: string): void {
  console.warn(
    `alexnet-ts: there are two copies of @tensorflow/tfjs-core here: ${version_core}, and the one that ${user} uses. ` +
      'It is downloaded twice, and they replace each other\'s kernels: different versions may compute wrongly, or stop with "… is not a function". ' +
      'Check with "npm ls @tensorflow/tfjs-core", give all @tensorflow/* packages one version, then run "npm dedupe"; Vite: resolve.dedupe; script tags: one tf-core.',
  );
}

/** Warns that a model computes much more slowly than it could, and says why. */
export function warnOfSlowBackend({ name, options, passedOver }: ChosenBackend): void {
  const reasons = listed(passedOver);
  console.warn(
    name === 'cpu'
      ? 'alexnet-ts: the model computes on the CPU backend, 15 to 50 times slower than WASM or WebGL. ' +
          `${reasons}. WASM needs a Content-Security-Policy that allows 'wasm-unsafe-eval', and, ` +
          'except for loaded networks, the .wasm files of @tensorflow/tfjs-backend-wasm (option ' +
          "wasmPaths). Pass backend: 'cpu' to accept this."
      : `alexnet-ts: the model computes on one thread, though ${options!.threads} were requested. ` +
          `${reasons}. Pass threads: 1 to accept this.`,
  );
}
