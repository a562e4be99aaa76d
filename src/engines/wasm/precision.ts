/** Checks that the options `precision` and `backend` go together. */
import type { BackendName, BackendOptions } from '../../backends/backends';
import { OptionsError } from '../../errors';

/**
 * Returns the backend to load onto, which is WASM for 8 bits.
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
    `load: backend must be 'wasm' for precision 'int8', got '${backend}'. Omit one of the two options.`,
  );
}
