/** openTfjs: opens TensorFlow.js' WASM backend for a model that has computed without it. */
import { isSlow, tryBackends, type ChosenBackend } from '../../backends/chooseBackend';
import { warnOfSlowBackend } from '../../backends/backendProblems';
import { BackendError } from '../../errors';
import { selfTest } from './selfTest';

/**
 * Opens the backend for TensorFlow.js' operations, with as many threads as can start. Returns the
 * backend with its new name in TensorFlow.js.
 *
 * @param what what needs it, for the error: "fineTune: training conv5"
 * @throws BackendError that says what to do.
 */
export async function openTfjs(backend: ChosenBackend, what: string): Promise<ChosenBackend> {
  const { name, lazyTfjs, options, passedOver } = backend;
  if (!lazyTfjs) return backend;
  const { chosen, passedOver: reasons } = await tryBackends(name, { selfTest }, options);
  if (!chosen) {
    throw new BackendError(
      `${what} needs the WASM backend of TensorFlow.js, which cannot be opened: ${reasons.at(-1)!.reason}. ` +
        'Install @tensorflow/tfjs-backend-wasm, serve its .wasm files (option wasmPaths), and allow ' +
        "'wasm-unsafe-eval' in the page's Content-Security-Policy.",
    );
  }
  if (isSlow(chosen, chosen.threads ?? 1)) warnOfSlowBackend({ ...chosen, passedOver: reasons });
  const all = [...passedOver, ...reasons];
  return { ...backend, ...chosen, lazyTfjs: undefined, passedOver: all, wanted: backend.wanted };
}
