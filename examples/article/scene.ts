/** Scene: a picture, and what the network computes from it. Figures share the results. */
import type { Activations, Prediction } from 'alexnet-ts';
import type { Model } from 'alexnet-ts/worker';
import { drawViews } from '../gallery/drawViews';
import type { Picture } from '../gallery/picture';

export class Scene {
  readonly #results = new Map<string, Promise<unknown>>();
  /** Whether the visitor has chosen another picture, so that long work should end. */
  superseded = false;

  constructor(
    readonly model: Model,
    readonly picture: Picture,
  ) {}

  /** The network's input, `[1, size, size, 3]`. */
  input(): Promise<Activations> {
    return this.#once('input', () => this.model.preprocess(this.picture.blob));
  }

  /** The five best guesses. */
  predictions(): Promise<Prediction[]> {
    return this.#once('predictions', () => this.model.classify(this.picture.blob));
  }

  /** Includes ReLU. */
  activations(layer: string): Promise<Activations> {
    return this.#once(layer, () => this.model.activations(this.picture.blob, layer));
  }

  /** The network's input as an image, a new canvas for each figure. */
  async view(): Promise<HTMLCanvasElement> {
    return drawViews(await this.input(), this.model.preprocessing)[0]!;
  }

  #once<T>(name: string, compute: () => Promise<T>): Promise<T> {
    let result = this.#results.get(name) as Promise<T> | undefined;
    if (!result) this.#results.set(name, (result = compute()));
    return result;
  }
}

/** Returns the options of a layer of the network, such as its stride. */
export const layerOptions = (model: Model, layer: string): Record<string, unknown> =>
  model.net.layers[layer]?.toJSON() ?? {};
