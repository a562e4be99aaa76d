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

  it('reads tensors in a file of the same folder', async () => {
    const values = new Uint8Array(8 + 4 * (KERNEL.length + MATRIX.length));
    values.set(new Uint8Array(KERNEL.buffer), 8);
    values.set(new Uint8Array(MATRIX.buffer), 8 + 4 * KERNEL.length);
    const made = model();
    const [kernel, matrix] = [made.tensors.kernel!, made.tensors.matrix!];
    const tensors = {
      ...made.tensors,
      kernel: { ...kernel, external: { location: 'x.onnx.data', offset: '8', length: '24' } },
      matrix: { ...matrix, external: { location: 'x.onnx.data', offset: '32' } },
    };
    const file = partsOf('x.onnx', onnxModel({ ...made, tensors }));
    const asked: string[] = [];
    const sibling = async (name: string) => {
      asked.push(name);
      return partsOf(name, values);
    };
    const converted = await convert({ ...file, sibling });
    assert.ok(relativeError(await logitsOf(converted, 1, false), byHand()) < 1e-5);
    assert.deepEqual(asked, ['x.onnx.data']);
    await assert.rejects(
      convert({ ...file, sibling: async () => undefined }),
      /^WeightsError: x\.onnx: must have x\.onnx\.data in the same folder, since its tensors are in that file/,
    );
    await assert.rejects(
      convert({ ...file, sibling: async (name) => partsOf(name, values.subarray(1)) }),
      /matrix: x\.onnx\.data must have at least 416 bytes, got 415\. Is the file truncated\?$/,
    );
  });

  it('rejects external tensors elsewhere, and does not look for their file', async () => {
    const outside = (location: string) => (made: OnnxToWrite) => ({
      ...made,
      tensors: {
        ...made.tensors,
        kernel: { dims: [2, 3, 1, 1], values: [], external: { location } },
      },
    });
    assert.match(
      await refusal(outside('../../secret')),
      /^x\.onnx: must contain its tensors, got external data\. Export it as one file: torch\.onnx\.export\(…, external_data=False\)/,
    );
    for (const location of ['../../secret', '/etc/passwd', 'C:\\secret', '..', '']) {
      const file = partsOf('x.onnx', onnxModel(outside(location)(model())));
      const sibling = async (name: string): Promise<never> => assert.fail(`${name} was opened`);
      await assert.rejects(
        convert({ ...file, sibling }),
        /kernel: external data must be in a file in the same folder, got "/,
      );
    }
  });
});

describe('readOnnx: what exporters add', () => {
  it('skips the shape of a dynamic batch, casts of floats, and a final LogSoftmax or Softmax', async () => {
    for (const last of ['LogSoftmax', 'Softmax']) {
      const made = model();
      const [conv, , matmul, add] = made.nodes as [Node, Node, Node, Node];
      const cast = (input: string, output: string, to = 1) => ({
        ...{ op: 'Cast', input: [input], output },
        attribute: [{ name: 'to', i: to }],
      });
      const nodes = [
        cast('x', 'half', 10),
        cast('half', 'float'),
        { ...conv, input: ['float', 'kernel'] },
        { op: 'Shape', input: ['a'], output: 's' },
        { op: 'Gather', input: ['s', 'index'], output: 'n' },
        { op: 'Unsqueeze', input: ['n'], output: 'u' },
        { op: 'Concat', input: ['u', 'rest'], output: 'shape' },
        { op: 'Reshape', input: ['a', 'shape'], output: 'b' },
        matmul,
        add,
        { op: last, input: ['d'], output: 'e' },
        cast('e', 'f'),
      ];
      const converted = await convert(partsOf('x.onnx', onnxModel({ ...made, nodes })));
      assert.ok(relativeError(await logitsOf(converted, 1, false), byHand()) < 1e-5);
    }
  });

  it('moves the normalization of the input into the preprocessing', async () => {
    const made = model();
    const [conv, ...rest] = made.nodes;
    const mean = { dims: [1, 3, 1, 1], values: [0.5, 0.25, 0.75] };
    const std = { dims: [3, 1, 1], values: [0.5, 0.25, 0.125] };
    const nodes = [
      { op: 'Sub', input: ['x', 'mean'], output: 'y' },
      { op: 'Div', input: ['y', 'std'], output: 'z' },
      { ...conv!, input: ['z', 'kernel'] },
      ...rest,
    ];
    const notes: string[] = [];
    const file = partsOf(
      'x.onnx',
      onnxModel({ ...made, nodes, tensors: { ...made.tensors, mean, std } }),
    );
    const converted = await convert(file, { onNote: (note) => notes.push(note) });
    assert.deepEqual(converted.facts.preprocessing.mean, [127.5, 63.75, 191.25]);
    assert.deepEqual(converted.facts.preprocessing.std, [127.5, 63.75, 31.875]);
    assert.equal(
      notes[0],
      'The graph subtracts 0.5000, 0.2500, 0.7500 from its input and divides by 0.5000, 0.2500, 0.1250. Assuming an input from 0 to 1; the preprocessing of the set does the same.',
    );
    assert.ok(relativeError(await logitsOf(converted, 1, false), byHand()) < 1e-5);
    await assert.rejects(
      convert(file, { mean: [1, 2, 3] }),
      /subtracts a mean of its own\. Leave out mean/,
    );

    const levels = { dims: [], values: [1 / 255] };
    const scaled = [{ op: 'Mul', input: ['levels', 'x'], output: 'z' }, nodes[2]!, ...rest];
    const { facts } = await convert(
      partsOf(
        'x.onnx',
        onnxModel({ ...made, nodes: scaled, tensors: { ...made.tensors, levels } }),
      ),
    );
    assert.deepEqual(
      facts.preprocessing.mean.map((each) => each + 0),
      [0, 0, 0],
    );
    assert.ok(facts.preprocessing.std!.every((each) => Math.abs(each - 255) < 1e-4));
  });

  it('folds batch normalization after a convolution, and rejects it elsewhere', async () => {
    const made = model();
    const [conv, flatten, matmul, add] = made.nodes as [Node, Node, Node, Node];
    const factors = [2, -0.5];
    const variance = factors.map((factor) => 1 / factor ** 2 - 0.01);
    const tensors = {
      ...made.tensors,
      // undoes what is done to the kernel: (0 · x + 1) · factor …
      kernel: {
        ...made.tensors.kernel!,
        values: KERNEL.map((value, i) => value / factors[Math.floor(i / 3)]!),
      },
      scale: { dims: [2], values: [1, -1] },
      shift: { dims: [2], values: [1, 2] },
      mean: { dims: [2], values: [0.5, -4] },
      variance: { dims: [2], values: variance },
    };
    const normed = {
      ...{ op: 'BatchNormalization', output: 'a' },
      input: ['c0', 'scale', 'shift', 'mean', 'variance'],
      attribute: [{ name: 'epsilon', f: 0.01 }],
    };
    const nodes = [{ ...conv, output: 'c0' }, normed, flatten, matmul, add];
    const converted = await convert(partsOf('x.onnx', onnxModel({ ...made, nodes, tensors })));
    // (value − mean) · factor + shift is value + 0 for both filters
    assert.ok(relativeError(await logitsOf(converted, 1, false), byHand()) < 1e-5);
    const relu = { op: 'Relu', input: ['c0'], output: 'r' };
    const after = { ...normed, input: ['r', ...normed.input.slice(1)] };
    assert.match(
      await refusal((each) => ({
        ...each,
        tensors,
        nodes: [nodes[0]!, relu, after, flatten, matmul, add],
      })),
      /BatchNormalization must come directly after a convolution or a dense layer, to be folded into it, got it after relu1\.$/,
    );
  });

  it('rejects quantized graphs, and a softmax that is not the last layer', async () => {
    const made = model();
    for (const op of [
      'DynamicQuantizeLinear',
      'QuantizeLinear',
      'DequantizeLinear', // alone if only the weights are quantized
      'QLinearConv',
      'QGemm',
      'ConvInteger',
      'MatMulInteger',
      'MatMulNBits',
    ]) {
      const message = await refusal(() => ({
        ...made,
        nodes: [{ op, input: ['x'], output: 'q' }, ...made.nodes],
      }));
      assert.ok(
        message.startsWith(
          `x.onnx: is quantized (${op}). Convert the float model that it was made from`,
        ),
        message,
      );
    }
    const [conv, ...rest] = made.nodes;
    const softmax = { op: 'Softmax', input: ['a'], output: 'a2' };
    assert.match(
      await refusal(() => ({
        ...made,
        nodes: [conv!, softmax, { ...rest[0]!, input: ['a2'] }, ...rest.slice(1)],
      })),
      /Softmax must be the last layer, got Flatten after it\.$/,
    );
    assert.match(
      await refusal((each) => ({ ...each, input: [1, 1, 4, 4] })),
      /input must have the 3 channels red, green and blue, got 1\. A network for gray images/,
    );
  });
});

type Node = OnnxToWrite['nodes'][number];
