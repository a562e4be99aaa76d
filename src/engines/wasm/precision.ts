/** Checks that the option `precision` and the backend fit together. */
import type { BackendName, BackendOptions } from '../../backends/backends';
import { OptionsError } from '../../errors';

/**
 * Returns the backend to load onto: 8 bits need WASM.
 *
 * @throws OptionsError if another backend was requested for 8 bits.
 */
export function backendFor(
  precision: NonNullable<BackendOptions['precision']>,
  backend: 'auto' | BackendName,
): 'auto' | BackendName {
  if (precision !== 'int8') return backend;
  if (backend === 'auto' || backend === 'wasm') return 'wasm';
  throw new OptionsError(
    `load: precision 'int8' needs the backend 'wasm', got '${backend}'. Omit one of the two options.`,
  );
}
