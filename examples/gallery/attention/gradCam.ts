/**
 * gradCam: which parts of a picture raise a class's score (Selvaraju et al., 2017). Uses only what
 * the public API returns: activations and weights.
 */
import type { Activations, ImageInput } from 'alexnet-ts';
import type { LayerJSON } from 'alexnet-ts/layers';
import type { Model } from 'alexnet-ts/worker';
import { denseWeights } from './denseWeights';
import { maxPoolBackward, type PoolOptions } from './maxPoolBackward';

/** A model in the worker or on the page. */
export interface ExplainedModel extends Pick<Model, 'activations' | 'filters' | 'origin'> {
  readonly net: {
    readonly names: readonly string[];
    readonly layers: Readonly<Record<string, { toJSON(): LayerJSON }>>;
  };
}

/** A square map over the center crop of a picture. */
export interface AttentionMap {
  /** Cells per side. */
  count: number;
  /** Distance between the centers of two cells, in pixels of the network's input. */
  step: number;
  /** Row by row, from 0 to 1, the most important cell. All are 0 if nothing matters. */
  values: Float32Array;
}

/** Returns how the last convolution's maps, weighted by their gradients, light up for a class. */
export async function gradCam(
  model: ExplainedModel,
  image: ImageInput,
  classIndex: number,
): Promise<AttentionMap> {
  const { maps, gradient, step } = await scoreGradient(model, image, classIndex);
  const [count, , channels] = maps.shape as [number, number, number];
  const weights = new Float32Array(channels);
  gradient.forEach((value, i) => (weights[i % channels]! += value / count ** 2));
  const values = new Float32Array(count * count);
  maps.data.forEach(
    (value, i) => (values[Math.floor(i / channels)]! += weights[i % channels]! * value),
  );
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return { count, step, values: values.map((value) => (most > 0 ? Math.max(value, 0) / most : 0)) };
}

/**
 * Returns the maps of the last convolution (after ReLU), and the gradient of a class's score, before
 * softmax, with respect to each of their values.
 */
export async function scoreGradient(model: ExplainedModel, image: ImageInput, classIndex: number) {
  const { names, layers } = model.net;
  const options = (name: string) => layers[name]!.toJSON();
  const typeOf = (name: string) => options(name).type;
  const last = names.findLast((name) => typeOf(name) === 'conv2d')!;
  const after = names.slice(names.indexOf(last) + 1);
  const maps = await model.activations(image, last);
  const dense = after.filter((name) => typeOf(name) === 'dense');
  const outputs = new Map<string, Activations>();
  for (const name of dense) outputs.set(name, await model.activations(image, name));

  let gradient: Float32Array = Float32Array.from(outputs.get(dense.at(-1)!)!.data, (_, index) =>
    index === classIndex ? 1 : 0,
  );
  // The ReLU after each layer passes the gradient where its output is positive.
  for (const name of after.toReversed()) {
    const type = typeOf(name);
    if (type === 'dense') {
      const { data } = outputs.get(name)!;
      if (name !== dense.at(-1)) gradient = gradient.map((value, i) => (data[i]! > 0 ? value : 0));
      gradient = (await denseWeights(model, name)).backward(gradient);
    } else if (type === 'maxPool') {
      gradient = maxPoolBackward(gradient, maps, options(name) as unknown as PoolOptions);
    } else if (!['relu', 'dropout', 'flatten', 'softmax'].includes(type)) {
      throw new Error(`Grad-CAM: the layer ${name} (${type}) has no backward pass here.`);
    }
  }
  const before = names.slice(0, names.indexOf(last) + 1);
  const step = before.reduce((product, name) => product * Number(options(name).stride ?? 1), 1);
  return { maps, gradient, step };
}
