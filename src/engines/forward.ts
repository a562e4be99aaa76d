/** Runs a loaded network on batches of views, and checks that all outputs are finite. */
import { BackendError } from '../errors';
import type { LoadedNetwork, Output } from './engine';

/**
 * Runs `count` views through the network, up to and including the layer `upTo`: `[count,
 * ...shape]`.
 */
export async function forward(
  { engine, tfBackend }: LoadedNetwork,
  views: Float32Array,
  count: number,
  upTo: string,
): Promise<Output> {
  return checkFinite(await engine.run(views, count, upTo), tfBackend);
}

/** Returns the probability of each class for each view, `[count, classes]`. */
export async function probabilities(
  { engine, tfBackend }: LoadedNetwork,
  views: Float32Array,
  count: number,
): Promise<Output> {
  return checkFinite(await engine.probabilities(views, count), tfBackend);
}

/** Returns a copy of the outputs of each view in a batch. The first dimension counts the views. */
export function rows({ shape: [count], data }: Output): Float32Array[] {
  const length = data.length / count!;
  return Array.from({ length: count! }, (_, i) => data.slice(i * length, (i + 1) * length));
}

/** @throws BackendError if a value is NaN or infinite, so that wrong results are never returned. */
export function checkFinite(output: Output, tfBackend: string): Output {
  const wrong = output.data.find((value) => !Number.isFinite(value));
  if (wrong === undefined) return output;
  const advice =
    tfBackend.includes('wasm') || tfBackend === 'cpu'
      ? 'Check the weights.'
      : "Check the weights, or load with backend: 'wasm'.";
  throw new BackendError(
    `model: the network's outputs must be finite, got ${wrong} on ${tfBackend}. ${advice}`,
  );
}

/** Turns scores `[count, classes]` into probabilities, in place: faster than asking a GPU. */
export function softmaxRows({ shape, data }: Output): Output {
  const classes = shape[1]!;
  for (let at = 0; at < data.length; at += classes) {
    const row = data.subarray(at, at + classes);
    const largest = row.reduce((a, b) => (a > b ? a : b));
    const powers = row.map((score) => Math.exp(score - largest));
    const total = powers.reduce((a, b) => a + b);
    row.set(powers.map((a) => a / total));
  }
  return { shape, data };
}
