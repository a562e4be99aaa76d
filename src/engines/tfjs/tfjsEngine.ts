/** TfjsEngine: a network computed by TensorFlow.js' operations, on any of its backends. */
import { softmax, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { compute, read } from '../../backends/contextLoss';
import { onBackend } from '../../backends/activeBackend';
import { BackendError } from '../../errors';
import { sizeOf } from '../../layers/layer';
import type { LayerRange, Sequential } from '../../layers/sequential';
import type { Engine, Output, WarmUpOptions } from '../engine';

export interface TfjsEngineParts {
  net: Sequential;
  /** The weights and the layers' constants. Read at each run: training may replace entries. */
  tensors: Readonly<Record<string, Tensor>>;
  /** The name under which TensorFlow.js knows the backend. */
  tfBackend: string;
  /** Threads of that backend. @default 1 */
  threads?: number | undefined;
}

/** Unlike the other engines, it can start at any layer, from the output of the layer before. */
export class TfjsEngine implements Engine {
  readonly net: Sequential;
  readonly threads: number;
  readonly precision = 'float32';
  readonly #tensors: Readonly<Record<string, Tensor>>;
  readonly #tfBackend: string;

  constructor({ net, tensors, tfBackend, threads = 1 }: TfjsEngineParts) {
    this.net = net;
    this.threads = threads;
    this.#tensors = tensors;
    this.#tfBackend = tfBackend;
  }

  /** See `Engine.run`. With `after`, the inputs are outputs of that layer. */
  run(inputs: Float32Array, count: number, upTo: string, after?: string): Promise<Output> {
    return this.#apply(inputs, count, after === undefined ? { upTo } : { after, upTo });
  }

  probabilities(inputs: Float32Array, count: number, after?: string): Promise<Output> {
    const { net } = this;
    const endsInSoftmax = net.layers[net.names.at(-1)!]!.type === 'softmax';
    const range = after === undefined ? {} : { after };
    return this.#apply(inputs, count, range, endsInSoftmax ? undefined : softmax);
  }

  async #apply(
    inputs: Float32Array,
    count: number,
    range: LayerRange,
    finish: (scores: Tensor) => Tensor = (scores) => scores,
  ): Promise<Output> {
    this.#checkNotDisposed();
    const x = () => tensor(inputs, [count, ...this.#shapeAfter(range.after)]);
    return compute(this.#tfBackend, () =>
      tidy(() => finish(this.net.apply(x(), this.#tensors, range))),
    );
  }

  /**
   * Uploads weights to the GPU, compiles shaders, packs weights on WASM: a few layers at a time, so
   * that the page can draw.
   */
  async warmUp({ after, upTo, onLayers, signal }: WarmUpOptions = {}): Promise<void> {
    const { names, layers } = this.net;
    const begin = after === undefined ? 0 : names.indexOf(after) + 1;
    const end = upTo === undefined ? names.length : names.indexOf(upTo) + 1;
    // A ReLU runs with the layer before it.
    const stops = names.filter(
      (_, i) => i >= begin && i < end && (i === end - 1 || layers[names[i + 1]!]!.type !== 'relu'),
    );
    const shape = [1, ...this.#shapeAfter(after)];
    let x: Tensor | undefined;
    try {
      for (const stop of stops) {
        signal?.throwIfAborted();
        const previous = x;
        const range: LayerRange = after === undefined ? { upTo: stop } : { after, upTo: stop };
        x = onBackend(this.#tfBackend, () =>
          tidy(() => {
            const input = previous ?? tensor(new Float32Array(sizeOf(shape)), shape);
            return this.net.apply(input, this.#tensors, range);
          }),
        );
        if (previous !== x) previous?.dispose();
        after = stop;
        onLayers?.(names.indexOf(stop) + 1);
        await new Promise((resume) => setTimeout(resume));
      }
      if (x) await read(this.#tfBackend, x);
    } finally {
      x?.dispose();
    }
  }

  #shapeAfter(layer: string | undefined): readonly number[] {
    return layer === undefined ? this.net.inputShape! : this.net.shapes()[layer]!;
  }

  /**
   * The model may have been disposed while an image was read, or while the first layers were
   * computed elsewhere.
   */
  #checkNotDisposed(): void {
    if (Object.values(this.#tensors).some(({ isDisposed }) => isDisposed)) {
      throw new BackendError('model: the model was disposed during this call. Load it again.');
    }
  }
}
