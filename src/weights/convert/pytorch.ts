/** Reads files of torch.save: a pickle, which is not executed, and the storages of its tensors. */
import { unzipRaw, type ZipEntry } from 'unzipit';
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf, type Shape } from '../../layers/layer';
import {
  DECODERS,
  bytesOfRows,
  type ByteSource,
  type FileParts,
  type FileTensor,
  type Rows,
} from './fileReader';
import { findStateDict, isTensor, pickledModule } from './stateDict';
import {
  isCall,
  isGlobal,
  isPersistent,
  printable,
  readPickle,
  readPickleAt,
  type PickledCall,
  type Value,
} from './pickle';

/** The .safetensors dtypes of PyTorch's storages. */
const TYPES: Record<string, string> = {
  FloatStorage: 'F32',
  DoubleStorage: 'F64',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  CharStorage: 'I8',
};
/** Integer types, used for batch counters and the like, never for weights. */
const INTEGERS: Record<string, string> = {
  ...{ LongStorage: 'I64', IntStorage: 'I32', ShortStorage: 'I16' },
  ...{ ByteStorage: 'U8', BoolStorage: 'BOOL' },
};

/** The pickle of a state dict has a few kB, that of a checkpoint with its optimizer about ten. */
const MAX_PICKLE_BYTES = 1024 * 1024;
/** Limits the time spent on a long shape that many tensors share. */
const MAX_AXES = 8;
/** The maximum number of reported problems. */
const MAX_PROBLEMS = 20;
/** The central directory of a zip with one storage per tensor has a few kB. */
const MAX_DIRECTORY_BYTES = 1024 * 1024;
/** AlexNet has 16 storages, ResNet-152 about 900. */
const MAX_STORAGES = 20_000;
/** The start of files written by torch.save before 1.6: a pickled number. */
const LEGACY_MAGIC = [
  0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
];

type Refuse = (...problems: string[]) => WeightsError;

/** The parts of a file of torch.save. */
interface Archive {
  root: Value;
  /** Returns a tensor's storage, and its name for error messages. */
  storage(key: string): { where: string; source: ByteSource | undefined };
}

/**
 * Reads the state dict of a `.pth`, `.pt` or `.ckpt` file, whatever key it is stored under. Returns
 * its tensors by name; they are read on demand. Supports the zip of PyTorch 1.6 and the older
 * format.
 *
 * @param onNote is called with the key of the state dict
 * @throws WeightsError if the file has another format, is truncated or compressed, imports code, or
 * has inconsistent tensors.
 */
export async function readPyTorch(
  file: FileParts,
  onNote: (note: string) => void = () => {},
): Promise<Map<string, FileTensor>> {
  const refuse: Refuse = (...problems) => new WeightsError(file.name, problems);
  const { root, storage } = (await isLegacy(file))
    ? await readLegacy(file, refuse)
    : await readZip(file, refuse);
  const dict = findStateDict(root);
  if (!dict) {
    const module = pickledModule(root);
    throw refuse(
      module === undefined
        ? 'must contain a state dict. Save model.state_dict(), not the model.'
        : `is a pickled module (${printable(module)}), whose code would have to run. Save model.state_dict() instead: torch.save(torch.load(path, weights_only=False).state_dict(), new_path).`,
    );
  }
  if (dict.path.length > 0) onNote(`Read the state dict under "${dict.path.join('.')}".`);
  if (dict.alternatives.length > 0)
    onNote(`Left out other state dicts: ${dict.alternatives.join(', ')}.`);

  const tensors = new Map<string, FileTensor>();
  const problems: string[] = [];
  const wrapped = dict.tensors.every(
    ([name]) => typeof name === 'string' && name.startsWith('module.'),
  ); // by DataParallel
  for (const [key, value] of dict.tensors) {
    if (problems.length >= MAX_PROBLEMS) break;
    if (typeof key !== 'string') {
      problems.push('every tensor of the state dict must have a name.');
      continue;
    }
    const name = wrapped ? key.slice('module.'.length) : key;
    const described = describeTensor(value);
    if (typeof described === 'string') {
      problems.push(`${name}: ${described}`);
      continue;
    }
    const { dtype, storageKey, shape } = described;
    const decoder = DECODERS[dtype];
    if (!decoder) {
      const values = async () => {
        throw refuse(`${name}: ${unsupported(dtype)}`);
      };
      tensors.set(name, { dtype, shape, values });
      continue;
    }
    const { where, source } = storage(storageKey);
    const needed = (described.offset + extentOf(described)) * decoder.bytes;
    if (!source) problems.push(`${name}: the file must contain its storage ${where}.`);
    else if (source.size < needed)
      problems.push(`${name}: ${where} must have at least ${needed} bytes, got ${source.size}.`);
    else if (!isContiguous(described) && sizeOf(shape) * decoder.bytes > source.size)
      problems.push(`${name}: must be contiguous. Save it after .contiguous().`); // expanded
    else tensors.set(name, { dtype, shape, values: (rows) => read(described, source, rows) });
  }
  if (problems.length > 0) throw refuse(...problems);
  if (wrapped) onNote('Removed "module." from the names of the tensors.');
  return tensors;
}

/** Whether a file was written by torch.save before PyTorch 1.6. */
async function isLegacy(file: FileParts): Promise<boolean> {
  const magic = await file.read(0, Math.min(4, file.size));
  return LEGACY_MAGIC.slice(0, 4).every((byte, i) => magic[i] === byte);
}

/** Reads the zip of PyTorch 1.6 and later: data.pkl, and a file per storage. */
async function readZip(file: FileParts, refuse: Refuse): Promise<Archive> {
  const entries = new Map<string, ZipEntry>();
  try {
    let limit = MAX_DIRECTORY_BYTES; // until the central directory is read, whose size may be forged
    const zip = await unzipRaw({
      getLength: async () => file.size,
      async read(offset, length) {
        if (length > limit)
          throw new Error(`its central directory must have at most ${limit} bytes, got ${length}`);
        return (await file.read(offset, offset + length)) as Uint8Array<ArrayBuffer>;
      },
    });
    limit = file.size;
    for (const entry of zip.entries) entries.set(entry.name.replace(/^[^/]*\//, ''), entry);
  } catch (error) {
    throw refuse(`not a file of torch.save, or truncated (${reasonOf(error)}).`);
  }
  const entry = entries.get('data.pkl');
  if (!entry) throw refuse('must be a zip of torch.save, got one without data.pkl.');
  if (entries.has('constants.pkl')) {
    throw refuse(
      'is a TorchScript archive. Save the state dict of the model instead: torch.save(torch.jit.load(path).state_dict(), new_path).',
    );
  }
  if (
    new TextDecoder()
      .decode(await bytesOf(entries.get('byteorder'), 'byteorder', 16, refuse))
      .trim() === 'big'
  ) {
    throw refuse('must be little-endian, got big-endian. Save it again on another machine.');
  }
  let root: Value;
  try {
    root = readPickle(await bytesOf(entry, 'data.pkl', MAX_PICKLE_BYTES, refuse));
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    throw refuse(`rejected because of its pickle: ${reasonOf(error)}.`);
  }
  return {
    root,
    storage(key) {
      const where = `data/${key}`;
      const found = entries.get(where);
      return { where, source: found && entrySource(file, found, where, refuse) };
    },
  };
}

/** Returns an entry of a zip. It can be read in parts, since torch.save never compresses. */
function entrySource(file: FileParts, entry: ZipEntry, name: string, refuse: Refuse): ByteSource {
  let located: Promise<number> | undefined;
  const locate = async () => {
    const header = entry['_rawEntry'].relativeOffsetOfLocalHeader;
    const bytes = await file.read(header, Math.min(file.size, header + 30));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0, true) !== 0x04034b50) throw new Error('it is not an entry of a zip');
    const start = header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
    if (start + entry.size > file.size) throw new Error('it ends after the file');
    return start;
  };
  return {
    size: entry.size,
    async read(from, to) {
      checkStored(entry, name, refuse);
      try {
        const start = await (located ??= locate());
        return await file.read(start + from, start + to);
      } catch (error) {
        throw refuse(`${name} cannot be read (${reasonOf(error)}). Is the file truncated?`);
      }
    },
  };
}

/** Rejects entries that torch.save never writes: a compressed one might be a zip bomb. */
function checkStored(entry: ZipEntry, name: string, refuse: Refuse): void {
  if (entry.compressionMethod !== 0 || entry.encrypted)
    throw refuse(`${name} must be neither compressed nor encrypted.`);
}

/** Reads a whole entry of a zip. */
async function bytesOf(
  entry: ZipEntry | undefined,
  name: string,
  limit: number,
  refuse: Refuse,
): Promise<Uint8Array> {
  if (!entry) return new Uint8Array(0);
  checkStored(entry, name, refuse);
  if (entry.size > limit)
    throw refuse(`${name} must have at most ${limit} bytes, got ${entry.size}.`);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await entry.arrayBuffer());
  } catch (error) {
    throw refuse(`${name} cannot be read (${reasonOf(error)}). Is the file truncated?`);
  }
  if (bytes.length !== entry.size) {
    throw refuse(
      `${name} must have ${entry.size} bytes, got ${bytes.length}. Is the file truncated?`,
    );
  }
  return bytes;
}

/**
 * Reads the format before PyTorch 1.6: the pickles of a magic number, a version, facts about the
 * machine, the object and the keys of its storages; then each storage, its number of values first.
 */
async function readLegacy(file: FileParts, refuse: Refuse): Promise<Archive> {
  const bytes = await file.read(0, Math.min(file.size, MAX_PICKLE_BYTES));
  const pickles: Value[] = [];
  let end = LEGACY_MAGIC.length;
  try {
    if (!LEGACY_MAGIC.every((byte, i) => bytes[i] === byte))
      throw new Error('it has another start');
    while (pickles.length < 4) {
      const { value, end: next } = readPickleAt(bytes, end);
      pickles.push(value);
      end = next;
    }
  } catch (error) {
    throw refuse(`rejected because of its pickle: ${reasonOf(error)}.`);
  }
  const [version, machine, root, keys] = pickles as [Value, Value, Value, Value];
  if (version !== 1001 || !(machine instanceof Map) || !Array.isArray(keys))
    throw refuse('must be written by torch.save, got other pickles.');
  if (machine.get('little_endian') === false)
    throw refuse('must be little-endian, got big-endian. Save it again on another machine.');
  if (keys.length > MAX_STORAGES)
    throw refuse(`must have at most ${MAX_STORAGES} storages, got ${keys.length}.`);
  const types = storageTypes(root);
  const storages = new Map<string, ByteSource>();
  let at = end;
  for (const key of keys as readonly Value[]) {
    const width = typeof key === 'string' ? types.get(key) : undefined;
    if (width === undefined) throw refuse('must list the storages of its tensors, got others.');
    const header = at + 8 <= file.size ? await file.read(at, at + 8) : new Uint8Array(0);
    const count =
      header.length === 8
        ? Number(new DataView(header.buffer, header.byteOffset, 8).getBigInt64(0, true))
        : NaN;
    const start = at + 8;
    const size = count * width;
    if (!(size >= 0 && start + size <= file.size)) {
      throw refuse(
        `storage ${key as string} must end by byte ${file.size}, got ${start + size}. Is the file truncated?`,
      );
    }
    storages.set(key as string, {
      size,
      read: (from, to) => file.read(start + from, start + to),
    });
    at = start + size;
  }
  return {
    root,
    storage: (key) => ({ where: `storage ${key}`, source: storages.get(key) }),
  };
}

/** Returns the bytes per value of each storage that a pickle refers to, by key. */
function storageTypes(root: Value): Map<string, number> {
  const widths: Record<string, number> = { I64: 8, I32: 4, I16: 2, U8: 1, BOOL: 1 };
  const types = new Map<string, number>();
  const visited = new Set<Value>();
  const pending: Value[] = [root];
  while (pending.length > 0) {
    const value = pending.pop()!;
    if (typeof value !== 'object' || value === null || visited.has(value)) continue;
    visited.add(value);
    if (isPersistent(value)) {
      const { type, key } = storageOf(value);
      const dtype = type === undefined ? undefined : (TYPES[type] ?? INTEGERS[type]);
      if (dtype && key !== undefined) types.set(key, DECODERS[dtype]?.bytes ?? widths[dtype]!);
    } else if (isCall(value)) {
      pending.push(...value.args.slice(0, 8), value.state ?? null, value.items ?? null);
      for (const each of value.args.slice(8)) pending.push(each);
    } else if (value instanceof Map) for (const each of value.values()) pending.push(each);
    else if (Array.isArray(value)) for (const each of value as readonly Value[]) pending.push(each);
  }
  return types;
}

/** Returns the type and the key of `('storage', torch.FloatStorage, '0', 'cpu', 96)`. */
function storageOf(value: Value | undefined): { type?: string; key?: string } {
  if (!isPersistent(value) || !Array.isArray(value.id)) return {};
  const [, type, key] = value.id as Value[];
  const name = isGlobal(type) ? /^torch(?:\.cuda)? (\w+)$/.exec(type.name)?.[1] : undefined;
  return {
    ...(name === undefined ? {} : { type: name }),
    ...(typeof key === 'string' ? { key } : {}),
  };
}

const unsupported = (type: string): string =>
  `must be stored as one of ${Object.keys(TYPES).join(', ')}, got ${type}.`;

/** A tensor: a view into a storage. */
interface TensorView {
  dtype: string;
  storageKey: string;
  /** The index of its first value in the storage. */
  offset: number;
  shape: number[];
  stride: number[];
}

/** Returns the tensor of `_rebuild_tensor_v2(storage, offset, size, stride, …)`, or a problem. */
function describeTensor(value: Value): TensorView | string {
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
  const dtype = TYPES[type] ?? INTEGERS[type];
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

function isContiguous({ shape, stride }: TensorView): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}

/** Returns the number of values of the storage from the first value of a view to its last. */
function extentOf({ shape, stride }: Pick<TensorView, 'shape' | 'stride'>): number {
  return sizeOf(shape) === 0
    ? 0
    : shape.reduce((sum, side, axis) => sum + (side - 1) * stride[axis]!, 1);
}

/** Reads a view, or some rows of it, in the order of its axes. */
async function read(
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
