/**
 * The worker: converts a file of weights to a set, and writes it to the origin private file system.
 */
import { convert, streamSet, type Manifest } from 'alexnet-ts/convert';
import { expose } from 'comlink';
import { weightsFolder } from '../gallery/ownWeights';
import type { Conversion, ConversionStep, TensorRow } from './conversion';

/** Reads a part of a file of weights. */
interface FileParts {
  name: string;
  size: number;
  read(start: number, end: number): Promise<Uint8Array>;
}

/** The handle of a file in a worker, which TypeScript has in another library than the page's. */
type WorkerFileHandle = FileSystemFileHandle & {
  createSyncAccessHandle(): Promise<{
    write(bytes: Uint8Array): number;
    flush(): void;
    close(): void;
  }>;
};

type OnStep = (step: ConversionStep) => void;

const worker = {
  /**
   * Converts a file, or what is at an address.
   *
   * @throws Error that says what is wrong with the file or the address.
   */
  async convert(source: File | string, folder: string, onStep: OnStep): Promise<Conversion> {
    const output = await openFolder(folder);
    const tensors: TensorRow[] = [];
    const notes: string[] = [];
    const file = typeof source === 'string' ? await download(source, onStep) : source;
    const { facts, tensors: encoded } = await convert(partsOf(file, onStep), {
      quantize: 'uint8',
      onTensor: (tensor) => tensors.push(tensor),
      onNote: (note) => notes.push(note),
    });
    const shards: Uint8Array[] = [];
    let written = 0;
    // The names of the shards are known at the end, so that each gets a number first.
    const manifest = await streamSet(
      facts,
      encoded,
      (bytes) => output.write(String(written++), bytes, shards),
      { compress: false },
    );
    const files = await output.finish(manifest, shards);
    return {
      folder: output.isKept ? folder : undefined,
      files,
      source: file.name,
      sourceBytes: file.size,
      bytes: manifest.shards.reduce((sum, { bytes }) => sum + bytes, 0),
      classes: manifest.labels.length,
      tensors,
      notes,
    };
  },
};
export type ConversionWorker = typeof worker;

/** Counts what is read of a file. */
function partsOf(file: File, onStep: OnStep): FileParts {
  let done = 0;
  return {
    name: file.name,
    size: file.size,
    async read(start, end) {
      const bytes = new Uint8Array(await file.slice(start, end).arrayBuffer());
      done = Math.min(file.size, done + bytes.length);
      onStep({ phase: 'convert', done, total: file.size });
      return bytes;
    },
  };
}

/** Downloads a file. Browsers keep large Blobs on disk. */
async function download(address: string, onStep: OnStep): Promise<File> {
  const response = await fetch(address).catch(() => {
    throw new Error(
      `${address} cannot be downloaded. The other site must allow it (CORS). Download the file with your browser and drop it here.`,
    );
  });
  if (!response.ok)
    throw new Error(`${address} responded with error ${response.status}. Check the address.`);
  const total = Number(response.headers.get('content-length')) || 0;
  let parts: Blob[] = [];
  let done = 0;
  for (const reader = response.body!.getReader(); ;) {
    const { value } = await reader.read();
    if (!value) break;
    parts.push(new Blob([value]));
    if (parts.length > 256) parts = [new Blob(parts)];
    done += value.length;
    onStep({ phase: 'download', done, total });
  }
  const name = decodeURIComponent(new URL(address).pathname.split('/').pop() || 'weights');
  return new File(parts, name);
}

/** Where the shards go: a folder of the browser, or memory where the browser keeps none. */
async function openFolder(name: string) {
  let folder: FileSystemDirectoryHandle | undefined;
  try {
    folder = await (await weightsFolder()).getDirectoryHandle(name, { create: true });
  } catch {
    // Some private windows have no file system.
  }
  const put = async (path: string, bytes: Uint8Array) => {
    const handle = (await folder!.getFileHandle(path, { create: true })) as WorkerFileHandle;
    const access = await handle.createSyncAccessHandle();
    try {
      if (access.write(bytes) !== bytes.length) throw new DOMException('', 'QuotaExceededError');
      access.flush();
    } finally {
      access.close();
    }
  };
  return {
    isKept: folder !== undefined,
    async write(path: string, bytes: Uint8Array, memory: Uint8Array[]) {
      if (folder) await put(path, bytes);
      else memory.push(bytes);
    },
    /** Writes model.json last, and returns all files. */
    async finish(manifest: Manifest, memory: readonly Uint8Array[]): Promise<File[]> {
      const numbered = withNumbers(manifest);
      const json = JSON.stringify(numbered);
      if (folder) {
        await put('model.json', new TextEncoder().encode(json));
        const names = ['model.json', ...numbered.shards.map(({ path }) => path)];
        return Promise.all(names.map(async (path) => (await folder.getFileHandle(path)).getFile()));
      }
      return [
        new File([json], 'model.json'),
        ...memory.map((bytes, i) => new File([bytes as Uint8Array<ArrayBuffer>], String(i))),
      ];
    },
  };
}

/** Renames the shards of a set to their numbers. */
function withNumbers(manifest: Manifest): Manifest {
  const number = new Map(manifest.shards.map(({ path }, i) => [path, String(i)]));
  return {
    ...manifest,
    shards: manifest.shards.map((shard) => ({ ...shard, path: number.get(shard.path)! })),
    weightsManifest: manifest.weightsManifest.map((group) => ({
      ...group,
      paths: group.paths.map((path) => number.get(path)!),
    })),
  };
}

expose(worker);
