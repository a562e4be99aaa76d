/** Reads what torch.save writes: a zip with a pickle, which is read and not executed, and the bytes of each storage. */
import { unzipRaw, type ZipEntry } from 'unzipit';
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, type FileParts, type FileTensor } from './fileReader';
import { readPickle, type Call, type Global, type Persistent, type Value } from './pickle';

/** The storages of PyTorch, by the types of .safetensors. */
const TYPES: Record<string, string> = {
  'torch FloatStorage': 'F32',
  'torch HalfStorage': 'F16',
  'torch BFloat16Storage': 'BF16',
  'torch CharStorage': 'I8',
};

/** A state dict's pickle has some kB, that of a checkpoint with its optimiser some ten. */
const MAX_PICKLE_BYTES = 1024 * 1024;
/** A shape may be shared by many tensors: a long one would be walked for each. */
const MAX_AXES = 8;
/** More are not told. */
const MAX_PROBLEMS = 20;
/** The table of contents of a zip with a storage for each tensor has some kB. */
const MAX_CONTENTS_BYTES = 1024 * 1024;

/**
 * The tensors of a `.pth` or `.pt` file by their names in the state dict, which may lie under `state_dict` or `model` of a checkpoint. Only
 * the table of contents and the pickle are read; a tensor when it is asked for.
 *
 * @throws WeightsError for a file that is none, is cut short, is packed, asks for code, or says things of its tensors that cannot be.
 */
export async function readPyTorch(file: FileParts): Promise<Map<string, FileTensor>> {
  const refuse = (...problems: string[]) => new WeightsError(file.name, problems);
  const entries = new Map<string, ZipEntry>();
  try {
    let limit = MAX_CONTENTS_BYTES; // until the table of contents is read, which could claim to be the whole file
    const zip = await unzipRaw({
      getLength: async () => file.size,
      async read(offset, length) {
        if (length > limit) throw new Error(`its table of contents would have ${length} bytes`);
        return (await file.read(offset, offset + length)) as Uint8Array<ArrayBuffer>;
      },
    });
    limit = file.size;
    for (const entry of zip.entries) entries.set(entry.name.replace(/^[^/]*\//, ''), entry);
  } catch (error) {
    throw refuse(
      `not a file of torch.save, or cut short (${reasonOf(error)}). What PyTorch before 1.6 wrote is to be saved anew.`,
    );
  }
  const entry = entries.get('data.pkl');
  if (!entry) throw refuse('a zip, but not one of torch.save: it has no data.pkl.');
  if (
    new TextDecoder()
      .decode(await bytesOf(entries.get('byteorder'), 'byteorder', 16, refuse))
      .trim() === 'big'
  ) {
    throw refuse('its numbers are stored big-endian, as on no machine of today.');
  }
  let root: Value;
  try {
    root = readPickle(await bytesOf(entry, 'data.pkl', MAX_PICKLE_BYTES, refuse));
  } catch (error) {
    if (error instanceof WeightsError) throw error;
    throw refuse(`refused, because of its pickle: ${reasonOf(error)}.`);
  }
  const dict = stateDict(root);
  if (!dict) throw refuse('holds no state dict: save model.state_dict(), not the model.');

  const tensors = new Map<string, FileTensor>();
  const problems: string[] = [];
  const wrapped = [...dict.keys()].every(
    (name) => typeof name === 'string' && name.startsWith('module.'),
  ); // by DataParallel
  for (const [key, value] of dict) {
    if (problems.length >= MAX_PROBLEMS) break;
    if (typeof key !== 'string') {
      problems.push('a tensor of its state dict has no name.');
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
    if (!storage) problems.push(`${name}: its storage ${path} is not in the file.`);
    else if (storage.size < end)
      problems.push(`${name}: needs ${end} bytes of ${path}, which has ${storage.size}.`);
    else {
      const values = async () =>
        decode((await bytesOf(storage, path, file.size, refuse)).subarray(offset * width, end));
      tensors.set(name, { dtype, shape, values });
    }
  }
  if (problems.length > 0) throw refuse(...problems);
  return tensors;
}

/** torch.save stores what it writes as it is: a packed entry, which might be a bomb, is none of its. */
async function bytesOf(
  entry: ZipEntry | undefined,
  name: string,
  limit: number,
  refuse: (problem: string) => WeightsError,
): Promise<Uint8Array> {
  if (!entry) return new Uint8Array(0);
  if (entry.compressionMethod !== 0 || entry.encrypted)
    throw refuse(`its ${name} is packed or encrypted, and torch.save does neither.`);
  if (entry.size > limit)
    throw refuse(`its ${name} says that it has ${entry.size} bytes, and at most ${limit} can be.`);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await entry.arrayBuffer());
  } catch (error) {
    throw refuse(`its ${name} cannot be read (${reasonOf(error)}). The file is cut short?`);
  }
  if (bytes.length !== entry.size) {
    throw refuse(
      `its ${name} has ${bytes.length} bytes and should have ${entry.size}. The file is cut short?`,
    );
  }
  return bytes;
}

/** The dict of tensors: the pickle itself, or what checkpoints keep it under. */
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
const isCall = (value: Value | undefined): value is Call => hasKind(value, 'call');
const isPersistent = (value: Value | undefined): value is Persistent =>
  hasKind(value, 'persistent');
const isGlobal = (value: Value | undefined): value is Global => hasKind(value, 'global');

/** What `_rebuild_tensor_v2(storage, offset, size, stride, …)` would build, or in a sentence why it cannot be read. */
function describeTensor(
  value: Value,
): { dtype: string; storageKey: string; offset: number; shape: number[] } | string {
  const tensor =
    isCall(value) && value.name === 'torch._utils _rebuild_parameter' ? value.args[0] : value;
  if (!isCall(tensor) || !/^torch\._utils _rebuild_tensor(_v2)?$/.test(tensor.name))
    return 'is no tensor.';
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
    return 'is described in a way that torch.save does not write.';
  }
  const dtype = TYPES[type.name];
  if (!dtype) return `its storage is one of ${Object.keys(TYPES).join(', ')}, got ${type.name}.`;
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== step)
      return 'is not contiguous: save it after .contiguous().';
    step *= shape[i]!;
  }
  return { dtype, storageKey, offset, shape };
}
