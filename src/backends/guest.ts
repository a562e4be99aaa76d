/**
 * Runs on our backend inside the app's TensorFlow.js, and leaves the app's active backend
 * unchanged.
 */
import {
  copyRegisteredKernels,
  engine,
  findBackendFactory,
  getKernelsForBackend,
  registerBackend,
  type KernelBackend,
} from '@tensorflow/tfjs-core';
import { watchKernels } from './duplicateTfjs';

/**
 * The fields of the engine that say where ops run. tfjs' own setBackend sets up every kernel anew
 * and may be asynchronous.
 */
interface Active {
  backendName: string | null;
  backendInstance: KernelBackend | null;
  pendingBackendInit?: Promise<unknown> | null;
}

const active = (): Active => engine() as unknown as Active;

let prepare: ((tfBackend: string | null) => void) | undefined;

/** Has `work` called before ops run on another backend than before, with its name. */
export const beforeOps = (work: typeof prepare): void => void (prepare = work);

/**
 * Runs `work`, which must be synchronous, with the named backend active, and makes the one active
 * again that was. The app never sees the change, since nothing else runs in between.
 */
export function onBackend<T>(tfBackend: string, work: () => T): T {
  const now = active();
  const { backendName, backendInstance } = now;
  now.backendName = tfBackend;
  now.backendInstance = engine().registry[tfBackend]!;
  try {
    prepare?.(tfBackend);
    return work();
  } finally {
    now.backendName = backendName;
    now.backendInstance = backendInstance;
    prepare?.(backendName);
  }
}

/** Whether the engine holds an initialised backend of this name. */
export const isOpen = (tfBackend: string): boolean => engine().registry[tfBackend] !== undefined;

const opening = new Map<string, Promise<void>>();

/**
 * Initializes a backend that is registered, without making it the active one: the app may go on
 * computing meanwhile. Calls made at once share one initialisation. Throws what the backend throws.
 */
export async function open(tfBackend: string): Promise<void> {
  await active().pendingBackendInit?.catch(() => {}); // the app may be opening the same one
  if (isOpen(tfBackend)) return;
  let run = opening.get(tfBackend);
  if (!run) {
    run = (async () => {
      const factory = findBackendFactory(tfBackend);
      if (!factory) throw new Error(`no backend called "${tfBackend}" is registered`);
      const instance = await factory();
      engine().registry[tfBackend] = instance;
      for (const kernel of getKernelsForBackend(tfBackend)) kernel.setupFunc?.(instance);
    })().finally(() => opening.delete(tfBackend));
    opening.set(tfBackend, run);
  }
  return run;
}

/**
 * Imports a backend's package. TensorFlow.js would take a backend registered so for the app's own
 * at the next op without an active one; put behind all others, it is used only where it is named.
 */
export async function importBackend<T>(load: () => Promise<T>): Promise<T> {
  const { registryFactory } = engine();
  const before = new Set(Object.keys(registryFactory));
  const whenLoaded = watchKernels();
  const module = await load();
  whenLoaded();
  for (const name of Object.keys(registryFactory)) {
    if (!before.has(name))
      registryFactory[name]!.priority = Math.min(0, registryFactory[name]!.priority);
  }
  return module;
}

/**
 * Registers our own instance of a backend, with its kernels, and tensors and a GPU context that the
 * app never sees.
 */
export function registerOwn(
  tfBackend: string,
  kernelsOf: string,
  factory: () => KernelBackend,
): void {
  if (findBackendFactory(tfBackend)) return;
  registerBackend(tfBackend, factory, 0);
  copyRegisteredKernels(kernelsOf, tfBackend);
}
