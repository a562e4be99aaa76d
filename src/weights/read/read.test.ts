/** read: malformed shards, aborting, and progress. */
import { WeightsError } from '../../errors';
import { tensorCount } from '../../../test/support/backends';
import {
  endless,
  filesOf,
  flipBit,
  inflate,
  pickedFiles,
  problemsOf,
  readAll,
  serve,
  textBytes,
  tinyFacts,
  tinySet,
  tinyTensors,
  tinyValues,
  typed,
  type Answer,
} from '../../../test/support/tinySet';
import { gzip } from '../../platform/gzip';
import type { Manifest, Shard } from '../format/manifest';
import type { LoadProgress } from './read';
import { sha256 } from '../../platform/sha256';
import { writeSet, type WrittenSet } from '../save/write';

let set: WrittenSet; // of eight shards: more than are fetched in parallel
let shards: readonly Shard[];
let stored: Uint8Array[];
beforeAll(async () => {
  set = await tinySet({ maxShardBytes: 900 });
  ({ shards } = set.manifest);
  stored = [...set.shards.values()];
  expect(shards.length).toBe(8);
});

const path = (i: number) => `shard-0${i + 1}-of-08.bin.gz`;

/** Returns the beginning of a problem with shard `i`. */
const where = (i: number, tries = '') => `${path(i)}: https://sets.test/tiny/${path(i)}: ${tries}`;
const [TWICE, ALL] = ['tries 1 to 2: ', 'tries 1 to 5: '];

/** Returns the tensors that are complete in the shards before shard `i`. */
function before(i: number): string[] {
  const room = shards.slice(0, i).reduce((sum, { inflated }) => sum + inflated!.bytes, 0);
  let at = 0;
  return tinyTensors().flatMap(({ entry, bytes }) =>
    (at += bytes.length) <= room ? [entry.name] : [],
  );
}

/**
 * Returns the problems when the server sends these shards. Checks that no tensor of the first of
 * them or of later ones is handed over.
 */
async function problemsWith(answers: Record<number, Answer>): Promise<readonly string[]> {
  const changes = Object.entries(answers).map(([i, answer]) => [path(Number(i)), answer] as const);
  const { url } = serve({ ...filesOf(set), ...Object.fromEntries(changes) });
  const count = tensorCount();
  const handedOver: string[] = [];
  const problems = await problemsOf(readAll(url, { onTensor: (name) => handedOver.push(name) }));
  expect(handedOver).toEqual(before(Math.min(...Object.keys(answers).map(Number))));
  expect(tensorCount()).toBe(count);
  return problems;
}

/**
 * Serves a set of the same tensors whose shard `i` is `bytes`, with the manifest of these bytes.
 */
async function serveWith(...changes: [i: number, bytes: Uint8Array][]): Promise<string> {
  const manifest = JSON.parse(JSON.stringify(set.manifest)) as Manifest;
  const files = filesOf(set);
  for (const [i, bytes] of changes) {
    Object.assign(manifest.shards[i]!, { bytes: bytes.length, sha256: await sha256(bytes) });
    files[path(i)] = bytes;
  }
  return serve({ ...files, 'model.json': textBytes(JSON.stringify(manifest)) }).url;
}

describe('a shard with a problem', () => {
  it('is reported if it is missing', async () => {
    expect(await problemsWith({ 2: undefined })).toEqual([
      `${where(2)}the server returned 404 Not Found.`,
    ]);
  });

  it('is reported if it is an HTML page with status 200', async () => {
    const page = textBytes('<!doctype html><title>Log in</title>');
    expect(await problemsWith({ 2: () => typed(page, 'text/html; charset=utf-8') })).toEqual([
      `${where(2, TWICE)}the server returned an HTML page: a wrong address, or a page that asks for a login.`,
    ]);
    expect(await problemsWith({ 2: page })).toEqual([
      `${where(2, TWICE)}is cut short: it has 36 bytes, the manifest says ${shards[2]!.inflated!.bytes}, and is an HTML page. Upload it again.`,
    ]);
  });

  it('is reported if it is one byte too short or too long', async () => {
    const { bytes } = shards[5]!;
    expect(await problemsWith({ 5: stored[5]!.subarray(0, -1) })).toEqual([
      `${where(5, ALL)}is cut short: it has ${bytes - 1} bytes, the manifest says ${bytes}. Upload it again.`,
    ]);
    const zeros = tinyTensors().map(({ entry, bytes: { length } }) => ({
      entry,
      bytes: new Uint8Array(length),
    }));
    const packed = await writeSet(tinyFacts(), zeros); // 6676 bytes, compressed to about 40: one more is below the limit
    const [[name, whole]] = [...packed.shards] as [[string, Uint8Array]];
    const { url } = serve({ ...filesOf(packed), [name]: Uint8Array.of(...whole, 0) });
    expect(await problemsOf(readAll(url))).toEqual([
      `${name}: https://sets.test/tiny/${name}: ${TWICE}is too long: it has ${whole.length + 1} bytes, the manifest says ${whole.length}. Upload it again.`,
    ]);
  });

  it('is not read to its end if it is much too long', async () => {
    let pulled = 0;
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (pulled++ < 10_000) controller.enqueue(stored[5]!);
      else controller.close();
    };
    const limit = Math.max(shards[5]!.bytes, shards[5]!.inflated!.bytes);
    expect(await problemsWith({ 5: () => new Response(new ReadableStream({ pull })) })).toEqual([
      `${where(5, TWICE)}has more than the ${limit} bytes that the manifest says.`,
    ]);
    expect(pulled).toBeLessThan(10);
  });

  it('is reported if any one bit is altered', async () => {
    for (const at of [0, 400, stored[0]!.length - 1]) {
      const altered = flipBit(stored[0]!, at);
      const isAltered =
        `SHA-256 must be ${shards[0]!.sha256.slice(0, 12)}…, got ${(await sha256(altered)).slice(0, 12)}…: the file is corrupted, or from another version. ` +
        'Upload it again, or use the model.json that belongs to it.';
      const [problem] = await problemsWith({ 0: altered });
      if (at > 0) expect(problem).toBe(`${where(0, TWICE)}${isAltered}`);
      else
        expect(problem).toMatch(
          `^${where(0)}tries 1 to [25]: (SHA-256 must be|is cut short:|is too long:) `,
        ); // no longer gzip, so compared with the inflated size
    }
  });

  it('is reported if the server has inflated and altered it', async () => {
    const raw = await inflate(stored[7]!);
    expect(await problemsWith({ 7: flipBit(raw) })).toEqual([
      jasmine.stringMatching(
        `^${where(7, TWICE)}SHA-256 must be ${shards[7]!.inflated!.sha256.slice(0, 12)}…`,
      ) as never,
    ]);
  });

  it('is reported if the server is unreachable, or disconnects', async () => {
    const breaking = () =>
      new Response(
        new ReadableStream<Uint8Array>(
          {
            start: (controller) => controller.enqueue(stored[6]!.subarray(0, 300)),
            pull: (controller) => controller.error(new TypeError('network error')),
          },
          { highWaterMark: 0 },
        ),
      );
    const unreachable = () => Promise.reject(new TypeError('Failed to fetch'));
    expect(await problemsWith({ 3: unreachable, 6: breaking })).toEqual([
      `${where(3, ALL)}cannot be fetched (Failed to fetch). Is the address right, and does the server send Access-Control-Allow-Origin?`,
      `${where(6, ALL)}the connection broke after 300 bytes (network error).`,
    ]);
  });

  it('is listed with all others, in order', async () => {
    const problems = await problemsWith({
      7: flipBit(stored[7]!),
      0: flipBit(stored[0]!),
      4: undefined,
      2: new Uint8Array(),
      6: stored[6]!.subarray(9),
    });
    expect(
      problems.map((text, i) =>
        text.slice(0, where(0, i === 2 ? '' : ALL).length + 'the server'.length),
      ),
    ).toEqual([
      `${where(0, TWICE)}SHA-256 mu`,
      `${where(2, ALL)}is cut sho`,
      `${where(4)}the server`,
      `${where(6, ALL)}is cut sho`,
      `${where(7, TWICE)}SHA-256 mu`,
    ]);
  });

  it('is reported if it is swapped with another of the set', async () => {
    const problems = await problemsWith({ 0: stored[1]!, 1: stored[0]! });
    expect(problems.length).toBe(2);
  });
});

describe('a malformed shard with the right hash', () => {
  it('is not inflated past its stated size', async () => {
    const bomb = await gzip(new Uint8Array(2e7));
    const announced = shards[1]!.inflated!.bytes;
    expect(await problemsOf(readAll(await serveWith([1, bomb])))).toEqual([
      `${path(1)}: inflates to more than the ${announced} bytes announced.`,
    ]);
  });

  it('is listed with all others if it does not inflate, or to too little', async () => {
    const torn = stored[3]!.slice();
    torn.fill(255, 20, 60);
    const handedOver: string[] = [];
    const onTensor = (name: string) => handedOver.push(name);
    const problems = await problemsOf(
      readAll(await serveWith([3, torn], [5, await gzip(new Uint8Array(7))]), { onTensor }),
    );
    expect(problems[0]).toMatch(`^${path(3)}: .*[^.]\\.$`); // the browser's message, with one period
    expect(problems.slice(1)).toEqual([
      `${path(5)}: inflates to 7 bytes, ${shards[5]!.inflated!.bytes} were announced.`,
    ]);
    expect(handedOver).toEqual(before(3));
  });

  it('is compared with the inflated size and hash if it is not gzip', async () => {
    expect(await problemsOf(readAll(await serveWith([0, textBytes('not gzip')])))).toEqual([
      `${where(0, ALL)}is cut short: it has 8 bytes, the manifest says ${shards[0]!.inflated!.bytes}. Upload it again.`,
    ]);
  });
});

describe('tensors', () => {
  it('are handed over in the order of the set, while later shards load', async () => {
    const arrived: string[] = [];
    let onSecond = () => {};
    const second = new Promise<void>((resolve) => (onSecond = resolve));
    const late = async () => {
      await second;
      return typed(stored[7]!, 'application/octet-stream');
    };
    const onTensor = (name: string) => {
      arrived.push(name);
      if (arrived.length === 2) onSecond(); // never, if all shards were awaited first
    };
    expect(await readAll(serve({ ...filesOf(set), [path(7)]: late }).url, { onTensor })).toEqual(
      tinyValues(),
    );
    expect(arrived).toEqual(tinyTensors().map(({ entry }) => entry.name));
  });

  it('wait for their scales, and delay later tensors', async () => {
    const encoded = tinyTensors('uint8');
    const expected = await readAll(pickedFiles(await writeSet(tinyFacts(), encoded)));
    const order: string[] = [];
    const values = await readAll(pickedFiles(await writeSet(tinyFacts(), encoded.toReversed())), {
      onTensor: (name) => order.push(name),
    });
    expect(values).toEqual(expected);
    expect(order).toEqual(Object.keys(expected).reverse());
  });

  it('abort all fetches if one is rejected', async () => {
    const refused = new RangeError('no room');
    let ended = false;
    const slow: Answer = ({ signal }) => {
      signal!.addEventListener('abort', () => (ended = true));
      return new Promise((_, reject) =>
        signal!.addEventListener('abort', () => reject(signal!.reason as Error)),
      );
    };
    const onTensor = () => {
      throw refused;
    };
    await expectAsync(
      readAll(serve({ ...filesOf(set), [path(1)]: slow }).url, { onTensor }),
    ).toBeRejectedWith(refused);
    expect(ended).toBeTrue();
  });
});

describe('aborting', () => {
  const reason = new Error('the user left');

  it('before reading rejects with the reason, without a request', async () => {
    const { url, requests } = serve(filesOf(set));
    await expectAsync(readAll(url, { signal: AbortSignal.abort(reason) })).toBeRejectedWith(reason);
    expect(requests).toEqual([]);
  });

  it('during the shards rejects immediately, and starts no further fetch', async () => {
    const stop = new AbortController();
    const files = Object.fromEntries(
      Object.entries(filesOf(set)).map(([name, bytes]) => [
        name,
        name === 'model.json' ? bytes : endless(stored[0]!.subarray(0, 9)),
      ]),
    );
    const { url, shardRequests } = serve(files);
    const onProgress = ({ loaded }: LoadProgress) => loaded === 4 * 9 && stop.abort(reason);
    await expectAsync(readAll(url, { signal: stop.signal, onProgress })).toBeRejectedWith(reason);
    await new Promise((resume) => setTimeout(resume, 50));
    expect(shardRequests()).toEqual([0, 1, 2, 3].map(path)); // four in parallel
  });

  it('during the manifest rejects with the reason', async () => {
    const stop = new AbortController();
    const { url } = serve({
      'model.json': endless(textBytes('{'), () => setTimeout(() => stop.abort(reason))),
    });
    await expectAsync(readAll(url, { signal: stop.signal })).toBeRejectedWith(reason);
  });

  for (const phase of ['fetch', 'verify', 'decode', 'upload'] as const) {
    it(`during ${phase} rejects with the reason, also if a shard is wrong`, async () => {
      for (const altered of phase === 'fetch' || phase === 'verify' ? [false, true] : [false]) {
        const stop = new AbortController();
        const { url } = serve({
          ...filesOf(set),
          ...(altered ? { [path(0)]: flipBit(stored[0]!) } : {}),
        });
        const phases: string[] = [];
        const onProgress = (progress: LoadProgress) => {
          phases.push(progress.phase);
          if (progress.phase === phase) stop.abort(reason);
        };
        await expectAsync(readAll(url, { signal: stop.signal, onProgress })).toBeRejectedWith(
          reason,
        );
        expect(phases.lastIndexOf(phase)).toBe(phases.length - 1);
      }
    });
  }
});

describe('tensors with a sink', () => {
  it('are handed over without values, in the order of the set', async () => {
    const taken: number[] = [];
    const order: string[] = [];
    const { url } = serve(filesOf(set));
    const reported: LoadProgress[] = [];
    const read = await readAll(url, {
      sinkFor: ({ name }) =>
        name === 'fc2/kernel' ? (part) => void taken.push(...part) : undefined,
      onTensor: (name) => order.push(name),
      onProgress: (progress) => reported.push(progress),
    });
    const expected = tinyValues();
    expect(taken).toEqual([...new Uint8Array(expected['fc2/kernel']!.buffer)]);
    expect(read).toEqual({ ...expected, 'fc2/kernel': new Float32Array() });
    expect(order).toEqual(tinyTensors().map(({ entry }) => entry.name));
    expect(reported.at(-1)).toEqual({ phase: 'upload', loaded: 6676, total: 6676 });
  });
});

describe('progress', () => {
  it('counts stored bytes in fetch and verify, inflated bytes in decode and upload', async () => {
    const inParts =
      (bytes: Uint8Array): Answer =>
      () =>
        new Response(
          new ReadableStream<Uint8Array>({
            start(controller) {
              for (let at = 0; at < bytes.length; at += 300)
                controller.enqueue(bytes.subarray(at, at + 300));
              controller.close();
            },
          }),
        );
    const files = Object.fromEntries(
      Object.entries(filesOf(set)).map(([name, bytes]) => [name, inParts(bytes as Uint8Array)]),
    );
    files[path(2)] = inParts(await inflate(stored[2]!)); // more bytes than are stored
    const reported: LoadProgress[] = [];
    expect(
      await readAll(serve(files).url, { onProgress: (progress) => reported.push(progress) }),
    ).toEqual(tinyValues());

    const sum = (count: (shard: Shard) => number) =>
      shards.reduce((total, shard) => total + count(shard), 0);
    const totals = {
      fetch: sum(({ bytes }) => bytes),
      verify: sum(({ bytes }) => bytes),
      decode: 6676,
      upload: 6676,
    };
    expect(
      reported.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1]),
    ).toEqual(['fetch', 'verify', 'decode', 'upload']);
    for (const [phase, total] of Object.entries(totals)) {
      const own = reported.filter((progress) => progress.phase === phase);
      expect(own.every((progress) => progress.total === total))
        .withContext(`${phase} of ${total}`)
        .toBeTrue();
      expect(own.every(({ loaded }, i) => loaded >= (own[i - 1]?.loaded ?? 0)))
        .withContext(`${phase} goes back`)
        .toBeTrue();
      expect(own.at(-1)!.loaded).withContext(phase).toBe(total);
    }
    expect(reported[0]).toEqual({ phase: 'fetch', loaded: 0, total: totals.fetch });
    expect(reported.filter(({ phase }) => phase === 'fetch').length).toBeGreaterThan(
      2 * shards.length,
    );
  });

  it('does not exceed the total if a server sends too much', async () => {
    const reported: LoadProgress[] = [];
    const { url } = serve({ ...filesOf(set), [path(1)]: Uint8Array.of(...stored[1]!, 1, 2, 3) });
    await expectAsync(
      readAll(url, { onProgress: (progress) => reported.push(progress) }),
    ).toBeRejectedWithError(WeightsError);
    expect(reported.filter(({ loaded, total }) => loaded > total)).toEqual([]);
  });
});
