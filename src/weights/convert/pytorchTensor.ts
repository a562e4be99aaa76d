/** Reads the tensors of torch.save: views into storages, with any strides. */
import { sizeOf, type Shape } from '../../layers/layer';
import { DECODERS, bytesOfRows, type ByteSource, type Rows } from './fileReader';
import { isGlobal, isPersistent, type PickledCall, type Value } from './pickle';
import { isTensor } from './stateDict';

/** The .safetensors dtypes of PyTorch's storages. */
export const DTYPES: Record<string, string> = {
  FloatStorage: 'F32',
  DoubleStorage: 'F64',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  CharStorage: 'I8',
};
/** Integer types, used for batch counters and the like, never for weights. */
export const INTEGER_DTYPES: Record<string, string> = {
  ...{ LongStorage: 'I64', IntStorage: 'I32', ShortStorage: 'I16' },
  ...{ ByteStorage: 'U8', BoolStorage: 'BOOL' },
};

/** Limits the time spent on a long shape that many tensors share. */
const MAX_AXES = 8;

/** Returns the type and the key of `('storage', torch.FloatStorage, '0', 'cpu', 96)`. */
export function storageOf(value: Value | undefined): { type?: string; key?: string } {
  if (!isPersistent(value) || !Array.isArray(value.id)) return {};
  const [, type, key] = value.id as Value[];
  const name = isGlobal(type) ? /^torch(?:\.cuda)? (\w+)$/.exec(type.name)?.[1] : undefined;
  return {
    ...(name === undefined ? {} : { type: name }),
    ...(typeof key === 'string' ? { key } : {}),
  };
}

export const unsupported = (type: string): string =>
  `must be stored as one of ${Object.keys(DTYPES).join(', ')}, got ${type}.`;

/** A tensor: a view into a storage. */
export interface TensorView {
  dtype: string;
  storageKey: string;
  /** The index of its first value in the storage. */
  offset: number;
  shape: number[];
  stride: number[];
}

/** Returns the tensor of `_rebuild_tensor_v2(storage, offset, size, stride, …)`, or a problem. */
export function describeTensor(value: Value): TensorView | string {
  const tensor = unwrapped(value);
  if (!tensor) return 'must be a tensor.';
  if (/ _rebuild_(qtensor|sparse\w*|nested\w*)$/.test(tensor.name))
    return `must be a dense tensor of floating-point numbers, got ${tensor.name.split(' ')[1]!}. Save the float model.`;
  if (!/^torch\._utils _rebuild_tensor(_v2|_v3)?$/.test(tensor.name)) return 'must be a tensor.';
  const [storage, offset, shape, stride] = tensor.args;
  const isCount = (each: unknown): each is number =>
    Number.isSafeInteger(each) && (each as number) >= 0;
  const isCounts = (each: unknown): each is number[] =>
    Array.isArray(each) && each.length <= MAX_AXES && each.every(isCount);
  const { type, key } = storageOf(storage);
  if (
    type === undefined ||
    key === undefined ||
    !isCount(offset) ||
    !isCounts(shape) ||
    !isCounts(stride) ||
    stride.length !== shape.length
  ) {
    return 'must be described as torch.save does.';
  }
  const dtype = DTYPES[type] ?? INTEGER_DTYPES[type];
  if (!dtype) return unsupported(type);
  return { dtype, storageKey: key, offset, shape, stride };
}

/** Returns the tensor in a parameter or a tensor with attributes. */
function unwrapped(value: Value | undefined): PickledCall | undefined {
  let inner = value;
  for (let depth = 0; depth < 4; depth++) {
    if (!isTensor(inner)) return undefined;
    if (/ _rebuild_parameter(_with_state)?$/.test(inner.name)) inner = inner.args[0];
    else if (inner.name === 'torch._tensor _rebuild_from_type_v2') {
      const [rebuild, , args] = inner.args; // (function, type, arguments, state)
      if (!isGlobal(rebuild) || !Array.isArray(args)) return undefined;
      inner = { kind: 'call', name: rebuild.name, args: args as readonly Value[] };
    } else return inner;
  }
  return undefined;
}

export function isContiguous({ shape, stride }: TensorView): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}

/** Returns the number of values of the storage from the first value of a view to its last. */
export function extentOf({ shape, stride }: Pick<TensorView, 'shape' | 'stride'>): number {
  return sizeOf(shape) === 0
    ? 0
    : shape.reduce((sum, side, axis) => sum + (side - 1) * stride[axis]!, 1);
}

/** Reads a view, or some rows of it, in the order of its axes. */
export async function readView(
  view: TensorView,
  storage: ByteSource,
  rows?: Rows,
): Promise<Float32Array | Int8Array> {
  const { dtype, offset, shape, stride } = view;
  const { bytes: width, decode } = DECODERS[dtype]!;
  const first = offset * width;
  if (isContiguous(view)) {
    const { start, end } = bytesOfRows(shape, width, rows);
    return decode(await storage.read(first + start, first + end));
  }
  const { start, end } = rows ?? { start: 0, end: shape[0]! };
  const part = { shape: [end - start, ...shape.slice(1)], stride };
  const from = first + start * stride[0]! * width;
  const stored = decode(await storage.read(from, from + extentOf(part) * width));
  return gather(stored, part.shape, stride);
}

/** Returns the values of a view with any strides, in the order of its axes. */
function gather(
  stored: Float32Array | Int8Array,
  shape: Shape,
  stride: readonly number[],
): Float32Array | Int8Array {
  const Values = stored instanceof Float32Array ? Float32Array : Int8Array;
  const values = new Values(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let at = 0, from = 0; at < values.length; at++) {
    values[at] = stored[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return values;
}
