/** twoCopies: tells an app that it holds TensorFlow.js' core twice. The copies share engine, kernels and flags, but not the classes of tensors. */
import { Environment, KernelBackend, engine, env, version_core } from '@tensorflow/tfjs-core';

let told = false;

/** Warns, once, when the engine or the backend that was chosen comes from another copy of TensorFlow.js' core than ours. */
export function tellTwoCopies(engineName: string): void {
  if (told || (env() instanceof Environment && engine().registry[engineName] instanceof KernelBackend)) return;
  told = true;
  console.warn(
    `alexnet-ts: there are two copies of @tensorflow/tfjs-core here: ${version_core}, and the one that ${env() instanceof Environment ? `the backend "${engineName}"` : 'the app'} uses. ` +
      'Answers are right, but it is downloaded twice, and tensors of one copy lack the methods that were added to those of the other. ' +
      'Look with "npm ls @tensorflow/tfjs-core", give all of @tensorflow/* one version, then "npm dedupe"; Vite: resolve.dedupe; script tags: one tf-core.',
  );
}
