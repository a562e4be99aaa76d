/** DenseWeights: the matrix of a dense layer in a byte per weight, for a backward pass. */
import type { Activations } from 'alexnet-ts';
import type { Model } from 'alexnet-ts/worker';

export class DenseWeights {
  readonly #quantized: Int8Array;
  /** What one quantization level is worth, for each output. */
  readonly #scales: Float32Array;
  readonly #outputs: number;

  /** `[inputs, outputs]`. One scale per output changes the gradients by less than 1 %. */
  constructor({ shape, data }: Activations) {
    const [, outputs] = shape as [number, number];
    this.#outputs = outputs;
    this.#scales = new Float32Array(outputs);
    for (let i = 0, output = 0; i < data.length; i++) {
      const size = Math.abs(data[i]!);
      if (size > this.#scales[output]!) this.#scales[output] = size;
      if (++output === outputs) output = 0;
    }
    for (let output = 0; output < outputs; output++) this.#scales[output]! /= 127;
    this.#quantized = new Int8Array(data.length);
    for (let i = 0, output = 0; i < data.length; i++) {
      this.#quantized[i] = Math.round(data[i]! / (this.#scales[output]! || 1));
      if (++output === outputs) output = 0;
    }
  }

  /** Returns the gradient with respect to the inputs, from that with respect to the outputs. */
  backward(gradient: Float32Array): Float32Array {
    const active = [...gradient.keys()].filter((output) => gradient[output] !== 0);
    const factors = active.map((output) => gradient[output]! * this.#scales[output]!);
    const inputs = this.#quantized.length / this.#outputs;
    return Float32Array.from({ length: inputs }, (_, input) => {
      const row = input * this.#outputs;
      let sum = 0;
      for (let i = 0; i < active.length; i++)
        sum += factors[i]! * this.#quantized[row + active[i]!]!;
      return sum;
    });
  }
}

/** Layers of a set of weights, by its hash: models fine-tuned from it share them. */
const shared = new Map<string, Promise<DenseWeights>>();
/** Layers that a model has for itself. */
const own = new WeakMap<object, Map<string, Promise<DenseWeights>>>();

type Network = Pick<Model, 'filters' | 'origin'>;

/** Returns the weights of a dense layer, which are read once. */
export function denseWeights(model: Network, layer: string): Promise<DenseWeights> {
  const { base, trained } = model.origin ?? {};
  const isShared = base && !trained!.includes(layer);
  if (!isShared && !own.has(model)) own.set(model, new Map());
  const known = isShared ? shared : own.get(model)!;
  const key = isShared ? `${base.hash} ${layer}` : layer;
  let weights = known.get(key);
  if (!weights) {
    weights = model.filters(layer).then((matrix) => new DenseWeights(matrix));
    weights.catch(() => known.delete(key));
    known.set(key, weights);
  }
  return weights;
}
