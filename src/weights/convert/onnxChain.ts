/** OnnxChain: the layers of an ONNX graph, which must be a chain from the input to the output. */
import type { BatchNorm } from './sourceModel';
import type { OnnxGraph, OnnxNode } from './onnxFile';

type NamedLayer = { name: string; type: string } & Record<string, unknown>;

/** AlexNet has about twenty nodes. */
const MAX_NODES = 1000;

/** Ops that read the shape of a tensor, to compute that of a Reshape. */
const SHAPE_OPS: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** TensorProto.DataType of floats: float, float16, double, bfloat16. */
const FLOATS: readonly number[] = [1, 10, 11, 16];

/** An operation on the input before the first layer. */
export interface InputOperation {
  op: 'Add' | 'Sub' | 'Mul' | 'Div';
  /** The tensor of the other operand. */
  constant: string;
}

/** Walks the chain of nodes, collecting layers and the names of their tensors. */
export class OnnxChain {
  readonly layers: NamedLayer[] = [];
  /** The name in the file of each parameter of the network. */
  readonly names = new Map<string, string>();
  /** Dense layers that the file stores as `[in, out]`. */
  readonly inOut = new Set<string>();
  /** Batch normalization that directly follows a layer, by layer. */
  readonly batchNorms = new Map<string, BatchNorm>();
  /** The operations on the input before the first layer. */
  readonly inputOperations: InputOperation[] = [];
  /** The Softmax at the end. */
  private last: string | undefined;
  private readonly usedNames = new Set<string>();
  /** The number of layers with weights so far. */
  private trainable = 0;

  constructor(
    private readonly graph: OnnxGraph,
    /**
     * Side of the current feature map, in pixels; the padding of rounded-up pooling depends on it.
     */
    private side: number,
  ) {}

  /** Follows the values from the input to the output. */
  walk(): void {
    const walked = new Set<OnnxNode>();
    for (let value = this.graph.input.name; ;) {
      const consumers = this.graph.nodes.filter(
        ({ inputs, op }) => inputs.includes(value) && !SHAPE_OPS.has(op),
      );
      if (consumers.length === 0) return;
      if (consumers.length > 1)
        throw new Error(
          `it must be a chain of layers, got "${value}" as the input of ${consumers.length} nodes`,
        );
      const [node] = consumers as [OnnxNode];
      if (walked.size >= MAX_NODES || walked.has(node))
        throw new Error(`it must be a chain of at most ${MAX_NODES} nodes without cycles`);
      walked.add(node);
      this.add(node, value);
      value = node.outputs[0] ?? '';
    }
  }

  private add(node: OnnxNode, value: string): void {
    if (node.op === 'Identity' || this.isFloatCast(node)) return;
    if (this.last !== undefined)
      throw new Error(`${this.last} must be the last layer, got ${node.op} after it`);
    if (this.layers.length === 0 && this.addInputOperation(node, value)) return;
    switch (node.op) {
      case 'Softmax':
      case 'LogSoftmax':
        this.last = node.op; // has no effect on the order of the scores; load() applies its own
        return;
      case 'BatchNormalization':
        return this.batchNorm(node);
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
    }
    throw new Error(`it must have only operators of AlexNet, got ${node.op}`);
  }

  private push(
    layer: { type: string } & Record<string, unknown>,
    prefix: string,
    suffix: number | '' = this.trainable,
  ): string {
    let name = `${prefix}${suffix}`;
    while (this.usedNames.has(name)) name += 'b';
    this.usedNames.add(name);
    this.layers.push({ name, ...layer });
    return name;
  }

  private shapeOf(name: string | undefined, axes: number): readonly number[] {
    const shape = this.graph.tensors.get(name ?? '')?.shape;
    if (!name || shape?.length !== axes)
      throw new Error(`the file must contain the weights "${name}" with ${axes} axes`);
    return shape;
  }

  private conv(node: OnnxNode): void {
    const [filters, , size, width] = this.shapeOf(node.inputs[1], 4);
    const stride = square(node, 'strides', [1, 1]);
    if (size !== width)
      throw new Error(`kernels must be square, got "${node.inputs[1]}" of ${size} × ${width}`);
    if (list(node, 'dilations', [1, 1]).some((step) => step !== 1))
      throw new Error('convolutions must not be dilated');
    const pad = pads(node);
    const layer = { type: 'conv2d', filters, size, stride, pad, groups: number(node, 'group', 1) };
    this.trainable++;
    const name = this.push(layer, 'conv');
    this.side = Math.floor((this.side + pad.top + pad.bottom - size!) / stride) + 1;
    this.addParams(name, node.inputs[1]!, node.inputs[2], filters!);
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
      throw new Error('Gemm must not have transA, alpha or beta');
    }
    this.trainable++;
    const name = this.push({ type: 'dense', units }, 'fc');
    if (inOut) this.inOut.add(name);
    this.addParams(name, node.inputs[1]!, node.op === 'Gemm' ? node.inputs[2] : undefined, units);
  }

  /** Float16 models convert their input and output. */
  private isFloatCast(node: OnnxNode): boolean {
    return node.op === 'Cast' && FLOATS.includes(number(node, 'to', 0));
  }

  /** Collects the normalization of the input with constants. */
  private addInputOperation({ op, inputs }: OnnxNode, value: string): boolean {
    if (op !== 'Add' && op !== 'Sub' && op !== 'Mul' && op !== 'Div') return false;
    const constant = inputs[inputs[0] === value ? 1 : 0];
    const inOrder = inputs[0] === value || op === 'Add' || op === 'Mul';
    if (!inOrder || constant === undefined || !this.graph.tensors.has(constant))
      throw new Error(`${op} before the first layer must be with a constant`);
    this.inputOperations.push({ op, constant });
    return true;
  }

  private batchNorm(node: OnnxNode): void {
    const last = this.layers.at(-1);
    if ((last?.type !== 'conv2d' && last?.type !== 'dense') || this.batchNorms.has(last.name)) {
      throw new Error(
        `BatchNormalization must come directly after a convolution or a dense layer, to be folded into it, got it after ${last?.name ?? 'the input'}`,
      );
    }
    const [, factor, shift, mean, variance] = node.inputs;
    if (number(node, 'training_mode', 0) !== 0 || mean === undefined || variance === undefined)
      throw new Error('BatchNormalization must be exported for inference, after model.eval()');
    const epsilon = number(node, 'epsilon', 1e-5);
    this.batchNorms.set(last.name, { factor, shift, mean, variance, epsilon });
  }

  /** An Add after a MatMul adds the layer's bias. */
  private bias(node: OnnxNode, value: string): void {
    const last = this.layers.at(-1);
    const other = node.inputs.find((name) => name !== value);
    if (last?.type !== 'dense' || !this.graph.tensors.has(other ?? ''))
      throw new Error('Add must add the bias of a dense layer');
    this.names.set(`${last.name}/bias`, other!);
  }

  private addParams(layer: string, kernel: string, bias: string | undefined, width: number): void {
    const zeros = `(zeros for ${layer})`;
    if (!bias)
      this.graph.tensors.set(zeros, {
        dtype: 'F32',
        shape: [width],
        values: async () => new Float32Array(width),
      });
    this.names.set(`${layer}/kernel`, kernel);
    this.names.set(`${layer}/bias`, bias || zeros);
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
      throw new Error(
        'pooling must have equal padding on all sides, or more at the bottom and right',
      );
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
  if (!Array.isArray(value)) throw new Error(`${op} must have ${name}`);
  return value as readonly number[];
};

function square(node: OnnxNode, name: string, otherwise?: readonly number[]): number {
  const [height, width] = list(node, name, otherwise);
  if (height === undefined || height !== width)
    throw new Error(`${name} of ${node.op} must be square`);
  return height;
}

function pads(node: OnnxNode): { top: number; left: number; bottom: number; right: number } {
  const auto = node.attributes.get('auto_pad');
  if (auto !== undefined && auto !== 'NOTSET' && auto !== 'VALID')
    throw new Error(`auto_pad of ${node.op} must be NOTSET or VALID, got ${JSON.stringify(auto)}`);
  const [top = 0, left = 0, bottom = 0, right = 0] = list(node, 'pads', [0, 0, 0, 0]);
  return { top, left, bottom, right };
}
