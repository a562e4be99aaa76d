/** The layers as values: shapes, parameters, error messages, and conversion to JSON and back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { caffeNet, paperAlexNet, torchvisionAlexNet } from '../alexnet';
import { OptionsError, ShapeError } from '../errors';
import {
  conv2d,
  dense,
  dropout,
  flatten,
  layerFromJSON,
  lrn,
  maxPool,
  relu,
  sequential,
  sequentialFromJSON,
  softmax,
  tanh,
  type Layer,
} from './index';
import { layerTypes } from './fromJSON';
import { initialize } from './init';

const roundTrip = (layer: Layer) =>
  JSON.stringify(layerFromJSON(JSON.parse(JSON.stringify(layer))).toJSON()) ===
  JSON.stringify(layer.toJSON());

describe('output shapes', () => {
  const cases: [string, Layer, number[], number[]][] = [
    [
      'conv1 of the paper at 227',
      conv2d({ filters: 96, size: 11, stride: 4 }),
      [227, 227, 3],
      [55, 55, 96],
    ], // (227 - 11) / 4 + 1
    [
      'conv1 of torchvision, rounded down',
      conv2d({ filters: 64, size: 11, stride: 4, pad: 2 }),
      [224, 224, 3],
      [55, 55, 64],
    ], // 54.25 + 1
    [
      'one-sided padding',
      conv2d({ filters: 2, size: 3, pad: { right: 2, bottom: 1 } }),
      [5, 5, 1],
      [4, 5, 2],
    ],
    ['overlapping pooling', maxPool(), [55, 55, 96], [27, 27, 96]], // (55 - 3) / 2 + 1
    ['pooling with a border', maxPool({ size: 3, stride: 2, pad: 1 }), [55, 55, 96], [28, 28, 96]],
    [
      'pooling that rounds up',
      maxPool({ size: 3, stride: 2, overhang: 1 }),
      [54, 54, 96],
      [27, 27, 96],
    ],
    ['flatten', flatten(), [6, 6, 256], [9216]],
    ['dense', dense({ units: 4096 }), [9216], [4096]],
    ['lrn', lrn(), [5, 4, 3], [5, 4, 3]],
    ['relu', relu(), [7], [7]],
    ['tanh', tanh(), [7, 1, 2], [7, 1, 2]],
    ['softmax', softmax(), [10], [10]],
    ['dropout', dropout(), [10], [10]],
  ];
  for (const [name, layer, input, output] of cases) {
    it(name, () => assert.deepEqual([...layer.outputShape(input)], output));
  }
});

describe('errors of layers', () => {
  const cases: [string, () => unknown, typeof OptionsError | typeof ShapeError, string][] = [
    [
      'filters and groups that do not divide',
      () => conv2d({ filters: 95, size: 3, groups: 2 }),
      ShapeError,
      'conv2d: filters must be divisible by groups = 2, got 95. Change one of the two.',
    ],
    [
      'channels and groups that do not divide',
      () => conv2d({ filters: 96, size: 3, groups: 2 }).outputShape([9, 9, 95]),
      ShapeError,
      "conv2d: the input's channels must be divisible by groups = 2, got 95. Change one of the two.",
    ],
    [
      'a window larger than its input',
      () => maxPool({ size: 9 }).outputShape([7, 7, 1]),
      ShapeError,
      'maxPool: the window must fit into the input, got a window of 9 pixels and an input of 7. Make the window smaller, pad more, or pool less before this layer.',
    ],
    [
      'a convolution of a vector',
      () => conv2d({ filters: 1, size: 1 }).outputShape([10]),
      ShapeError,
      'conv2d: the input must be a feature map, height × width × channels, got 10. Put conv2d before flatten.',
    ],
    [
      'a dense layer of a feature map',
      () => dense({ units: 5 }).outputShape([6, 6, 256]),
      ShapeError,
      'dense: the input must be a vector, got 6 × 6 × 256. Put flatten() before it.',
    ],
    [
      'half a filter',
      () => conv2d({ filters: 1.5, size: 3 }),
      OptionsError,
      'conv2d: filters must be an integer from 1 to 16777216, got 1.5.',
    ],
    [
      'a stride of zero',
      () => conv2d({ filters: 1, size: 3, stride: 0 }),
      OptionsError,
      'conv2d: stride must be an integer from 1 to 16777216, got 0.',
    ],
    [
      'an unknown side',
      () => conv2d({ filters: 1, size: 3, pad: { under: 1 } as never }),
      OptionsError,
      'conv2d: pad: unknown option "under". Known: top, right, bottom, left.',
    ],
    ['an even n', () => lrn({ n: 4 }), OptionsError, 'lrn: n must be odd, got 4. Use 3 or 5.'],
    [
      'an alpha that is no number',
      () => lrn({ alpha: NaN }),
      OptionsError,
      'lrn: alpha must be a finite number of at least 0, got NaN.',
    ],
    [
      'dropping everything',
      () => dropout({ rate: 1 }),
      OptionsError,
      'dropout: rate must be below 1, got 1. Use 0.5, as in the paper.',
    ],
    [
      'a border wider than half the window',
      () => maxPool({ size: 3, pad: 2 }),
      OptionsError,
      'maxPool: pad must be at most half of size = 3, got 2. A window would cover only border.',
    ],
    [
      'a border wider than half the window at its end',
      () => maxPool({ size: 3, pad: 1, overhang: 2 }),
      OptionsError,
      'maxPool: pad + overhang must be less than size = 3, got 3. A window would cover only border.',
    ],
    [
      'an empty network',
      () => sequential({}),
      OptionsError,
      'sequential: a network must have at least one layer, got none.',
    ],
    [
      'a number for a name',
      () => sequential({ 1: relu() }),
      OptionsError,
      'sequential: the name of a layer must start with a letter and contain only letters, digits, "_" and "-", got "1". Use "layer1", for example.',
    ],
    [
      'no input shape',
      () => sequential({ a: relu() }).outputShape(),
      ShapeError,
      'sequential: the shape of the input must be known. Pass it, or set inputShape.',
    ],
    [
      'an input of no pixels',
      () => sequential({ a: relu() }).outputShape([0, 2, 3]),
      ShapeError,
      'sequential: the sides of the input must be integers of at least 1, got 0 × 2 × 3.',
    ],
    [
      'a misfit within a network, by its layer',
      () => sequential({ fc: dense({ units: 2 }) }).outputShape([2, 2, 2]),
      ShapeError,
      'fc: dense: the input must be a vector, got 2 × 2 × 2. Put flatten() before it.',
    ],
    [
      'a seed that is no whole number',
      () => initialize({}, 0.5),
      OptionsError,
      'seed must be an integer, got 0.5. Use one such as 42.',
    ],
  ];
  for (const [name, act, kind, message] of cases) {
    it(name, () =>
      assert.throws(
        act,
        (error: unknown) =>
          (error instanceof kind && error.message === message) || assert.fail(String(error)),
      ),
    );
  }
});

describe('JSON', () => {
  it('every type of layer survives a round trip', () => {
    const layers = [
      conv2d({ filters: 4, size: 3, stride: 2, pad: { right: 3 }, groups: 2, bias: 1, std: 0.03 }),
      relu(),
      lrn({ n: 3, k: 1, alpha: 0.5, beta: 0.5 }),
      maxPool({ size: 3, stride: 2, pad: 1, overhang: 1 }),
      flatten(),
      dense({ units: 3, bias: 1 }),
      dropout({ rate: 0.2 }),
      softmax(),
      tanh(),
      sequential({ inner: relu() }),
    ];
    assert.deepEqual(layers.map(({ type }) => type).sort(), [...layerTypes].sort());
    for (const layer of layers) assert.ok(roundTrip(layer), layer.type);
  });

  it('networks and their blocks survive a round trip', () => {
    for (const net of [paperAlexNet(7, { inputSize: 224 }), caffeNet(), torchvisionAlexNet()])
      assert.ok(roundTrip(net));
    const nested = sequential(
      {
        block: sequential({ conv: conv2d({ filters: 2, size: 1 }), relu: relu() }),
        flatten: flatten(),
      },
      { inputShape: [4, 4, 3] },
    );
    const back = sequentialFromJSON(JSON.parse(JSON.stringify(nested)));
    assert.deepEqual(Object.keys(back.params()), ['block/conv/kernel', 'block/conv/bias']);
    assert.deepEqual([...back.outputShape()], [32]);
  });

  const refused: [string, unknown, string][] = [
    [
      'an unknown layer, with the nearest',
      { type: 'sequential', layers: [{ name: 'conv1', type: 'conv2D' }] },
      'conv1: "conv2D" is not a type of layer. Did you mean "conv2d"? Known: conv2d, relu, lrn, maxPool, flatten, dense, dropout, softmax, tanh, sequential.',
    ],
    [
      'an unknown option, with the nearest',
      { type: 'sequential', layers: [{ name: 'a', type: 'dense', unit: 5 }] },
      'a: dense: unknown option "unit". Did you mean "units"? Known: units, bias, std.',
    ],
    [
      'an option out of range, at its layer',
      { type: 'sequential', layers: [{ name: 'a', type: 'dense', units: -1 }] },
      'a: dense: units must be an integer from 1 to 16777216, got -1.',
    ],
    [
      'two layers of a name',
      {
        type: 'sequential',
        layers: [
          { name: 'a', type: 'relu' },
          { name: 'a', type: 'relu' },
        ],
      },
      'network: names of layers must be unique, got "a" twice.',
    ],
    [
      'a layer without a name',
      { type: 'sequential', layers: [{ type: 'relu' }] },
      'network: layer 1 must have a "name", got undefined.',
    ],
    [
      'a list',
      [],
      'network: a network must be { "type": "sequential", "layers": [ … ] }, got an array of length 0.',
    ],
    [
      'the name __proto__',
      { type: 'sequential', layers: [JSON.parse('{ "name": "__proto__", "type": "relu" }')] },
      'sequential: the name of a layer must start with a letter and contain only letters, digits, "_" and "-", got "__proto__". Use "layer__proto__", for example.',
    ],
    [
      'a constructor for a type',
      { type: 'sequential', layers: [{ name: 'a', type: 'constructor' }] },
      'a: "constructor" is not a type of layer. Known: conv2d, relu, lrn, maxPool, flatten, dense, dropout, softmax, tanh, sequential.',
    ],
  ];
  for (const [name, json, message] of refused)
    it(`rejects ${name}`, () =>
      assert.throws(() => sequentialFromJSON(json), { name: 'OptionsError', message }));
});

describe('initial values', () => {
  const specs = sequential({ fc: dense({ units: 300, bias: 1 }) }).params([300]);

  it('have the stated mean and standard deviation', () => {
    const weights = initialize(specs, 7).get('fc/kernel')!;
    const mean = weights.reduce((a, b) => a + b) / weights.length;
    const std = Math.sqrt(weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) / weights.length);
    assert.ok(Math.abs(mean) < (0.01 * 4) / Math.sqrt(weights.length), `mean ${mean}`); // four standard errors
    assert.ok(Math.abs(std - 0.01) < (0.01 * 4) / Math.sqrt(2 * weights.length), `std ${std}`);
    assert.deepEqual(new Set(initialize(specs, 7).get('fc/bias')), new Set([1]));
  });

  it('depend on the seed only', () => {
    const first = (seed: number) =>
      Array.from(initialize(specs, seed).get('fc/kernel')!.subarray(0, 5));
    assert.deepEqual(first(1), first(1));
    assert.notDeepEqual(first(1), first(2));
  });
});
