/** Reads files of torch.save: a zip with a pickle, which is not executed, and the storages. */
import { unzipRaw, type ZipEntry } from 'unzipit';
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, type FileParts, type FileTensor } from './fileReader';
import { readPickle, type PickledCall, type Global, type Persistent, type Value } from './pickle';

/** The .safetensors dtypes of PyTorch's storages. */
const TYPES: Record<string, string> = {
  'torch FloatStorage': 'F32',
  'torch HalfStorage': 'F16',
  'torch BFloat16Storage': 'BF16',
  'torch CharStorage': 'I8',
};

/** The pickle of a state dict has a few kB, that of a checkpoint with its optimizer about ten. */
const MAX_PICKLE_BYTES = 1024 * 1024;
/** Limits the time that a long shape shared by many tensors takes. */
const MAX_AXES = 8;
/** The most problems that are reported. */
const MAX_PROBLEMS = 20;
/** The central directory of a zip with one storage per tensor has a few kB. */
const MAX_DIRECTORY_BYTES = 1024 * 1024;

/**
 * Reads the state dict of a `.pth` or `.pt` file, or of a checkpoint with the key `state_dict`,
 * `model` or `model_state_dict`. Returns its tensors by name; they are read on demand.
 *
 * @throws WeightsError for a file of another format, a truncated or compressed one, one that
 * imports code, or one with inconsistent tensors.
 */
export async function readPyTorch(file: FileParts): Promise<Map<string, FileTensor>> {
  const refuse = (...problems: string[]) => new WeightsError(file.name, problems);
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
    throw refuse(
      `not a file of torch.save, or truncated (${reasonOf(error)}). If PyTorch before 1.6 wrote it, save it again.`,
    );
  }
  const entry = entries.get('data.pkl');
  if (!entry) throw refuse('must be a zip of torch.save, got one without data.pkl.');
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
  const dict = stateDict(root);
  if (!dict) throw refuse('must contain a state dict. Save model.state_dict(), not the model.');

  const tensors = new Map<string, FileTensor>();
  const problems: string[] = [];
  const wrapped = [...dict.keys()].every(
    (name) => typeof name === 'string' && name.startsWith('module.'),
  ); // by DataParallel
  for (const [key, value] of dict) {
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
    const { dtype, storageKey, offset, shape } = described;
    const { bytes: width, decode } = DECODERS[dtype]!;
    const path = `data/${storageKey}`;
    const storage = entries.get(path);
    const end = (offset + sizeOf(shape)) * width;
    if (!storage) problems.push(`${name}: the file must contain its storage ${path}.`);
    else if (storage.size < end)
      problems.push(`${name}: ${path} must have at least ${end} bytes, got ${storage.size}.`);
    else {
      const values = async () =>
        decode((await bytesOf(storage, path, file.size, refuse)).subarray(offset * width, end));
      tensors.set(name, { dtype, shape, values });
    }
  }
  if (problems.length > 0) throw refuse(...problems);
  return tensors;
}

/** Reads an entry. torch.save never compresses: a compressed entry might be a zip bomb. */
async function bytesOf(
  entry: ZipEntry | undefined,
  name: string,
  limit: number,
  refuse: (problem: string) => WeightsError,
): Promise<Uint8Array> {
  if (!entry) return new Uint8Array(0);
  if (entry.compressionMethod !== 0 || entry.encrypted)
    throw refuse(`${name} must be neither compressed nor encrypted.`);
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

/** Returns the dict of tensors: the root of the pickle, or a key of a checkpoint. */
function stateDict(root: Value): Map<Value, Value> | undefined {
  if (!(root instanceof Map)) return undefined;
  for (const key of ['state_dict', 'model', 'model_state_dict']) {
    const inner = root.get(key);
    if (inner instanceof Map) return inner;
  }
  return [...root.values()].some((value) => isCall(value)) ? root : undefined;
}

const hasKind = (value: Value | undefined, kind: string): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
const isCall = (value: Value | undefined): value is PickledCall => hasKind(value, 'call');
const isPersistent = (value: Value | undefined): value is Persistent =>
  hasKind(value, 'persistent');
const isGlobal = (value: Value | undefined): value is Global => hasKind(value, 'global');

/** Returns the tensor of `_rebuild_tensor_v2(storage, offset, size, stride, …)`, or a problem. */
function describeTensor(
  value: Value,
): { dtype: string; storageKey: string; offset: number; shape: number[] } | string {
  const tensor =
    isCall(value) && value.name === 'torch._utils _rebuild_parameter' ? value.args[0] : value;
  if (!isCall(tensor) || !/^torch\._utils _rebuild_tensor(_v2)?$/.test(tensor.name))
    return 'must be a tensor.';
  const [storage, offset, shape, stride] = tensor.args;
  const isCount = (each: unknown): each is number =>
    Number.isSafeInteger(each) && (each as number) >= 0;
  const isCounts = (each: unknown): each is number[] =>
    Array.isArray(each) && each.length <= MAX_AXES && each.every(isCount);
  const [, type, storageKey] =
    isPersistent(storage) && Array.isArray(storage.id) ? (storage.id as Value[]) : [];
  if (
    !isGlobal(type) ||
    typeof storageKey !== 'string' ||
    !isCount(offset) ||
    !isCounts(shape) ||
    !isCounts(stride)
  ) {
    return 'must be described as torch.save does.';
  }
  const dtype = TYPES[type.name];
  if (!dtype) return `storage must be one of ${Object.keys(TYPES).join(', ')}, got ${type.name}.`;
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== step)
      return 'must be contiguous. Save it after .contiguous().';
    step *= shape[i]!;
  }
  return { dtype, storageKey, offset, shape };
}
