/** Weights of a few kilobytes, and a fake server for them. */
import { WeightsError } from '../../src/errors';
import { conv2d } from '../../src/layers/conv2d';
import { dense } from '../../src/layers/dense';
import { flatten } from '../../src/layers/flatten';
import { sizeOf } from '../../src/layers/layer';
import { maxPool } from '../../src/layers/maxPool';
import { relu } from '../../src/layers/activation';
import { sequential, type Sequential } from '../../src/layers/sequential';
import { noCache } from '../../src/weights/read/cache';
import { encode, type Encoded, type StoredType } from '../../src/weights/format/quantize';
import { readManifest, readTensors, type ReadOptions } from '../../src/weights/read/read';
import { weightSource, type WeightsInput } from '../../src/weights/read/source';
import { dequantize } from '../../src/weights/format/storedTensor';
import {
  writeSet,
  type ManifestFacts,
  type WriteOptions,
  type WrittenSet,
} from '../../src/weights/save/write';
import { formula } from './formula';

/** 16 × 16 × 3 → conv 14 × 14 × 8 → pool 6 × 6 × 8 → 5 classes: 1669 parameters, 6676 bytes. */
export const tinyNetwork = (): Sequential =>
  sequential(
    {
      conv1: conv2d({ filters: 8, size: 3 }),
      relu1: relu(),
      pool1: maxPool({ size: 3, stride: 2 }),
      flatten: flatten(),
      fc2: dense({ units: 5 }),
    },
    { inputShape: [16, 16, 3] },
  );

/** The fields of the manifest besides tensors and shards. */
export const tinyFacts = (name = 'tiny'): ManifestFacts => ({
  name,
  variant: 'tiny',
  network: tinyNetwork().toJSON(),
  labels: ['ant', 'bee', 'cat', 'dog', 'elk'].map((label, i) => ({ label, id: `n0000000${i}` })),
  preprocessing: { resize: 20, crop: 16, inputSize: 16, mean: [124, 116, 104] },
});

/** Returns the values by name, determined by `seed`. */
export function tinyValues(seed = 'tiny'): Record<string, Float32Array> {
  const specs = Object.entries(tinyNetwork().params());
  return Object.fromEntries(
    specs.map(([name, { shape }]) => [name, formula(`${seed}.${name}`, sizeOf(shape), 0.1)]),
  );
}

/** Returns the tensors as stored. */
export function tinyTensors(as: StoredType = 'float32', seed?: string): Encoded[] {
  const values = tinyValues(seed);
  return Object.entries(tinyNetwork().params()).flatMap(([name, { shape }]) =>
    encode(name, shape, values[name]!, as),
  );
}

export interface TinyOptions extends WriteOptions {
  /** Storage type. @default 'float32' */
  as?: StoredType;
  /** Determines the values. @default 'tiny' */
  seed?: string;
}

/** Returns the files. By default, in four shards; only conv1 ends in the first. */
export const tinySet = ({
  as = 'float32',
  seed = 'tiny',
  maxShardBytes = 1800,
  ...options
}: TinyOptions = {}): Promise<WrittenSet> =>
  writeSet(tinyFacts(), tinyTensors(as, seed), { maxShardBytes, ...options });

/** The response for a URL: bytes, a function called per request, or `undefined` for 404. */
export type Answer =
  | Uint8Array
  | undefined
  | ((request: { url: string; signal: AbortSignal | undefined }) => Response | Promise<Response>);

export const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Returns the files by name, including model.json. */
export const filesOf = ({ manifest, shards }: WrittenSet): Record<string, Answer> => ({
  'model.json': textBytes(JSON.stringify(manifest)),
  ...Object.fromEntries(shards),
});

/** Returns the files as a user would choose them. */
export const pickedFiles = ({ manifest, shards }: WrittenSet): File[] => [
  new File([JSON.stringify(manifest)], 'model.json'),
  ...[...shards].map(([path, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], path)),
];

export const typed = (bytes: Uint8Array, type: string): Response =>
  new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } });

/** Returns a response that stalls after `bytes` until the request is aborted. */
export const endless =
  (bytes: Uint8Array, onStart?: () => void): Answer =>
  ({ signal }) =>
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(bytes);
          signal?.addEventListener('abort', () => controller.error(signal.reason));
          onStart?.();
        },
      }),
    );

/** Makes `fetch` serve URLs below `base` during a test, recording requests. Others fail. */
export function serve(files: Record<string, Answer>, base = 'https://sets.test/tiny/') {
  const requests: string[] = [];
  const answerTo = async (url: string, signal: AbortSignal | undefined): Promise<Response> => {
    signal?.throwIfAborted();
    const path = url.slice(base.length);
    requests.push(path);
    const answer = files[path];
    if (answer === undefined) return new Response('', { status: 404, statusText: 'Not Found' });
    return typeof answer === 'function'
      ? answer({ url, signal })
      : typed(answer, 'application/octet-stream');
  };
  const first = !jasmine.isSpy(globalThis.fetch); // Jasmine removes the spy after each test
  servers = [{ base, answerTo }, ...(first ? [] : servers)]; // the latest server of a URL responds
  if (first) spyOn(globalThis, 'fetch').and.callFake(dispatch);
  return {
    url: `${base}model.json`,
    requests,
    shardRequests: () => requests.filter((path) => path !== 'model.json'),
  };
}

/** The servers of the current test. */
let servers: {
  base: string;
  answerTo: (url: string, signal: AbortSignal | undefined) => Promise<Response>;
}[] = [];

async function dispatch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = String(input);
  const server = servers.find(({ base }) => url.startsWith(base));
  if (!server) throw new TypeError('Failed to fetch');
  return server.answerTo(url, init?.signal ?? undefined);
}

export interface ReadAllOptions extends Partial<ReadOptions> {
  onTensor?: (name: string) => void;
}

/** Reads weights like `load()` without a backend. Returns tensors by name. Retries immediately. */
export async function readAll(
  weights: WeightsInput,
  { onTensor, cache = noCache(), retries = { delay: 0 }, ...options }: ReadAllOptions = {},
): Promise<Record<string, Float32Array>> {
  const reading = { ...options, cache, retries };
  const source = weightSource(weights);
  const manifest = await readManifest(source, reading);
  const values: Record<string, Float32Array> = {};
  await readTensors(source, manifest, reading, (name, _shape, data) => {
    onTensor?.(name);
    values[name] = dequantize(data);
  });
  return values;
}

/** Returns the problems of the WeightsError that `work` must fail with. */
export async function problemsOf(work: Promise<unknown>): Promise<readonly string[]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof WeightsError) return error.problems;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Returns a copy of the bytes with a bit flipped. */
export function flipBit(bytes: Uint8Array, at = bytes.length >> 1): Uint8Array {
  const altered = bytes.slice();
  altered[at]! ^= 1;
  return altered;
}

/** Decompresses a shard. */
export const inflate = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};
