/** Outputs of every layer of the networks, compared with PyTorch. */
import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { caffeAlexNet, caffeNet, paperAlexNet, torchvisionAlexNet } from '../src/alexnet';
import { sizeOf } from '../src/layers/layer';
import type { Sequential } from '../src/layers/sequential';
import golden from './fixtures/golden.json';
import { expectNoLeak, onEveryBackend, onHalfFloats, type TestBackend } from './support/backends';
import { relativeError } from './support/close';
import { formula } from './support/formula';

interface Fingerprint {
  shape: number[];
  maxAbs: number;
  meanAbs: number;
  at: number[];
  values: number[];
}

interface Reference {
  input: string;
  inputShape: number[];
  inputScale: number;
  layers: Record<string, Fingerprint>;
  logitsAt0to31: number[][];
  top5: number[][];
}

interface Whole {
  net: Sequential;
  reference: Reference;
  /** Prefix of the weights' names in the formula. */
  prefix: string;
}

const paperSet = (net: Sequential, reference: Reference): Whole => ({ net, reference, prefix: '' });

const NETWORKS: Record<string, Whole> = {
  'paper, 227 pixels': paperSet(paperAlexNet(), golden.paper),
  'paper, 224 and 3 pixels': paperSet(paperAlexNet(1000, { inputSize: 224 }), golden.paper224),
  'paper, inputs of ±128': paperSet(paperAlexNet(), golden.paperPixels),
  bvlc_alexnet: paperSet(caffeAlexNet(), golden.caffe),
  bvlc_reference_caffenet: paperSet(caffeNet(), golden.caffenet),
  'torchvision alexnet': {
    net: torchvisionAlexNet(),
    reference: golden.oneWeirdTrick,
    prefix: 'owt.',
  },
};

/** He's uniform bound keeps activations of order one; biases are within ±0.1. */
function weightsOf(net: Sequential, prefix: string): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape }] of Object.entries(net.params())) {
    const [layer, param] = name.split('/');
    const bound = param === 'bias' ? 0.1 : Math.sqrt(6 / sizeOf(shape.slice(0, -1)));
    tensors[name] = tensor(
      formula(`${prefix}${layer}.${param === 'bias' ? 'b' : 'w'}`, sizeOf(shape), bound),
      [...shape],
    );
  }
  return tensors;
}

/** In the fixtures, the output of a layer is that after its ReLU. */
const behindRelu = ({ names, layers }: Sequential, name: string) => {
  const next = names[names.indexOf(name) + 1];
  return next !== undefined && layers[next]!.type === 'relu' ? next : name;
};

/** One pass, stopping after every layer that has a reference. */
async function checkNetwork(
  backend: TestBackend,
  { net, reference }: Whole,
  weights: Record<string, Tensor>,
) {
  let x = backend.on(() =>
    tensor(
      formula(reference.input, sizeOf(reference.inputShape), reference.inputScale),
      reference.inputShape,
    ),
  );
  let after: string | undefined;
  for (const [name, expected] of Object.entries(reference.layers)) {
    const upTo = behindRelu(net, name);
    const range = after === undefined ? { upTo } : { after, upTo };
    const input = x;
    x = backend.on(() => tidy(() => net.apply(input, weights, range)));
    if (x !== input) input.dispose();
    after = upTo;
    const all = await x.data();
    expect(x.shape).withContext(`${name}: shape`).toEqual(expected.shape);
    const probes = expected.at.map((index) => all[index]!);
    expect(relativeError(probes, expected.values, expected.maxAbs))
      .withContext(`${name}: 16 values`)
      .toBeLessThanOrEqual(backend.tolerance);
    const meanAbs =
      (all as Float32Array).reduce((sum, value) => sum + Math.abs(value), 0) / all.length;
    expect(Math.abs(meanAbs - expected.meanAbs) / expected.maxAbs)
      .withContext(`${name}: mean |x|`)
      .toBeLessThanOrEqual(backend.tolerance);
  }
  const logits = (await x.data()) as Float32Array;
  const classes = logits.length / reference.inputShape[0]!;
  reference.logitsAt0to31.forEach((row, picture) => {
    const own = logits.subarray(picture * classes, (picture + 1) * classes);
    const error = relativeError(own.subarray(0, 32), row, reference.layers.fc8!.maxAbs);
    expect(error)
      .withContext(`picture ${picture}: 32 logits`)
      .toBeLessThanOrEqual(backend.tolerance);
    const best = Array.from(own.keys()).sort((a, b) => own[b]! - own[a]!);
    if (backend.tolerance < 1e-3)
      expect(best.slice(0, 5))
        .withContext(`picture ${picture}: top 5`)
        .toEqual(reference.top5[picture]!);
    else
      expect(best[0]).withContext(`picture ${picture}: top 1`).toBe(reference.top5[picture]![0]!);
  });
  x.dispose();
}

function wholeNetworks(backend: TestBackend) {
  const cache = new Map<string, Record<string, Tensor>>();
  const weights = ({ net, prefix }: Whole) => {
    if (!cache.has(prefix)) {
      release(); // one set of 61 million weights at a time
      const params = backend.on(() => weightsOf(net, prefix));
      cache.set(prefix, { ...params, ...backend.on(() => net.constants(params)) });
    }
    return cache.get(prefix)!;
  };
  const release = () => {
    for (const tensors of cache.values()) Object.values(tensors).forEach((t) => t.dispose());
    cache.clear();
  };
  afterAll(release);

  for (const [name, whole] of Object.entries(NETWORKS)) {
    it(`${name}: matches PyTorch after every layer, and leaks no tensor`, async () => {
      const ready = weights(whole);
      await expectNoLeak(() => checkNetwork(backend, whole, ready));
    });
  }
}

onEveryBackend('whole networks', wholeNetworks);
onHalfFloats('whole networks', wholeNetworks);
