/**
 * Sources of weights: malformed manifests, mirrors, picked files, IO handlers, and rejected values.
 */
import { io } from '@tensorflow/tfjs-core';
import { OptionsError, WeightsError } from '../../errors';
import {
  filesOf,
  flipBit,
  inflate,
  pickedFiles,
  problemsOf,
  readAll,
  serve,
  textBytes,
  tinySet,
  tinyValues,
  typed,
} from '../../../test/support/tinySet';
import { weightSource, type WeightsInput } from './source';
import type { WrittenSet } from '../save/write';

let set: WrittenSet;
beforeAll(async () => void (set = await tinySet()));

describe('a set whose module holds its manifest', () => {
  it('is read without a request for the manifest', async () => {
    const { url, requests } = serve(filesOf(set));
    const shards = set.manifest.shards.map(({ path }) => [path, new URL(path, url)] as const);
    const weights = { manifest: set.manifest, shards: Object.fromEntries(shards) };
    expect(await readAll(weights)).toEqual(tinyValues());
    expect(requests.some((address) => address.endsWith('model.json'))).toBe(false);
    expect(requests.length).toBe(shards.length);
    expect(weightSource(weights).name).toBe('tiny');
  });
});

describe('a manifest at an address', () => {
  const refused = async (answer: Uint8Array | (() => Response)) =>
    problemsOf(readAll(serve({ 'model.json': answer }).url));

  it('is rejected if the server sends an HTML page with status 200', async () => {
    expect(await refused(() => typed(textBytes('<html>'), 'text/html'))).toEqual([
      'tries 1 to 2: the server returned an HTML page: a wrong address, or a page that asks for a login.',
    ]);
  });

  for (const [what, text, got] of [
    [
      'an HTML page of another content type',
      '\n<!DOCTYPE html><html></html>',
      'an HTML or XML page',
    ],
    ['empty', ' \n', 'an empty file'],
    [
      'truncated',
      '{"format": "alexnet-ts", "formatVersion": 1, "na',
      'text that begins "{\\"format\\": \\"alexnet-ts\\", \\"formatVersion\\""',
    ],
  ] as const) {
    it(`is rejected if it is ${what}`, async () => {
      expect(await refused(textBytes(text))).toEqual([
        `a manifest must be JSON, got ${got}. Point to the model.json of a set.`,
      ]);
    });
  }

  it('is rejected if it is an array', async () => {
    expect(await refused(textBytes('[]'))).toEqual([
      'a manifest must be a JSON object, got an array of length 0.',
    ]);
  });

  it('is rejected with its address if it is missing', async () => {
    const { url } = serve({});
    await expectAsync(readAll(url)).toBeRejectedWithError(
      WeightsError,
      `${url}: the server returned 404 Not Found.`,
    );
  });

  it('is rejected with five defects in one error, before any shard is requested', async () => {
    const manifest = JSON.parse(JSON.stringify(set.manifest)) as Record<string, unknown> & {
      shards: { path: string }[];
    };
    Object.assign(manifest, {
      name: null,
      labels: [],
      preprocessing: { ...set.manifest.preprocessing, inputSize: 17, resize: 17 },
    });
    manifest.shards[0]!.path = '../../secret.bin.gz';
    const { url, shardRequests } = serve({
      ...filesOf(set),
      'model.json': textBytes(JSON.stringify(manifest)),
    });
    expect(await problemsOf(readAll(url))).toEqual([
      "preprocessing must fit the network's input 16 × 16 × 3, got 17 × 17 × 3.",
      'labels must have one entry for each of the 5 classes, got 0.',
      'shards[0].path must stay in the folder of model.json, got "../../secret.bin.gz".',
      'shards must list the paths of weightsManifest in the same order.',
      'name must be a string, got null.',
    ]);
    expect(shardRequests()).toEqual([]);
  });

  it('may start with a byte order mark', async () => {
    const marked = new Uint8Array(
      await new Blob(['\ufeff', JSON.stringify(set.manifest)]).arrayBuffer(),
    );
    expect(await readAll(serve({ ...filesOf(set), 'model.json': marked }).url)).toEqual(
      tinyValues(),
    );
  });
});

describe('mirrors', () => {
  const [a, b] = ['https://a.test/', 'https://b.test/set/'];

  it('are tried in order: files of the first are not requested from the second', async () => {
    const first = serve(filesOf(set), a);
    const second = serve(filesOf(set), b);
    expect(await readAll([first.url, second.url])).toEqual(tinyValues());
    expect(second.requests).toEqual([]);
  });

  it('replace each other file by file', async () => {
    const first = serve({ ...filesOf(set), 'shard-02-of-04.bin.gz': undefined }, a);
    const second = serve(filesOf(set), b);
    expect(await readAll([first.url, new URL(second.url)])).toEqual(tinyValues());
    expect(second.requests).toEqual(['shard-02-of-04.bin.gz']);
  });

  it('replace a server that is unreachable or sends HTML pages', async () => {
    serve({ 'model.json': () => typed(textBytes('<html>'), 'text/html') }, a);
    expect(
      await readAll(['https://nowhere.test/model.json', a, serve(filesOf(set), b).url]),
    ).toEqual(tinyValues());
  });

  it('replace a server whose manifest is other text', async () => {
    serve({ 'model.json': textBytes('Sign in first') }, a);
    expect(await readAll([a, serve(filesOf(set), b).url])).toEqual(tinyValues());
  });

  it('are each named with the reason if all fail for the manifest', async () => {
    const { url } = serve({}, a);
    serve({ 'model.json': () => typed(textBytes('<html>'), 'text/html') }, b);
    const text =
      `${url}: ${url}: the server returned 404 Not Found; ` +
      `${b}model.json: tries 1 to 2: the server returned an HTML page: a wrong address, or a page that asks for a login.`;
    await expectAsync(readAll([url, b])).toBeRejectedWithError(WeightsError, text);
  });

  it('are each named with the reason if all fail for a shard', async () => {
    const path = 'shard-03-of-04.bin.gz';
    serve(
      { ...filesOf(set), [path]: () => new Response('', { status: 403, statusText: 'Forbidden' }) },
      a,
    );
    serve({ ...filesOf(set), [path]: undefined }, b);
    expect(await problemsOf(readAll([a, b]))).toEqual([
      `${path}: ${a}${path}: the server returned 403 Forbidden; ${b}${path}: the server returned 404 Not Found.`,
    ]);
  });

  it('are not tried after an abort', async () => {
    const stop = new AbortController();
    const leave = () => {
      stop.abort('gone');
      throw new TypeError('Failed to fetch');
    };
    serve({ 'model.json': leave }, a);
    const second = serve(filesOf(set), b);
    await expectAsync(readAll([a, b], { signal: stop.signal })).toBeRejectedWith('gone');
    expect(second.requests).toEqual([]);
  });
});

describe('picked files', () => {
  it('may be the FileList of an <input>', async () => {
    const picked = new DataTransfer();
    for (const file of pickedFiles(set)) picked.items.add(file);
    expect(await readAll(picked.files)).toEqual(tinyValues());
  });

  it('must include all shards: each missing one is named', async () => {
    const some = pickedFiles(set).filter(({ name }) => !/0[13]-of/.test(name));
    expect(await problemsOf(readAll(some))).toEqual(
      ['shard-01-of-04.bin.gz', 'shard-03-of-04.bin.gz'].map(
        (path) => `${path}: is not among the files. Add it.`,
      ),
    );
  });

  it('are named if their size or bytes differ', async () => {
    const shards = new Map(set.shards);
    const [first, second, third] = [...shards.keys()] as [string, string, string];
    const { bytes, inflated } = set.manifest.shards[2]!;
    shards.set(first, flipBit(shards.get(first)!));
    shards.set(second, shards.get(second)!.subarray(0, 50));
    shards.set(third, new Uint8Array(9999));
    expect(await problemsOf(readAll(pickedFiles({ ...set, shards })))).toEqual([
      jasmine.stringMatching(
        `^${first}: SHA-256 must be ${set.manifest.shards[0]!.sha256.slice(0, 12)}…, got [0-9a-f]{12}…: `,
      ) as never,
      `${second}: is cut short: it has 50 bytes, the manifest says ${set.manifest.shards[1]!.bytes}. Upload it again.`,
      `${third}: has 9999 bytes, the manifest says at most ${Math.max(bytes, inflated!.bytes)}.`,
    ]);
  });

  it('are named if they were deleted or changed since', async () => {
    const files = pickedFiles(set);
    const gone = new DOMException('A requested file could not be found.', 'NotFoundError');
    spyOn(files[2]!, 'arrayBuffer').and.rejectWith(gone);
    expect(await problemsOf(readAll(files))).toEqual([
      'shard-02-of-04.bin.gz: cannot be read (A requested file could not be found.).',
    ]);
    spyOn(files[0]!, 'arrayBuffer').and.rejectWith(gone);
    await expectAsync(readAll(files)).toBeRejectedWithError(
      WeightsError,
      'model.json: cannot be read (A requested file could not be found.).',
    );
  });

  it('must include one .json file', async () => {
    const [manifest, ...shards] = pickedFiles(set);
    const text = (found: number, all: number) =>
      `load: the files must be one model.json and its shards, got ${found} .json files among ${all}.`;
    await expectAsync(readAll(shards)).toBeRejectedWithError(OptionsError, text(0, 4));
    const two = [manifest!, ...shards, new File(['{}'], 'package.json')];
    await expectAsync(readAll(two)).toBeRejectedWithError(OptionsError, text(2, 6));
  });
});

describe('an IO handler', () => {
  const whole = async () =>
    new Blob(
      await Promise.all(
        [...set.shards.values()].map((bytes) => inflate(bytes) as Promise<Uint8Array<ArrayBuffer>>),
      ),
    ).arrayBuffer();
  const handler = (
    weightData: ArrayBuffer,
    modelTopology: object = set.manifest,
  ): WeightsInput => ({
    load: async () => ({ modelTopology, weightData }),
  });

  it('is rejected if its data is too short or too long', async () => {
    const data = await whole();
    const last = set.manifest.shards[3]!.inflated!.bytes;
    const tail = (count: number) =>
      `it has ${count} bytes, the manifest says ${last}. Upload it again.`;
    expect(await problemsOf(readAll(handler(data.slice(0, -1))))).toEqual([
      `shard-04-of-04.bin.gz: is cut short: ${tail(last - 1)}`,
    ]);
    const longer = await new Blob([data, new Uint8Array(1)]).arrayBuffer();
    expect(await problemsOf(readAll(handler(longer)))).toEqual([
      `shard-04-of-04.bin.gz: is too long: ${tail(last + 1)}`,
    ]);
  });

  it('is rejected if its data is altered', async () => {
    const data = flipBit(new Uint8Array(await whole()), 0).buffer as ArrayBuffer;
    expect(await problemsOf(readAll(handler(data)))).toEqual([
      jasmine.stringMatching(/^shard-01-of-04\.bin\.gz: SHA-256 must be /) as never,
    ]);
  });

  it('is rejected if it returns another kind of model, or nothing', async () => {
    const keras = { class_name: 'Model', config: {} };
    expect(await problemsOf(readAll(handler(new ArrayBuffer(0), keras)))).toEqual([
      'not a manifest of alexnet-ts: its "format" is undefined. Point to the model.json of a set.',
    ]);
    expect(await problemsOf(readAll({ load: async () => ({}) }))).toEqual([
      'a manifest must be a JSON object, got undefined.',
    ]);
  });

  it('is named with the reason if it fails, synchronously or later', async () => {
    const text = 'the IO handler: cannot be loaded (no such key). Was it saved under this name?';
    const fail = () => {
      throw new Error('no such key');
    };
    await expectAsync(readAll({ load: fail })).toBeRejectedWithError(WeightsError, text);
    await expectAsync(readAll({ load: async () => fail() })).toBeRejectedWithError(
      WeightsError,
      text,
    );
  });

  it('is rejected if it can only save', async () => {
    const text = 'the IO handler: this IO handler can only save. Pass one that loads.';
    await expectAsync(
      readAll(io.withSaveHandler(async () => ({}) as io.SaveResult)),
    ).toBeRejectedWithError(WeightsError, text);
  });
});

describe('invalid weights', () => {
  const rule =
    "load: weights must be the URL or path of a model.json, .pth, .safetensors, .caffemodel or .onnx, a list of such mirrors, such a file or its bytes, the files of a set or a zip of them, a set imported from 'alexnet-ts/weights/…', or an IO handler, got ";
  for (const [wrong, got] of [
    [5, '5'],
    [true, 'true'],
    [null, 'null'],
    [{}, 'an empty object'],
    [{ default: {} }, 'an object with default'],
    [[], 'an array of length 0'],
    [[5], 'an array of length 1'],
    [['https://a.test/model.json', new File([], 'model.json')], 'an array of length 2'],
  ] as const) {
    it(`are rejected: ${got}`, () =>
      expect(() => weightSource(wrong as never)).toThrow(new OptionsError(`${rule}${got}.`)));
  }

  it('are rejected: a malformed address', () => {
    expect(() => weightSource('https://[')).toThrow(
      new OptionsError(
        'load: weights must be a valid URL or path of a model.json, got "https://[".',
      ),
    );
  });
});
