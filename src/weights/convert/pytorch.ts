/** Reads what torch.save writes: a zip with a pickle, which is read and not executed, and the bytes of each storage. */
import { unzipRaw, type ZipEntry } from 'unzipit';
import { WeightsError, reasonOf } from '../../errors';
import { sizeOf } from '../../layers/layer';
import { DECODERS, type FileParts, type StoredTensor } from './fileParts';
import { readPickle, type Call, type Persistent, type Value } from './pickle';

/** The storages of PyTorch, by the types of .safetensors. */
const TYPES: Record<string, string> = {
  'torch FloatStorage': 'F32',
  'torch HalfStorage': 'F16',
  'torch BFloat16Storage': 'BF16',
  'torch CharStorage': 'I8',
};

/** A state dict's pickle has some kB. */
const MAX_PICKLE_BYTES = 16 * 1024 * 1024;

/**
 * The tensors of a `.pth` or `.pt` file by their names in the state dict, which may lie under `state_dict` or `model` of a checkpoint. Only
 * the table of contents and the pickle are read; a tensor when it is asked for.
 *
 * @throws WeightsError for a file that is none, is cut short, is packed, asks for code, or says things of its tensors that cannot be.
 */
export async function readPyTorch(file: FileParts): Promise<Map<string, StoredTensor>> {
  const refuse = (...problems: string[]) => new WeightsError(file.name, problems);
  const entries = new Map<string, ZipEntry>();
  try {
    const zip = await unzipRaw({ getLength: async () => file.size, read: (offset, length) => file.read(offset, offset + length) });
    for (const entry of zip.entries) entries.set(entry.name.replace(/^[^/]*\//, ''), entry);
  } catch (error) {
    throw refuse(
      `not a file of torch.save, or cut short (${reasonOf(error)}). Files of PyTorch before 1.6 are saved anew with torch.save.`,
    );
  }
  const entry = entries.get('data.pkl');
  if (!entry) throw refuse('a zip, but not one of torch.save: it has no data.pkl.');
  if (new TextDecoder().decode(await bytesOf(entries.get('byteorder'), 'byteorder', 16, refuse)).trim() === 'big') {
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

  const tensors = new Map<string, StoredTensor>();
  const problems: string[] = [];
  for (const [name, value] of dict) {
    const described = describeTensor(value);
    if (typeof described === 'string') {
      problems.push(`${String(name)}: ${described}`);
      continue;
    }
    const { dtype, key, offset, shape } = described;
    const { bytes: width, decode } = DECODERS[dtype]!;
    const storage = entries.get(`data/${key}`);
    const end = (offset + sizeOf(shape)) * width;
    if (!storage) problems.push(`${String(name)}: its storage data/${key} is not in the file.`);
    else if (storage.size < end) problems.push(`${String(name)}: needs ${end} bytes of data/${key}, which has ${storage.size}.`);
    else {
      const values = async () => decode((await bytesOf(storage, `data/${key}`, file.size, refuse)).subarray(offset * width, end));
      tensors.set(String(name), { dtype, shape, values });
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
  if (entry.compressionMethod !== 0 || entry.encrypted) throw refuse(`its ${name} is packed or encrypted, and torch.save does neither.`);
  if (entry.size > limit) throw refuse(`its ${name} says that it has ${entry.size} bytes, at most ${limit} can be.`);
  const bytes = new Uint8Array(await entry.arrayBuffer());
  if (bytes.length !== entry.size)
    throw refuse(`its ${name} has ${bytes.length} bytes and should have ${entry.size}. The file is cut short?`);
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

const isCall = (value: Value | undefined): value is Call =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'call';
const isPersistent = (value: Value | undefined): value is Persistent =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'persistent';

/** What `_rebuild_tensor_v2(storage, offset, size, stride, …)` would build, or in a sentence why it cannot be read. */
function describeTensor(value: Value): { dtype: string; key: string; offset: number; shape: number[] } | string {
  if (isCall(value) && value.name === 'torch._utils _rebuild_parameter') return describeTensor(value.args[0]!);
  if (!isCall(value) || !value.name.startsWith('torch._utils _rebuild_tensor')) return 'is no tensor.';
  const [storage, offset, shape, stride] = value.args;
  const isCount = (each: unknown) => Number.isSafeInteger(each) && (each as number) >= 0;
  if (!isPersistent(storage) || !Array.isArray(storage.id) || !isCount(offset) || !Array.isArray(shape) || !shape.every(isCount)) {
    return 'is described in a way that torch.save does not write.';
  }
  const [, type, key] = storage.id as [unknown, { name?: string }, unknown];
  const dtype = TYPES[String(type?.name)];
  if (!dtype) return `its storage is one of ${Object.keys(TYPES).join(', ')}, got ${String(type?.name)}.`;
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && (stride as number[] | undefined)?.[i] !== step) return 'is not contiguous: save it after .contiguous().';
    step *= shape[i] as number;
  }
  return { dtype, key: String(key), offset: offset as number, shape: shape as number[] };
}
