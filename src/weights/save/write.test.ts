/** Writes sets, and reads them back from every kind of source. */
import { io } from '@tensorflow/tfjs-core';
import { OptionsError } from '../../errors';
import { tensorCount } from '../../../test/support/backends';
import {
  filesOf,
  inflate,
  pickedFiles,
  problemsOf,
  readAll,
  serve,
  tinyFacts,
  tinyNetwork,
  tinySet,
  tinyTensors,
  tinyValues,
} from '../../../test/support/tinySet';
import { sha256 } from '../../platform/sha256';
import { indexModule, writeSet, type WrittenSet } from './write';

const WRITTEN = {
  'gzip and float32': () => tinySet(),
  'no gzip': () => tinySet({ compress: false }),
  'one shard': () => tinySet({ maxShardBytes: 10_000 }),
  'shards smaller than a tensor': () => tinySet({ maxShardBytes: 256 }),
  'shards cut in the middle of a number': () => tinySet({ compress: false, maxShardBytes: 257 }),
};

/** Returns a set as ModelArtifacts of TensorFlow.js: inflated shards, concatenated. */
async function artifactsOf({ manifest, shards }: WrittenSet): Promise<io.ModelArtifacts> {
  const parts: Uint8Array[] = [];
  for (const { path, inflated } of manifest.shards)
    parts.push(inflated ? await inflate(shards.get(path)!) : shards.get(path)!);
  const weightData = await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer();
  const weightSpecs = manifest.weightsManifest.flatMap(
    ({ weights }) => weights,
  ) as unknown as io.WeightsManifestEntry[];
  return { modelTopology: JSON.parse(JSON.stringify(manifest)) as object, weightSpecs, weightData };
}

describe('writeSet: round trips', () => {
  let before: number;
  beforeEach(() => (before = tensorCount()));
  afterEach(() => expect(tensorCount()).withContext('leaked tensors').toBe(before));

  for (const [what, write] of Object.entries(WRITTEN)) {
    it(`through addresses: ${what}`, async () => {
      const set = await write();
      const { url, requests } = serve(filesOf(set));
      expect(await readAll(url)).toEqual(tinyValues());
      expect(requests.sort()).toEqual(['model.json', ...set.shards.keys()].sort());
    });

    it(`through picked files: ${what}`, async () =>
      expect(await readAll(pickedFiles(await write()).reverse())).toEqual(tinyValues()));

    it(`through an IO handler: ${what}`, async () => {
      const artifacts = await artifactsOf(await write());
      expect(await readAll(io.fromMemory(artifacts))).toEqual(tinyValues());
      expect(await readAll(io.fromMemorySync(artifacts) as unknown as io.IOHandler)).toEqual(
        tinyValues(),
      );
    });
  }

  it('through an IO handler that returns several buffers', async () => {
    const artifacts = await artifactsOf(await tinySet());
    const whole = artifacts.weightData as ArrayBuffer;
    const weightData = [whole.slice(0, 1001), whole.slice(1001, 1002), whole.slice(1002)];
    expect(await readAll({ load: async () => ({ ...artifacts, weightData }) })).toEqual(
      tinyValues(),
    );
  });

  it("through 'indexeddb://…', saved by TensorFlow.js' handler", async () => {
    const address = 'indexeddb://alexnet-ts-test';
    try {
      await io.getSaveHandlers(address)[0]!.save!(await artifactsOf(await tinySet()));
      expect(await readAll(address)).toEqual(tinyValues());
    } finally {
      await io.removeModel(address);
    }
    const [problem] = await problemsOf(readAll(address));
    expect(problem).toMatch(/^no model is saved under this name\. /);
  });

  it('through an imported set, whose files may have any address', async () => {
    const set = await tinySet();
    const [first, ...others] = [...set.shards];
    const bundle = serve(
      { 'model-4f1c.json': filesOf(set)['model.json'], 'a-91.gz': first![1] },
      'https://cdn.test/assets/',
    );
    const { url, requests } = serve(Object.fromEntries(others));
    const shards = {
      [first![0]]: new URL('https://cdn.test/assets/a-91.gz'),
      ...Object.fromEntries(others.map(([path]) => [path, new URL(path, url)])),
    };
    expect(await readAll({ manifest: 'https://cdn.test/assets/model-4f1c.json', shards })).toEqual(
      tinyValues(),
    );
    expect(bundle.requests).toEqual(['model-4f1c.json', 'a-91.gz']);
    expect(requests.length).toBe(3);
  });

  it('through the address of a folder', async () => {
    serve(filesOf(await tinySet()));
    expect(await readAll('https://sets.test/tiny/')).toEqual(tinyValues());
    expect(await readAll(new URL('https://sets.test/tiny/'))).toEqual(tinyValues());
  });

  it('as uint8: kernels within half a step, biases exactly', async () => {
    const { url } = serve(filesOf(await tinySet({ as: 'uint8' })));
    const [read, values] = [await readAll(url), tinyValues()];
    expect(Object.keys(read)).toEqual(Object.keys(values)); // the scales are not handed over
    for (const [name, expected] of Object.entries(values)) {
      const worst = Math.max(...expected.map((value, i) => Math.abs(value - read[name]![i]!)));
      if (name.endsWith('bias')) expect(worst).toBe(0);
      else
        expect(worst)
          .withContext(name)
          .toBeLessThanOrEqual(0.1 / 127 / 2 + 1e-8);
    }
  });

  it('as uint8, with the scales after all other tensors', async () => {
    const tensors = tinyTensors('uint8');
    const isScale = ({ entry }: (typeof tensors)[0]) => entry.name.endsWith('/scale');
    const set = await writeSet(tinyFacts(), [
      ...tensors.filter((one) => !isScale(one)),
      ...tensors.filter(isScale),
    ]);
    serve(filesOf(await tinySet({ as: 'uint8' })), 'https://sets.test/usual/');
    const uploads: number[] = [];
    const { url } = serve(filesOf(set));
    const onProgress = ({
      phase,
      loaded,
      total,
    }: {
      phase: string;
      loaded: number;
      total: number;
    }) => phase === 'upload' && uploads.push(loaded / total);
    expect(await readAll(url, { onProgress })).toEqual(await readAll('https://sets.test/usual/'));
    expect(uploads.at(-1)).toBe(1);
  });

  it('as float16: a relative error of at most 2^-11', async () => {
    const { url } = serve(filesOf(await tinySet({ as: 'float16' })));
    const [read, values] = [await readAll(url), tinyValues()];
    const kernel = values['fc2/kernel']!;
    const worst = Math.max(
      ...kernel.map((value, i) =>
        Math.abs(value) < 6.2e-5 ? 0 : Math.abs(read['fc2/kernel']![i]! / value - 1),
      ),
    );
    expect(worst).toBeLessThanOrEqual(2 ** -11);
    expect(worst).toBeGreaterThan(0);
    expect(read['fc2/bias']).toEqual(values['fc2/bias']!);
  });

  it('from a server that inflates some or all .bin.gz files', async () => {
    const set = await tinySet();
    const files = filesOf(set);
    const paths = [...set.shards.keys()];
    for (const some of [paths.slice(0, 2), paths]) {
      for (const path of some) files[path] = await inflate(set.shards.get(path)!);
      const { url } = serve(files);
      expect(await readAll(url)).toEqual(tinyValues());
    }
  });
});

describe('writeSet', () => {
  it('writes shards below the size limit, and states size and hash, stored and inflated', async () => {
    for (const maxShardBytes of [256, 1000, 1800]) {
      const { manifest, shards } = await tinySet({ maxShardBytes });
      expect([...shards.keys()]).toEqual(manifest.shards.map(({ path }) => path));
      expect(shards.size).toBeGreaterThan(Math.floor(5500 / maxShardBytes));
      expect(shards.size)
        .withContext(`of ${maxShardBytes}: they are about as long as fits`)
        .toBeLessThan(1.2 * (7000 / maxShardBytes) + 1);
      for (const { path, bytes, sha256: hash, inflated } of manifest.shards) {
        const stored = shards.get(path)!;
        const raw = await inflate(stored);
        expect(stored.length).toBeLessThanOrEqual(maxShardBytes);
        expect({ path, bytes, hash, inflated }).toEqual({
          path,
          bytes: stored.length,
          hash: await sha256(stored),
          inflated: { bytes: raw.length, sha256: await sha256(raw) },
        });
      }
      expect(manifest.shards.reduce((sum, { inflated }) => sum + inflated!.bytes, 0)).toBe(6676);
    }
  });

  it('writes .bin files of exactly the size limit, except the last, without compression', async () => {
    const { manifest } = await tinySet({ compress: false, maxShardBytes: 1800 });
    expect(manifest.shards.map(({ path, bytes, inflated }) => ({ path, bytes, inflated }))).toEqual(
      [1800, 1800, 1800, 1276].map((bytes, i) => ({
        path: `shard-0${i + 1}-of-04.bin`,
        bytes,
        inflated: undefined,
      })),
    );
  });

  it('writes fewer shards for values that compress well', async () => {
    const zeros = tinyTensors().map(({ entry, bytes }) => ({
      entry,
      bytes: new Uint8Array(bytes.length),
    }));
    expect(
      (await writeSet(tinyFacts(), zeros, { maxShardBytes: 256 })).manifest.shards.length,
    ).toBe(1);
  });

  it('returns a manifest that survives JSON, with the tensors in the given order', async () => {
    const { manifest } = await tinySet();
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
    expect(manifest.weightsManifest[0]!.weights.map(({ name }) => name)).toEqual(
      Object.keys(tinyNetwork().params()),
    );
    expect(manifest.weightsManifest[0]!.paths).toEqual(manifest.shards.map(({ path }) => path));
  });

  it('rejects a shard size out of range', async () => {
    for (const wrong of [0, 255, 300.5, NaN, 4 * 1024 * 1024 + 1]) {
      const text = `writeSet: maxShardBytes must be an integer from 256 to 4194304, got ${wrong}.`;
      await expectAsync(tinySet({ maxShardBytes: wrong })).toBeRejectedWithError(
        OptionsError,
        text,
      );
    }
  });

  it('rejects tensors that do not match the network', async () => {
    const problems = await problemsOf(
      writeSet({ ...tinyFacts(), labels: [] }, tinyTensors().slice(1)),
    );
    expect(problems).toEqual([
      'labels must have one entry for each of the 5 classes, got 0.',
      'conv1/kernel: must be stored with the shape 3 × 3 × 3 × 8, got none.',
    ]);
  });

  it('writes a module with the manifest and one static address per shard', async () => {
    const { manifest } = await tinySet({ maxShardBytes: 3600 });
    expect(indexModule(manifest))
      .toBe(`/** The addresses of the files of tiny, for \`load({ weights })\`. Written by alexnet-ts with the set. */
export default {
  manifest: ${JSON.stringify(manifest)},
  shards: {
    'shard-01-of-02.bin.gz': new URL('./shard-01-of-02.bin.gz', import.meta.url),
    'shard-02-of-02.bin.gz': new URL('./shard-02-of-02.bin.gz', import.meta.url),
  },
};
`);
  });

  it('writes a valid module whatever the manifest contains', async () => {
    const provenance = '*/ `${1}` \u2028 </script> "__proto__":';
    const { manifest } = await tinySet();
    const odd = {
      ...manifest,
      provenance,
      ...JSON.parse('{"__proto__": {"a": 1}}'),
    } as typeof manifest;
    const module = indexModule(odd);
    expect(module.split('*/').length).toBe(2); // of the comment
    const source = module.replaceAll('import.meta.url', '"https://sets.test/"');
    const evaluated = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
      default: { manifest: unknown };
    };
    expect(JSON.stringify(evaluated.default.manifest)).toBe(JSON.stringify(odd));
  });
});

describe('writeSet with newShardAt', () => {
  it('starts a shard at the named tensor, so that the earlier ones can load first', async () => {
    const set = await tinySet({
      compress: false,
      maxShardBytes: 10_000,
      newShardAt: ['fc2/kernel'],
    });
    const convolution = 4 * (3 * 3 * 3 * 8 + 8);
    expect(set.manifest.shards.map(({ bytes }) => bytes)).toEqual([
      convolution,
      6676 - convolution,
    ]);
    expect(await readAll(serve(filesOf(set)).url)).toEqual(tinyValues());
  });

  it('rejects an unknown tensor name, and suggests the nearest', async () => {
    await expectAsync(tinySet({ newShardAt: ['fc2/kernal'] })).toBeRejectedWithError(
      OptionsError,
      'writeSet: newShardAt must list names of tensors, got "fc2/kernal". Did you mean "fc2/kernel"? Known: conv1/kernel, conv1/bias, fc2/kernel, fc2/bias.',
    );
  });
});
