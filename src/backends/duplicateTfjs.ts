/** Warns if an app contains two copies of TensorFlow.js, which replace each other's kernels. */
import {
  Environment,
  KernelBackend,
  engine,
  env,
  getKernelsForBackend,
} from '@tensorflow/tfjs-core';

/** Every copy of the core sets the platform when it loads, so a change reveals a later copy. */
const { platform, platformName } = env();

let warned = false;
let kernelsReplaced = false;

/**
 * Prepares for loading a backend package, which may be a second copy that replaces the kernels of
 * the first. TensorFlow.js sets up kernels when it opens a backend. For a backend that is already
 * open, the new kernels are set up here; otherwise the next operation on WASM would fail with
 * "wasmFunc is not a function".
 *
 * @returns a function to call when the package has been loaded.
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

/** Returns which part of the page uses another copy of the core, or undefined if none does. */
function userOfOtherCopy(tfBackend: string): string | undefined {
  if (!(env() instanceof Environment)) return 'the app';
  const backend = engine().registry[tfBackend]; // undefined where our own engine computes
  if (kernelsReplaced || (backend && !(backend instanceof KernelBackend)))
    return `the backend "${tfBackend}"`;
  return env().platform !== platform && env().platformName === platformName
    ? 'a part of the app that was loaded later'
    : undefined;
}

/** Warns, once, if the app or a backend uses another copy of the TensorFlow.js core. */
export async function warnOfTwoCopies(tfBackend: string): Promise<void> {
  const user = warned ? undefined : userOfOtherCopy(tfBackend);
  if (!user) return;
  warned = true;
  (await import('./backendProblems')).warnOfOtherCopy(user);
}
