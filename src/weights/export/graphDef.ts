/** Builds a TensorFlow GraphDef of the layers, as the JSON that TensorFlow.js reads. */
import type { Sequential } from '../../layers/sequential';
import type { Padding } from '../../kernels/conv2d';
import type { Preprocessing } from '../format/preprocessing';
import type { KnownLayer, ChainedLayer } from './exportedLayers';

/** A constant that is not learned: a mean, a shape, an axis. */
export interface Constant {
  name: string;
  shape: readonly number[];
  values: Float32Array | Int32Array;
}

interface GraphNode {
  name: string;
  op: string;
  input?: readonly string[];
  attr: Readonly<Record<string, object>>;
}

const integer = (value: number) => ({ i: String(value) });
const list = (...values: readonly number[]) => ({ list: { i: values.map(String) } });
const text = (value: string) => ({ s: btoa(value) });
const type = (of: 'DT_FLOAT' | 'DT_INT32') => ({ type: of });
const FLOAT = { T: type('DT_FLOAT') };
const NHWC = { data_format: text('NHWC') };

/** Returns a shape with an open batch dimension. */
const withBatch = (shape: readonly number[]) => ({
  dim: [-1, ...shape].map((size) => ({ size: String(size) })),
});

/** The lowest finite float32. Padding with this value is never the maximum. */
const LOWEST = -3.4028234663852886e38;

/**
 * Returns the name in the graph of a layer or of one of its tensors. The prefix keeps it distinct
 * from the graph's inputs and outputs.
 */
export const inGraph = (name: string): string => `alexnet/${name}`;

/**
 * A graph with the input `input`, images `[n, height, width, channels]`, and the outputs `logits`
 * and `probabilities`.
 */
export class GraphDef {
  readonly constants: Constant[] = [];
  private readonly nodes: GraphNode[] = [];
  private last = 'input';

  constructor(
    private readonly net: Sequential,
    layers: readonly ChainedLayer[],
    { mean, std }: Preprocessing,
    /**
     * `pixels`: the graph normalizes its input. `perChannel`: kernels are quantized with a factor
     * for each output.
     */
    private readonly options: { pixels: boolean; perChannel: boolean },
  ) {
    this.nodes.push({
      name: 'input',
      op: 'Placeholder',
      attr: { dtype: type('DT_FLOAT'), shape: { shape: withBatch(net.inputShape!) } },
    });
    if (options.pixels) this.push('Sub', 'input/less_mean', FLOAT, this.floats('input/mean', mean));
    if (options.pixels && std)
      this.push('RealDiv', 'input/by_std', FLOAT, this.floats('input/std', std));
    for (const { name, layer, output } of layers) this.add(inGraph(name), layer, output);
    this.push('Identity', 'logits', FLOAT);
    this.push('Softmax', 'probabilities', FLOAT);
  }

  toJSON(): object {
    return { node: this.nodes, library: {}, versions: { producer: 987 } };
  }

  /** Returns the graph's inputs and outputs, by name. */
  signature(): object {
    const tensor = (name: string, shape: readonly number[]) => ({
      name: `${name}:0`,
      dtype: 'DT_FLOAT',
      tensorShape: withBatch(shape),
    });
    const scores = this.net.outputShape();
    return {
      inputs: { input: tensor('input', this.net.inputShape!) },
      outputs: { logits: tensor('logits', scores), probabilities: tensor('probabilities', scores) },
    };
  }

  /** Adds a node whose first input is the output of the node before it. */
  private push(
    op: string,
    name: string,
    attr: GraphNode['attr'],
    ...more: readonly string[]
  ): void {
    this.nodes.push({ name, op, input: [this.last, ...more], attr });
    this.last = name;
  }

  private constant(name: string, of: 'DT_FLOAT' | 'DT_INT32'): string {
    this.nodes.push({ name, op: 'Const', attr: { dtype: type(of) } });
    return name;
  }

  private floats(
    name: string,
    values: readonly number[],
    shape: readonly number[] = [values.length],
  ): string {
    this.constants.push({ name, shape, values: Float32Array.from(values) });
    return this.constant(name, 'DT_FLOAT');
  }

  private integers(
    name: string,
    values: readonly number[],
    shape: readonly number[] = [values.length],
  ): string {
    this.constants.push({ name, shape, values: Int32Array.from(values) });
    return this.constant(name, 'DT_INT32');
  }

  private add(name: string, layer: KnownLayer, output: readonly number[]): void {
    switch (layer.type) {
      case 'conv2d':
        this.convolve(name, layer);
        return this.scaleAndBias(name);
      case 'dense':
        this.push('MatMul', `${name}/product`, FLOAT, this.constant(`${name}/kernel`, 'DT_FLOAT'));
        return this.scaleAndBias(name);
      case 'maxPool':
        return this.pool(name, layer);
      case 'lrn': {
        const attr = {
          ...FLOAT,
          depth_radius: integer((layer.n - 1) / 2),
          bias: { f: layer.k },
          alpha: { f: layer.alpha },
          beta: { f: layer.beta },
        };
        return this.push('LRN', name, attr);
      }
      case 'flatten':
        return this.push('Reshape', name, FLOAT, this.integers(`${name}/shape`, [-1, ...output]));
      case 'relu':
        return this.push('Relu', name, FLOAT);
      case 'tanh':
        return this.push('Tanh', name, FLOAT);
      case 'softmax':
        return this.push('Softmax', name, FLOAT);
    }
  }

  private convolve(
    name: string,
    { stride, padding, groups }: KnownLayer & { type: 'conv2d' },
  ): void {
    const { top, bottom, left, right } = padding;
    const attr = {
      ...FLOAT,
      ...NHWC,
      strides: list(1, stride, stride, 1),
      dilations: list(1, 1, 1, 1),
      padding: text('EXPLICIT'),
      explicit_paddings: list(0, 0, top, bottom, left, right, 0, 0),
    };
    if (groups === 1)
      return this.push(
        'Conv2D',
        `${name}/product`,
        attr,
        this.constant(`${name}/kernel`, 'DT_FLOAT'),
      );
    const axis = this.integers(`${name}/axis`, [3], []);
    const split = `${name}/split`;
    this.nodes.push({
      name: split,
      op: 'Split',
      input: [axis, this.last],
      attr: { ...FLOAT, num_split: integer(groups) },
    });
    const parts = Array.from({ length: groups }, (_, group) => {
      this.last = group === 0 ? split : `${split}:${group}`;
      this.push(
        'Conv2D',
        `${name}/product/${group}`,
        attr,
        this.constant(`${name}/kernel/${group}`, 'DT_FLOAT'),
      );
      return this.last;
    });
    this.nodes.push({
      name: `${name}/product`,
      op: 'ConcatV2',
      input: [...parts, axis],
      attr: { ...FLOAT, N: integer(groups), Tidx: type('DT_INT32') },
    });
    this.last = `${name}/product`;
  }

  private scaleAndBias(name: string): void {
    if (this.options.perChannel)
      this.push('Mul', `${name}/scaled`, FLOAT, this.constant(`${name}/kernel/scale`, 'DT_FLOAT'));
    this.push('AddV2', name, FLOAT, this.constant(`${name}/bias`, 'DT_FLOAT'));
  }

  /** Pads the input explicitly first, because TensorFlow's pooling has no explicit padding. */
  private pool(name: string, { size, stride, padding }: KnownLayer & { type: 'maxPool' }): void {
    const { top, bottom, left, right } = padding as Padding;
    if (top + bottom + left + right > 0) {
      const borders = this.integers(
        `${name}/borders`,
        [0, 0, top, bottom, left, right, 0, 0],
        [4, 2],
      );
      this.push(
        'PadV2',
        `${name}/padded`,
        FLOAT,
        borders,
        this.floats(`${name}/lowest`, [LOWEST], []),
      );
    }
    this.push('MaxPool', name, {
      ...FLOAT,
      ...NHWC,
      ksize: list(1, size, size, 1),
      strides: list(1, stride, stride, 1),
      padding: text('VALID'),
    });
  }
}
