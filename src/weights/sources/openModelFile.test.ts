/**
 * Files of other frameworks in the browser: picked, as bytes and at addresses, with and without
 * Range; converted once, kept in the Cache API, and never in halves.
 */
import { WeightsError } from '../../errors';
import { load } from '../../model/load';
import {
  filesOf,
  pickedFiles,
  problemsOf,
  readAll,
  textBytes,
  tinySet,
  tinyValues,
} from '../../../test/support/tinySet';
import { zipSync } from 'fflate';
import type { LoadProgress } from '../read/loadProgress';
import type { WeightsInput } from '../read/source';
import { cacheStore } from './convertedCache';
import { limits } from './fileBlocks';

const ADDRESS = 'https://models.test/alexnet.pth';
let model: Uint8Array<ArrayBuffer>;
let expected: Record<string, Float32Array>;
const realFetch = globalThis.fetch.bind(globalThis);

const keys = async () => {
  const requests = await (await caches.open('alexnet-ts')).keys();
  return requests.map(({ url }) => url).filter((url) => url.includes('/converted/'));
};
const clear = async () => {
  const cache = await caches.open('alexnet-ts');
  for (const key of await keys()) await cache.delete(key);
};

interface Served {
  ranges?: boolean;
  etag?: string | undefined;
  /** Replaces the response of the n-th request. */
  fault?: (n: number, whole: Response) => Response | undefined;
  content?: () => Uint8Array<ArrayBuffer>;
}

/** Serves the model at ADDRESS. Returns the requests: the method and the range. */
function serveModel({
  ranges = true,
  etag = '"one"',
  fault = () => undefined,
  content = () => model,
}: Served = {}): string[] {
  const requests: string[] = [];
  (jasmine.isSpy(globalThis.fetch)
    ? (globalThis.fetch as jasmine.Spy<typeof fetch>)
    : spyOn(globalThis, 'fetch')
  ).and.callFake(async (input, init) => {
    init?.signal?.throwIfAborted();
    if (String(input) !== ADDRESS) return realFetch(input, init);
    const { method = 'GET' } = init ?? {};
    const range = new Headers(init?.headers).get('range');
    requests.push(`${method} ${range ?? ''}`.trim());
    const bytes = content();
    const headers = new Headers(etag ? { etag } : {});
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    let response: Response;
    if (ranges && start !== undefined) {
      const part = bytes.slice(Number(start), Number(end) + 1);
      headers.set('content-range', `bytes ${start}-${end}/${bytes.length}`);
      headers.set('content-length', String(part.length));
      response = new Response(part, { status: 206, headers });
    } else {
      headers.set('content-length', String(bytes.length));
      response = new Response(method === 'HEAD' ? null : bytes, { headers });
    }
    return fault(requests.length, response) ?? response;
  });
  return requests;
}

const same = (found: Record<string, Float32Array>) => expect(found).toEqual(expected);

/** Reads the fixture, and empties the cache after each test. Call in a `describe`. */
function prepare(): void {
  beforeAll(async () => {
    const response = await realFetch('/base/test/fixtures/converters/torchvision.pth');
    model = new Uint8Array(await response.arrayBuffer());
    expected = await readAll(model);
    await clear();
  });
  beforeEach(() => void spyOn(console, 'info'));
  afterEach(async () => {
    limits.block = 4 * 1024 * 1024;
    await clear();
  });
}

describe('a file of another framework', () => {
  prepare();

  it('is read as a File, a Blob, a buffer or a view', async () => {
    const inputs: WeightsInput[] = [
      new File([model], 'alexnet.pth'),
      [new File([model], 'any name')],
      new Blob([model]),
      model.buffer,
      new DataView(model.buffer),
    ];
    for (const input of inputs) {
      await clear();
      same(await readAll(input));
    }
    expect(Object.keys(expected)).toContain('conv1/kernel');
  });

  it('is converted once: the next time its set comes from the cache', async () => {
    const phases = async (input: WeightsInput) => {
      const seen: LoadProgress[] = [];
      same(await readAll(input, { onProgress: (progress) => seen.push(progress) }));
      for (const { loaded, total } of seen) expect(loaded).toBeLessThanOrEqual(total);
      return [...new Set(seen.map(({ phase }) => phase))];
    };
    const file = new File([model], 'a.pth');
    expect(await phases(file)).toEqual(['convert', 'fetch', 'verify', 'decode', 'upload']);
    expect(await phases(new File([model], 'b.pth'))).toEqual([
      'fetch',
      'verify',
      'decode',
      'upload',
    ]);
    const other = model.slice();
    other[other.length >> 1]! ^= 1;
    await readAll(new File([other], 'a.pth')).catch(() => {});
    expect((await keys()).filter((key) => key.endsWith('model.json')).length).toBeGreaterThan(0);
  });

  it('makes a model, stored as uint8 unless told otherwise', async () => {
    const one = await load({ weights: new File([model], 'mine.pth'), backend: 'cpu' });
    expect([one.name, one.labels.length]).toEqual(['mine', 5]);
    const labels = ['a', 'b', 'c', 'd', 'e'].map((label) => ({ label, id: label }));
    const two = await load({
      weights: model,
      backend: 'cpu',
      cache: false,
      convert: { quantize: false, name: 'other', labels },
    });
    expect([two.name, two.labels[4]]).toEqual(['other', 'e']);
    const picture = new ImageData(64, 64);
    picture.data.fill(200);
    const [first, second] = [await one.embed(picture), await two.embed(picture)];
    const worst = Math.max(...first.map((value, i) => Math.abs(value - second[i]!)));
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(0.05 * Math.max(...second));
    expect((await keys()).filter((key) => key.endsWith('model.json')).length).toBe(1);
    one.dispose();
    two.dispose();
  });

  it('is distinguished from a zip of a set, and from other files', async () => {
    const files = Object.entries(filesOf(await tinySet()));
    const zip = zipSync(
      Object.fromEntries(files.map(([path, bytes]) => [`x/${path}`, bytes as Uint8Array])),
    );
    expect(await readAll(new File([zip as Uint8Array<ArrayBuffer>], 'no ending'))).toEqual(
      tinyValues(),
    );
    expect(await readAll(pickedFiles(await tinySet()))).toEqual(tinyValues());
    expect(await problemsOf(readAll(new File(['neither'], 'photo.jpg')))).toEqual([
      jasmine.stringMatching('is none of the files that can be converted') as never,
    ]);
  });

  it('leaves nothing when it is stopped or fails', async () => {
    const stop = new AbortController();
    const reading = readAll(new File([model], 'a.pth'), {
      signal: stop.signal,
      onProgress: ({ loaded, total }) => loaded > total / 2 && stop.abort(new Error('enough')),
    });
    await expectAsync(reading).toBeRejectedWithError('enough');
    const cut = new File([model.slice(0, -2000)], 'a.pth');
    await expectAsync(readAll(cut)).toBeRejectedWithError(WeightsError);
    expect(await keys()).toEqual([]);
  });

  it('is used without a cache where there is no room', async () => {
    spyOn(Cache.prototype, 'put').and.rejectWith(new DOMException('full', 'QuotaExceededError'));
    same(await readAll(new File([model], 'a.pth')));
    expect(console.info).toHaveBeenCalledWith(jasmine.stringMatching('quota exceeded'));
    expect(await keys()).toEqual([]);
    const store = cacheStore(await caches.open('alexnet-ts'), 'k');
    await store.put(Uint8Array.of(1));
    await store.put(Uint8Array.of(2));
    expect(await store.get(1)).toEqual(Uint8Array.of(2));
  });
});

describe('a file at an address', () => {
  prepare();

  it('is read in parts, each once, and its set is kept under its ETag', async () => {
    limits.block = 4096;
    const requests = serveModel();
    same(await readAll(ADDRESS));
    const bytes = requests.map((request) => {
      const [, start, end] = /^GET bytes=(\d+)-(\d+)$/.exec(request)!;
      return Number(end) + 1 - Number(start);
    });
    expect(Math.max(...bytes)).toBe(4096);
    expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(2.2 * model.length); // a zip's directory is searched in its last 64 kB
    requests.length = 0;
    same(await readAll(ADDRESS));
    expect(requests).toEqual(['GET bytes=0-4095']);

    serveModel({ fault: () => new Response('', { status: 404 }) });
    same(await readAll(ADDRESS)); // offline
  });

  it('is converted again when the server has another version', async () => {
    serveModel();
    await readAll(ADDRESS);
    const seen = new Set<string>();
    serveModel({ etag: '"two"' });
    await readAll(ADDRESS, { onProgress: ({ phase }) => seen.add(phase) });
    expect(seen.has('convert')).toBeTrue();
  });

  it('is downloaded once where the server does not send parts', async () => {
    const seen: LoadProgress[] = [];
    const requests = serveModel({ ranges: false });
    same(await readAll(ADDRESS, { onProgress: (progress) => seen.push(progress) }));
    expect(requests.length).toBe(1);
    expect([...new Set(seen.map(({ phase }) => phase))].slice(0, 2)).toEqual([
      'download',
      'convert',
    ]);
    expect((await keys()).filter((key) => key.includes('/download/'))).toEqual([]);
  });

  it('survives a connection that breaks, and a server without Range', async () => {
    const half = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(model.slice(0, 10_000));
            setTimeout(() => controller.error(new TypeError('network error')), 10);
          },
        }),
        { headers: { 'content-length': String(model.length) } },
      );
    const requests = serveModel({ ranges: false, fault: (n) => (n === 1 ? half() : undefined) });
    same(await readAll(ADDRESS));
    expect(requests).toEqual(['GET bytes=0-4194303', 'GET']);
    await clear();
    limits.block = 4096;
    serveModel({ fault: (n) => (n === 4 ? new Response('', { status: 503 }) : undefined) });
    same(await readAll(ADDRESS));
  });

  it('is not joined from two versions', async () => {
    limits.block = 4096;
    serveModel({
      fault: (n, { status, body, headers }) =>
        n < 4
          ? undefined
          : new Response(body, {
              status,
              headers: { ...Object.fromEntries(headers), etag: '"two"' },
            }),
    });
    expect(await problemsOf(readAll(ADDRESS))).toEqual([
      jasmine.stringMatching('the file was changed while it was read. Load it again') as never,
    ]);
    expect((await keys()).filter((key) => !key.includes('/from/'))).toEqual([]);
  });

  it('may be the second of two mirrors', async () => {
    serveModel();
    same(await readAll(['https://nowhere.test/a.pth', ADDRESS], { retries: { times: 0 } }));
  });

  it('that cannot be fetched is explained', async () => {
    serveModel();
    const [problem] = await problemsOf(readAll('https://nowhere.invalid/a.onnx', { retries: 0 }));
    expect(problem).toMatch(
      /^cannot be fetched \(.+\)\. Is the address right, and does the server send Access-Control-Allow-Origin\?/,
    );
  });

  it('is a set if it begins with JSON', async () => {
    const content = () => textBytes(JSON.stringify({ format: 'other' })) as Uint8Array<ArrayBuffer>;
    serveModel({ content });
    expect(await problemsOf(readAll(ADDRESS))).toContain(jasmine.stringMatching('format') as never);
  });
});
