/** Warns when an app contains TensorFlow.js twice: the copies replace each other's kernels. */
import {
  Environment,
  KernelBackend,
  engine,
  env,
  getKernelsForBackend,
  version_core,
} from '@tensorflow/tfjs-core';

/**
 * Each copy of core sets its own when it is loaded: another one later is that of a copy loaded
 * after ours.
 */
const { platform, platformName } = env();

let told = false;
let kernelsReplaced = false;

/**
 * A backend package that is loaded a second time replaces the kernels of the first. Those of WASM
 * know their functions only once they have been set up, which TensorFlow.js does when a backend is
 * opened: for one that is open already it has to be done here, or the app's next operation fails
 * ("wasmFunc is not a function"), and ours too.
 *
 * @returns what is to be called when the package has been loaded
 */
export function watchKernels(): () => void {
  const { registry } = engine();
  const before = Object.keys(registry).map((name) => ({
    name,
    kernels: getKernelsForBackend(name),
  }));
  return () => {
    for (const { name, kernels } of before) {
      const names = new Set(kernels.map(({ kernelName }) => kernelName));
      const loaded = getKernelsForBackend(name).filter((kernel) => !kernels.includes(kernel));
      if (loaded.some(({ kernelName }) => names.has(kernelName))) kernelsReplaced = true;
      for (const { setupFunc } of loaded) setupFunc?.(registry[name]!);
    }
  };
}

/** Returns what uses another copy of the core, if anything does. */
function another(tfBackend: string): string | undefined {
  if (!(env() instanceof Environment)) return 'the app';
  if (kernelsReplaced || !(engine().registry[tfBackend] instanceof KernelBackend))
    return `the backend "${tfBackend}"`;
  return env().platform !== platform && env().platformName === platformName
    ? 'a part of the app that was loaded later'
    : undefined;
}

/** Warns, once, when something comes from another copy of TensorFlow.js' core than ours. */
export function warnOfTwoCopies(tfBackend: string): void {
  const user = told ? undefined : another(tfBackend);
  if (!user) return;
  told = true;
  console.warn(
    `alexnet-ts: there are two copies of @tensorflow/tfjs-core here: ${version_core}, and the one that ${user} uses. ` +
      'It is downloaded twice, and they replace each other\'s kernels: different versions may compute wrongly, or stop with "… is not a function". ' +
      'Look with "npm ls @tensorflow/tfjs-core", give all of @tensorflow/* one version, then "npm dedupe"; Vite: resolve.dedupe; script tags: one tf-core.',
  );
}
