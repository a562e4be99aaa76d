/** Reads the container that torch.save writes: a pickle, and the storages of the tensors. */
import { unzipRaw, type ZipEntry } from 'unzipit';
import { WeightsError, reasonOf } from '../../errors';
import { DECODERS, type ByteSource, type FileParts } from './fileReader';
import { isCall, isPersistent, readPickle, readPickleAt, type Value } from './pickle';
import { DTYPES, INTEGER_DTYPES, storageOf } from './pytorchTensor';

/** The pickle of a state dict has a few kB, that of a checkpoint with its optimizer about ten. */
const MAX_PICKLE_BYTES = 1024 * 1024;
/** The central directory of a zip with one storage per tensor has a few kB. */
const MAX_DIRECTORY_BYTES = 1024 * 1024;
/** AlexNet has 16 storages, ResNet-152 about 900. */
const MAX_STORAGES = 20_000;
/** The start of files written by torch.save before 1.6: a pickled number. */
const LEGACY_MAGIC = [
  0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
];

export type Refuse = (...problems: string[]) => WeightsError;

/** The parts of a file of torch.save. */
export interface PyTorchArchive {
  root: Value;
  /** Returns a tensor's storage, and its name for error messages. */
  storage(key: string): { where: string; source: ByteSource | undefined };
}

/** Reads the zip of PyTorch 1.6, or the older format. */
export const readArchive = async (file: FileParts, refuse: Refuse): Promise<PyTorchArchive> =>
  (await isLegacy(file)) ? readLegacy(file, refuse) : readZip(file, refuse);

/** Whether a file was written by torch.save before PyTorch 1.6. */
async function isLegacy(file: FileParts): Promise<boolean> {
  const magic = await file.read(0, Math.min(4, file.size));
  return LEGACY_MAGIC.slice(0, 4).every((byte, i) => magic[i] === byte);
}

/** Reads the zip of PyTorch 1.6 and later: data.pkl, and a file per storage. */
async function readZip(file: FileParts, refuse: Refuse): Promise<PyTorchArchive> {
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
async function readLegacy(file: FileParts, refuse: Refuse): Promise<PyTorchArchive> {
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
      const dtype = type === undefined ? undefined : (DTYPES[type] ?? INTEGER_DTYPES[type]);
      if (dtype && key !== undefined) types.set(key, DECODERS[dtype]?.bytes ?? widths[dtype]!);
    } else if (isCall(value)) {
      pending.push(...value.args.slice(0, 8), value.state ?? null, value.items ?? null);
      for (const each of value.args.slice(8)) pending.push(each);
    } else if (value instanceof Map) for (const each of value.values()) pending.push(each);
    else if (Array.isArray(value)) for (const each of value as readonly Value[]) pending.push(each);
  }
  return types;
}
