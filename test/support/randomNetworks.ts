/**
 * Small random networks of odd shapes with weights in each form in which sets store them, and the
 * comparison of a standalone engine with TensorFlow.js' operations.
 */
import { tensor, tidy } from '@tensorflow/tfjs-core';
import type { StandaloneEngine } from '../../src/engines/engine';
import {
  conv2d,
  dense,
  dropout,
  flatten,
  lrn,
  maxPool,
  relu,
  type Layer,
  type Sequential,
} from '../../src/layers';
import { random } from '../../src/layers/init';
import { sizeOf, type Shape } from '../../src/layers/layer';
import { dequantize, type StoredTensor } from '../../src/weights/format/storedTensor';
import type { TestBackend } from './backends';
import { expectClose } from './close';
import { formula } from './formula';

const uniform = random(1998);
/** Returns a random integer from `low` to `high`. */
export const between = (low: number, high: number): number =>
  low + Math.floor(uniform() * (high - low + 1));

export const WEIGHT_FORMS = ['float', 'quantized', 'quantized by channel', 'pruned'] as const;
export type WeightForm = (typeof WEIGHT_FORMS)[number];

/** Returns a parameter in the given form, with values within ±scale. Biases are always floats. */
export function storedTensor(
  name: string,
  shape: Shape,
  form: WeightForm,
  scale: number,
): StoredTensor {
  const count = sizeOf(shape);
  if (form === 'float' || shape.length === 1) return formula(name, count, scale);
  const values = Uint8Array.from(formula(name, count, 127, 128), Math.round);
  if (form === 'pruned')
    formula(`${name}.mask`, count, 1).forEach((value, i) => value < 0.7 && (values[i] = 128));
  if (form === 'quantized') return { values, scale: scale / 128, min: -0.9 * scale };
  const channelScale = formula(`${name}.scale`, shape.at(-1)!, scale / 256, scale / 128);
  return { values, scale: 1, min: -128, channelScale };
}

/** Returns all parameters of a network, scaled so that activations neither vanish nor explode. */
export function storedParams(
  net: Sequential,
  form: WeightForm,
  label: string,
): Record<string, StoredTensor> {
  return Object.fromEntries(
    Object.entries(net.params()).map(([name, { shape }]) => [
      name,
      storedTensor(`${label}.${name}`, shape, form, 2 / Math.sqrt(sizeOf(shape) / shape.at(-1)!)),
    ]),
  );
}

/** How an engine is compared with TensorFlow.js' operations. */
export interface ParityCase {
  form: WeightForm;
  /** The number of inputs. */
  count: number;
  /** Seed of weights and inputs. */
  label: string;
  /** Relative to the largest value of an output. @default 1e-4 */
  tolerance?: number;
}

/**
 * Sets the weights of an engine, checks that they read back, and compares the output of each layer.
 */
export async function expectTfjsResults(
  engine: StandaloneEngine,
  { form, count, label, tolerance = 1e-4 }: ParityCase,
  on: TestBackend['on'],
): Promise<void> {
  const { net } = engine;
  const params = storedParams(net, form, label);
  for (const layer of new Set(Object.keys(params).map((name) => name.split('/')[0]!))) {
    const reload = engine.setWeights(layer, {
      kernel: params[`${layer}/kernel`]!,
      bias: params[`${layer}/bias`]!,
    });
    for (const name of ['kernel', 'bias'])
      expect(reload[name]!())
        .withContext(name)
        .toEqual(dequantize(params[`${layer}/${name}`]!));
  }
  const inputs = formula(`${label}.x`, count * sizeOf(net.inputShape!), 2);
  for (const upTo of net.names.filter((name) => net.layers[name]!.type !== 'softmax')) {
    const { shape, data } = await engine.run(inputs, count, upTo);
    const expected = on(() => outputOf(net, params, { inputs, count, upTo }));
    expect(shape).toEqual([count, ...net.shapes()[upTo]!]);
    // The sum of a single unit may cancel to nearly zero.
    const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
    const what = `${label}, up to ${upTo}, ${form}, ${count} of ${JSON.stringify(net.toJSON())}`;
    expectClose(data, expected, tolerance, what, largest);
  }
}

function outputOf(
  net: Sequential,
  params: Record<string, StoredTensor>,
  { inputs, count, upTo }: { inputs: Float32Array; count: number; upTo: string },
): Float32Array {
  const specs = net.params();
  return tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(params).map(([name, values]) => [
        name,
        tensor(dequantize(values), [...specs[name]!.shape]),
      ]),
    );
    return net
      .apply(tensor(inputs, [count, ...net.inputShape!]), tensors, { upTo })
      .dataSync<'float32'>();
  });
}

/** Each call draws another network. */
export const DRAWN_NETWORKS: Record<string, () => { layers: Record<string, Layer>; input: Shape }> =
  {
    'conv2d with windows of any size': () => {
      const groups = between(1, 3);
      const size = between(1, 7);
      const pad = () => between(0, size - 1);
      const side = () => between(size, 12);
      const layer = conv2d({
        ...{ filters: groups * between(1, 11), size, stride: between(1, 4), groups },
        pad: { top: pad(), right: pad(), bottom: pad(), left: pad() },
      });
      return {
        layers: { conv: layer, ...(between(0, 1) ? { relu: relu() } : {}) },
        input: [side(), side(), groups * between(1, 9)],
      };
    },
    'conv2d with Winograd tiles': () => {
      const groups = between(1, 2);
      const size = between(0, 1) ? 3 : 5;
      const pad = () => between(0, size - 1);
      const layer = conv2d({
        filters: 8 * groups * between(1, 3),
        size,
        groups,
        pad: { top: pad(), right: pad(), bottom: pad(), left: pad() },
      });
      return {
        layers: { conv: layer, relu: relu() },
        input: [between(size, 17), between(size, 17), 4 * groups * between(1, 4)],
      };
    },
    'lrn and maxPool': () => {
      const size = between(1, 4);
      const norm = lrn({
        n: 2 * between(0, 3) + 1,
        k: between(1, 2),
        alpha: 0.3,
        beta: [0.5, 0.75, 1][between(0, 2)]!,
      });
      const pool = maxPool({ size, stride: between(1, 4), pad: between(0, size >> 1) });
      return {
        layers: { relu: relu(), norm, pool, last: relu() },
        input: [between(size, 9), between(size, 9), between(1, 21)],
      };
    },
    dense: () => ({
      layers: {
        fc: dense({ units: between(1, 130) }),
        relu: relu(),
        drop: dropout({ rate: 0.5 }),
        last: dense({ units: between(1, 9) }),
      },
      input: [between(1, 700)],
    }),
    'all layers': () => ({
      layers: {
        conv1: conv2d({
          filters: 4 * between(1, 5),
          size: between(2, 4),
          stride: between(1, 3),
          pad: 1,
        }),
        relu1: relu(),
        norm1: lrn({ alpha: 0.3 }),
        pool1: maxPool(),
        conv2: conv2d({ filters: 2 * between(3, 7), size: 3, pad: 1, groups: 2 }),
        pool2: maxPool({ size: 2, stride: 1, overhang: between(0, 1) }),
        flat: flatten(),
        fc: dense({ units: between(2, 9) }),
      },
      input: [between(17, 23), between(17, 23), 3],
    }),
  };
