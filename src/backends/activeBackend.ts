/**
 * Runs operations on this library's backend without changing the active backend of the app, which
 * shares TensorFlow.js.
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
 * The fields of the TensorFlow.js engine that select the active backend. `setBackend` is not used:
 * it sets up every kernel again and may be asynchronous.
 */
interface Active {
  backendName: string | null;
  backendInstance: KernelBackend | null;
  pendingBackendInit?: Promise<unknown> | null;
}

const active = (): Active => engine() as unknown as Active;

let onSwitch: ((tfBackend: string | null) => void) | undefined;

/** Registers a function to call, with the name of the backend, whenever the backend changes. */
export const beforeOps = (work: typeof onSwitch): void => void (onSwitch = work);

/**
 * Runs `work` with the named backend active, then restores the previously active one. `work` must
 * be synchronous, so that the app never sees the change.
 */
export function onBackend<T>(tfBackend: string, work: () => T): T {
  const now = active();
  const { backendName, backendInstance } = now;
  now.backendName = tfBackend;
  now.backendInstance = engine().registry[tfBackend]!;
  try {
    onSwitch?.(tfBackend);
    return work();
  } finally {
    now.backendName = backendName;
    now.backendInstance = backendInstance;
    onSwitch?.(backendName);
  }
}

/** Returns whether a backend of this name is initialized. */
export const isOpen = (tfBackend: string): boolean => engine().registry[tfBackend] !== undefined;

const opening = new Map<string, Promise<void>>();

/**
 * Initializes a registered backend without making it active, so that the app can keep computing.
 * Concurrent calls share one initialization. Throws the errors of the backend.
 */
export async function open(tfBackend: string): Promise<void> {
  await active().pendingBackendInit?.catch(() => {}); // the app may be initializing the same backend
  if (isOpen(tfBackend)) return adopt(tfBackend);
  let run = opening.get(tfBackend);
  if (!run) {
    run = (async () => {
      const factory = findBackendFactory(tfBackend);
      if (!factory) throw new Error(`no backend called "${tfBackend}" is registered`);
      const instance = await factory();
      engine().registry[tfBackend] = instance;
      adopt(tfBackend);
    })().finally(() => opening.delete(tfBackend));
    opening.set(tfBackend, run);
  }
  return run;
}

const adopted = new WeakSet<KernelBackend>();

/**
 * Makes an open backend safe from an operation that the app runs too early, before `tf.ready()`.
 * TensorFlow.js would then initialize the best backend without its kernels, or a second time,
 * although tensors and kernels refer to the open instance.
 */
function adopt(tfBackend: string): void {
  const { registry, registryFactory } = engine();
  const instance = registry[tfBackend]!;
  if (adopted.has(instance)) return;
  adopted.add(instance);
  for (const kernel of getKernelsForBackend(tfBackend)) kernel.setupFunc?.(instance);
  const entry = registryFactory[tfBackend];
  if (!entry) return;
  const { factory } = entry;
  entry.factory = () => registry[tfBackend] ?? factory();
}

/**
 * Imports the package of a backend. Lowers the priority of the backends that it registers, so that
 * TensorFlow.js does not select them for the app's operations.
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
 * Registers a separate instance of a backend, with its own kernels, tensors and GPU context, which
 * the app does not use.
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
