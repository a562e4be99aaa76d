/** From the graph of an ONNX file to a network of this library: a chain of convolutions, ReLU, LRN, pooling and dense layers. */
import { WeightsError, reasonOf } from '../../errors';
import { sequentialFromJSON } from '../../layers/fromJSON';
import type { Sequential } from '../../layers/sequential';
import { CAFFE_MEAN } from './caffe';
import type { Foreign } from './sourceModel';
import type { OnnxGraph, OnnxNode } from './onnxFile';
import { TORCHVISION_PREPROCESSING } from './torchvision';

export { readOnnx } from './onnxFile';

type LayerEntry = { name: string; type: string } & Record<string, unknown>;

/** An AlexNet has some twenty nodes. */
const MAX_LAYERS = 1000;

/** Ops that change nothing in a trained network. */
const NOTHING = ['Identity', 'Softmax'];

/** Walks the chain, and gathers layers and the names of their tensors. */
class Chain {
  readonly layers: LayerEntry[] = [];
  /** What the file calls our parameters. */
  readonly names = new Map<string, string>();
  /** Dense layers that the file keeps as `[in, out]`. */
  readonly inOut = new Set<string>();
  private readonly taken = new Set<string>();
  /** How many layers learn so far. */
  private learning = 0;

  constructor(
    private readonly graph: OnnxGraph,
    /** Of the picture or map, in pixels: where pooling rounds up, its border depends on it. */
    private side: number,
  ) {}

  /** Each node that takes what the one before it gave. */
  walk(): void {
    const walked = new Set<OnnxNode>();
    for (let value = this.graph.input.name; ;) {
      const takers = this.graph.nodes.filter(({ inputs }) => inputs.includes(value));
      if (takers.length === 0) return;
      if (takers.length > 1)
        throw new Error(`"${value}" goes to ${takers.length} nodes: this is no chain of layers`);
      const [node] = takers as [OnnxNode];
      if (walked.size >= MAX_LAYERS || walked.has(node))
        throw new Error(`it has more than ${MAX_LAYERS} nodes, or goes round in a circle`);
      walked.add(node);
      this.add(node, value);
      value = node.outputs[0] ?? '';
    }
  }

  private add(node: OnnxNode, value: string): void {
    switch (node.op) {
      case 'Conv':
        return this.conv(node);
      case 'Gemm':
      case 'MatMul':
        return this.dense(node);
      case 'Add':
        return this.bias(node, value);
      case 'Relu':
        return void this.push({ type: 'relu' }, 'relu');
      case 'LRN':
        return this.lrn(node);
      case 'MaxPool':
        return this.pool(node);
      case 'Flatten':
      case 'Reshape':
        if (!this.layers.some(({ type }) => type === 'flatten'))
          this.push({ type: 'flatten' }, 'flatten', '');
        return;
      case 'Dropout':
        return void this.push({ type: 'dropout', rate: number(node, 'ratio', 0.5) }, 'drop');
      case 'AveragePool':
        if (
          list(node, 'kernel_shape').every((side) => side === 1) &&
          list(node, 'strides', [1, 1]).every((step) => step === 1)
        )
          return;
        break;
      default:
        if (NOTHING.includes(node.op)) return;
    }
    throw new Error(`it has a node ${node.op}, which an AlexNet does not need`);
  }

  private push(
    layer: { type: string } & Record<string, unknown>,
    prefix: string,
    place: number | '' = this.learning,
  ): string {
    let name = `${prefix}${place}`;
    while (this.taken.has(name)) name += 'b';
    this.taken.add(name);
    this.layers.push({ name, ...layer });
    return name;
  }

  private shapeOf(name: string | undefined, axes: number): readonly number[] {
    const shape = this.graph.tensors.get(name ?? '')?.shape;
    if (!name || shape?.length !== axes)
      throw new Error(
        `its tensor "${name}" of ${axes} axes, the weights of a layer, is not in the file`,
      );
    return shape;
  }

  private conv(node: OnnxNode): void {
    const [filters, , size, width] = this.shapeOf(node.inputs[1], 4);
    const stride = square(node, 'strides', [1, 1]);
    if (size !== width) throw new Error(`its kernel "${node.inputs[1]}" is not square`);
    if (list(node, 'dilations', [1, 1]).some((step) => step !== 1))
      throw new Error('a convolution of it is dilated');
    const pad = pads(node);
    const layer = { type: 'conv2d', filters, size, stride, pad, groups: number(node, 'group', 1) };
    this.learning++;
    const name = this.push(layer, 'conv');
    this.side = Math.floor((this.side + pad.top + pad.bottom - size!) / stride) + 1;
    this.learns(name, node.inputs[1]!, node.inputs[2], filters!);
  }

  private dense(node: OnnxNode): void {
    const inOut = number(node, 'transB', 0) === 0;
    const shape = this.shapeOf(node.inputs[1], 2);
    const units = shape[inOut ? 1 : 0]!;
    if (
      number(node, 'transA', 0) !== 0 ||
      number(node, 'alpha', 1) !== 1 ||
      number(node, 'beta', 1) !== 1
    ) {
      throw new Error('a Gemm of it has transA, alpha or beta');
    }
    this.learning++;
    const name = this.push({ type: 'dense', units }, 'fc');
    if (inOut) this.inOut.add(name);
    this.learns(name, node.inputs[1]!, node.op === 'Gemm' ? node.inputs[2] : undefined, units);
  }

  /** Add behind MatMul is the bias of the layer. */
  private bias(node: OnnxNode, value: string): void {
    const last = this.layers.at(-1);
    const other = node.inputs.find((name) => name !== value);
    if (last?.type !== 'dense' || !this.graph.tensors.has(other ?? ''))
      throw new Error('it adds what is no bias');
    this.names.set(`${last.name}/bias`, other!);
  }

  private learns(layer: string, kernel: string, bias: string | undefined, width: number): void {
    const none = `(zeros for ${layer})`;
    if (!bias)
      this.graph.tensors.set(none, {
        dtype: 'F32',
        shape: [width],
        values: async () => new Float32Array(width),
      });
    this.names.set(`${layer}/kernel`, kernel);
    this.names.set(`${layer}/bias`, bias || none);
  }

  /** ONNX divides alpha by the size, as Caffe does. */
  private lrn(node: OnnxNode): void {
    const n = number(node, 'size', 5);
    this.push(
      {
        type: 'lrn',
        n,
        k: number(node, 'bias', 1),
        alpha: number(node, 'alpha', 1e-4) / n,
        beta: number(node, 'beta', 0.75),
      },
      'norm',
    );
  }

  private pool(node: OnnxNode): void {
    const size = square(node, 'kernel_shape');
    const stride = square(node, 'strides', [1, 1]);
    const pad = pads(node);
    const before = this.side;
    if (pad.top !== pad.left || pad.bottom !== pad.right || pad.bottom < pad.top)
      throw new Error('a pooling of it has other borders than ours');
    const round = number(node, 'ceil_mode', 0) === 1 ? Math.ceil : Math.floor;
    this.side = round((before + pad.top + pad.bottom - size) / stride) + 1;
    const overhang = Math.max(0, (this.side - 1) * stride + size - before - 2 * pad.top);
    this.push(
      { type: 'maxPool', size, stride, pad: pad.top, ...(overhang > 0 ? { overhang } : {}) },
      'pool',
    );
  }
}

const number = ({ attributes }: OnnxNode, name: string, otherwise: number): number => {
  const value = attributes.get(name);
  return typeof value === 'number' ? value : otherwise;
};

const list = (
  { attributes, op }: OnnxNode,
  name: string,
  otherwise?: readonly number[],
): readonly number[] => {
  const value = attributes.get(name) ?? otherwise;
  if (!Array.isArray(value)) throw new Error(`a ${op} of it has no ${name}`);
  return value as readonly number[];
};

function square(node: OnnxNode, name: string, otherwise?: readonly number[]): number {
  const [height, width] = list(node, name, otherwise);
  if (height === undefined || height !== width)
    throw new Error(`${name} of a ${node.op} of it are not square`);
  return height;
}

function pads(node: OnnxNode): { top: number; left: number; bottom: number; right: number } {
  const auto = node.attributes.get('auto_pad');
  if (auto !== undefined && auto !== 'NOTSET' && auto !== 'VALID')
    throw new Error(`a ${node.op} of it pads by ${JSON.stringify(auto)}`);
  const [top = 0, left = 0, bottom = 0, right = 0] = list(node, 'pads', [0, 0, 0, 0]);
  return { top, left, bottom, right };
}

/** What a set made of such a file says beside its tensors. */
export function onnx(where: string, graph: OnnxGraph, channels?: 'rgb' | 'bgr'): Foreign {
  const [, depth, side, width] = graph.input.shape;
  if (graph.input.shape.length !== 4 || depth !== 3 || !side || side !== width) {
    throw new WeightsError(where, [
      `takes ${graph.input.shape.map((each) => each || '?').join(' × ') || 'nothing'}, not n × 3 × side × side. Export it for pictures of one size.`,
    ]);
  }
  const chain = new Chain(graph, side);
  let net: Sequential;
  try {
    chain.walk();
    net = sequentialFromJSON({
      type: 'sequential',
      inputShape: [side, side, 3],
      layers: chain.layers,
    });
    if (net.outputShape().length !== 1)
      throw new Error('it does not end in a score for each class');
    net.params(); // shapes that do not fit each other come out here
  } catch (error) {
    throw new WeightsError(where, [`cannot be converted: ${reasonOf(error).replace(/\.$/, '')}.`], {
      cause: error,
    });
  }
  const place = (type: string) => chain.layers.findIndex((layer) => layer.type === type);
  const normalises = place('lrn') >= 0;
  const bgr = (channels ?? (normalises ? 'bgr' : 'rgb')) === 'bgr';
  const size = { resize: 256, crop: Math.min(side, 256), inputSize: side };
  return {
    net,
    variant: !normalises ? 'torchvision' : place('lrn') < place('maxPool') ? 'caffe' : 'caffenet',
    preprocessing: bgr ? { ...size, mean: CAFFE_MEAN } : { ...TORCHVISION_PREPROCESSING, ...size },
    nameOf: (parameter) => chain.names.get(parameter) ?? '(no tensor)',
    bgr,
    inOut: chain.inOut,
  };
}
