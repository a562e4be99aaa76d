/** Checks the option `precision`. */
import type { BackendName, BackendOptions } from '../../backends/backends';
import { OptionsError, describe, suggest } from '../../errors';

const PRECISIONS = ['auto', 'float32', 'int8'];

/**
 * Returns the backend to load onto: 8 bits need WASM.
 *
 * @throws OptionsError for an unknown precision, or if another backend was requested for 8 bits.
 */
export function backendFor(
  precision: NonNullable<BackendOptions['precision']>,
  backend: 'auto' | BackendName,
): 'auto' | BackendName {
  if (!PRECISIONS.includes(precision))
    throw new OptionsError(
      `load: precision must be 'auto', 'float32' or 'int8', got ${describe(precision)}. ${suggest(String(precision), PRECISIONS)}`,
    );
  if (precision !== 'int8') return backend;
  if (backend === 'auto' || backend === 'wasm') return 'wasm';
  throw new OptionsError(
    `load: precision 'int8' needs the backend 'wasm', got '${backend}'. Omit one of the two options.`,
  );
}
