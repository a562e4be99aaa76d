/**
 * ONNX graphs that the tools' own files do not contain: equivalent forms, and unsupported ones.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logitsOf, partsOf, relativeError } from '../../../test/support/convertedSet';
import { formula } from '../../../test/support/formula';
import { onnxModel, type OnnxToWrite } from '../../../test/support/onnxModel';
import { convert } from './convert';

const KERNEL = formula('onnx.conv', 2 * 3, 1);
const MATRIX = formula('onnx.matrix', 32 * 3, 1);
const BIAS = [0.5, -1, 2];

/** 3 × 4 × 4 → Conv 1 × 1 without bias → Flatten → MatMul, Add. Computed by hand below. */
const model = (): OnnxToWrite => ({
  input: [1, 3, 4, 4],
  nodes: [
    { op: 'Conv', input: ['x', 'kernel'], output: 'a' },
    { op: 'Flatten', input: ['a'], output: 'b' },
    { op: 'MatMul', input: ['b', 'matrix'], output: 'c' },
    { op: 'Add', input: ['bias', 'c'], output: 'd' },
  ],
  tensors: {
    kernel: { dims: [2, 3, 1, 1], values: KERNEL },
    matrix: { dims: [32, 3], values: MATRIX },
    bias: { dims: [3], values: BIAS },
  },
});

function byHand(): number[][] {
  const x = formula('converters.4', 2 * 3 * 16, 1);
  return [0, 1].map((picture) =>
    BIAS.map((bias, unit) => {
      let sum = bias;
      for (let filter = 0; filter < 2; filter++) {
        for (let i = 0; i < 16; i++) {
          let value = 0;
          for (let channel = 0; channel < 3; channel++)
            value += KERNEL[filter * 3 + channel]! * x[(picture * 3 + channel) * 16 + i]!;
          sum += value * MATRIX[(filter * 16 + i) * 3 + unit]!;
        }
      }
      return sum;
    }),
  );
}

const refusal = (change: (made: OnnxToWrite) => OnnxToWrite) =>
  convert(partsOf('x.onnx', onnxModel(change(model())))).then(
    () => '',
    (error: Error) => error.message,
  );

describe('readOnnx', () => {
  it('reads MatMul and Add as a dense layer [in, out], and a missing bias as zeros', async () => {
    const converted = await convert(partsOf('x.onnx', onnxModel(model())));
    assert.ok(relativeError(await logitsOf(converted, 1, false), byHand()) < 1e-5);
  });

  it('rounds up with ceil_mode', async () => {
    const pooled = model();
    const ceil = [
      { name: 'kernel_shape', ints: [3, 3] },
      { name: 'strides', ints: [2, 2] },
      { name: 'ceil_mode', i: 1 },
    ];
    const nodes = [
      pooled.nodes[0]!,
      { op: 'MaxPool', input: ['a'], output: 'p', attribute: ceil },
      { ...pooled.nodes[1]!, input: ['p'] },
      ...pooled.nodes.slice(2),
    ];
    const tensors = { ...pooled.tensors, matrix: { dims: [8, 3], values: MATRIX.slice(0, 24) } };
    const { facts } = await convert(partsOf('x.onnx', onnxModel({ ...pooled, nodes, tensors })));
    const pool = (facts.network.layers as { type: string }[]).find(
      ({ type }) => type === 'maxPool',
    );
    assert.deepEqual(pool, {
      name: 'pool1',
      type: 'maxPool',
      size: 3,
      stride: 2,
      pad: 0,
      overhang: 1,
    }); // 4 → 2, not 1
  });

  it('rejects a graph that is not a chain of known layers', async () => {
    const [conv, ...rest] = model().nodes;
    const swapped =
      (op: string, attribute: object[] = []) =>
      (made: OnnxToWrite) => ({ ...made, nodes: [{ ...conv!, op, attribute }, ...rest] });
    assert.equal(
      await refusal(swapped('ConvTranspose')),
      'x.onnx: cannot be converted: it must have only operators of AlexNet, got ConvTranspose.',
    );
    assert.match(
      await refusal(swapped('Conv', [{ name: 'dilations', ints: [2, 2] }])),
      /convolutions must not be dilated\.$/,
    );
    assert.match(
      await refusal(swapped('Conv', [{ name: 'auto_pad', s: Buffer.from('SAME_UPPER') }])),
      /auto_pad of Conv must be NOTSET or VALID, got "SAME_UPPER"\.$/,
    );
    assert.match(
      await refusal(swapped('Conv', [{ name: 'group', i: 2 }])),
      /conv1: conv2d: the input's channels must be divisible by groups = 2, got 3/,
    );
    assert.match(
      await refusal((made) => ({
        ...made,
        nodes: [...made.nodes, { op: 'Relu', input: ['b'], output: 'e' }],
      })),
      /it must be a chain of layers, got "b" as the input of 2 nodes\.$/,
    );
    assert.match(
      await refusal((made) => ({ ...made, input: ['batch', 3, 'height', 'width'] })),
      /input must be n × 3 × side × side, got \? × 3 × \? × \?/,
    );
    assert.match(
      await refusal(({ tensors: { matrix: _, ...tensors }, ...made }) => ({ ...made, tensors })),
      /the file must contain the weights "matrix" with 2 axes\.$/,
    );
    assert.match(
      await refusal((made) => ({
        ...made,
        tensors: { ...made.tensors, matrix: { dims: [31, 3], values: MATRIX.slice(0, 93) } },
      })),
      /matrix: shape must be 32 × 3 for fc2\/kernel, got 31 × 3\.$/,
    );
    assert.match(
      await refusal((made) => ({ ...made, nodes: [{ ...conv!, output: 'x' }] })),
      /must be a chain of at most 1000 nodes without cycles\.$/,
    );
  });

  it('rejects external tensors, and does not look for their file', async () => {
    const external = { dims: [2, 3, 1, 1], values: [], external: true };
    assert.match(
      await refusal((made) => ({ ...made, tensors: { ...made.tensors, kernel: external } })),
      /^x\.onnx: must contain its tensors, got external data\. Export it as one file: torch\.onnx\.export\(…, external_data=False\)/,
    );
  });
});
