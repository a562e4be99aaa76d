/** Fuzzes the readers of weights, saved models, layers, checkpoints and labels. */
import fc from 'fast-check';
import { sequentialFromJSON } from '../../src/layers/fromJSON';
import { knn, type Embedder, type KnnJSON } from '../../src/prediction/knn';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/training/loop/checkpoint';
import { readLabels } from '../../src/weights/convert/labels';
import { parseJSON } from '../../src/weights/read/source';
import { sha256 } from '../../src/platform/sha256';
import type { Manifest } from '../../src/weights/format/manifest';
import { paperAlexNet } from '../../src/alexnet';
import { filesOf, readAll, tinyNetwork, tinySet } from '../support/tinySet';
import { PROTO, mutated, mutatedJSON, text, zipped } from './mutations';
import { Defect, type Readers } from './reader';

const file = (name: string, bytes: Uint8Array) =>
  new File([bytes as Uint8Array<ArrayBuffer>], name);

const tuning = {
  origin: { base: { name: 'base', hash: 'a'.repeat(64) }, trained: ['fc2'] },
  history: [{ epoch: 1, loss: 0.5, accuracy: 0.75, validation: { loss: 1, accuracy: 0.5 } }],
  recipe: { train: 'head' },
};

/** Shards must be next to the manifest. */
function checkPaths({ shards }: Manifest): void {
  const folder = 'https://sets.test/a/b/';
  for (const { path } of shards)
    if (!new URL(path, folder).href.startsWith(folder))
      throw new Defect(`${path} leaves the folder`);
}

const embedder = {
  net: tinyNetwork(),
  origin: undefined,
  embed: async () => [],
} as unknown as Embedder;
const kept: KnnJSON = {
  ...{
    format: 'alexnet-ts-knn',
    formatVersion: 1,
    layer: 'fc2',
    k: 3,
    distance: 'cosine',
    model: { hash: null, trained: [] },
    length: 2,
  },
  examples: [
    { label: 'ant', features: 'ADwAPA==' },
    { label: 'bee', features: 'AEAAPA==' },
  ],
};

export const weights: Readers = {
  async manifest() {
    const sets = [await tinySet(), await tinySet({ as: 'uint8', compress: false })];
    const shards = sets.flatMap((set) => [...set.shards].map(([path, bytes]) => file(path, bytes)));
    const manifests = sets.map(({ manifest }) => manifest);
    const alone = {
      ...manifests[0]!,
      base: { name: 'base', hash: 'b'.repeat(64), layers: ['conv1'] },
      tuning,
    };
    return {
      input: fc.oneof(
        {
          arbitrary: mutatedJSON([...manifests, alone, { ...manifests[1]!, tuning }]).map(text),
          weight: 4,
        },
        {
          arbitrary: mutated(manifests.map((manifest) => text(JSON.stringify(manifest)))),
          weight: 1,
        },
      ),
      async read(bytes) {
        await readAll([file('model.json', bytes), ...shards]);
        checkPaths(parseJSON(bytes, 'model.json') as Manifest);
      },
    };
  },
  async shard() {
    const { manifest, shards } = await tinySet();
    const [[path, first]] = [...shards] as [[string, Uint8Array]];
    return {
      input: mutated([first]),
      async read(bytes) {
        // Otherwise the hash check would reject it.
        const described = {
          ...manifest.shards[0]!,
          bytes: bytes.length,
          sha256: await sha256(bytes),
        };
        const others = [...shards].slice(1).map(([name, rest]) => file(name, rest));
        const said = JSON.stringify({
          ...manifest,
          shards: [described, ...manifest.shards.slice(1)],
        });
        await readAll([file('model.json', text(said)), file(path, bytes), ...others]);
      },
    };
  },
  async 'saved model'() {
    const files = filesOf(await tinySet()) as Record<string, Uint8Array>;
    const zips = ([0, 9] as const).map((level) => zipped(files, level));
    const names = fc.constantFrom(
      'model.json',
      'a/model.json',
      PROTO,
      'constructor',
      '../model.json',
      ...Object.keys(files),
    );
    const built = fc
      .dictionary(names, fc.constantFrom(...Object.values(files), new Uint8Array(100_000)))
      .map((own) => zipped(own));
    return {
      input: fc.oneof({ arbitrary: mutated(zips), weight: 3 }, { arbitrary: built, weight: 1 }),
      read: (bytes) => readAll([file('model.zip', bytes)]),
    };
  },
  async layers() {
    const block = { type: 'sequential', layers: [{ name: 'block', ...tinyNetwork().toJSON() }] };
    return {
      input: mutatedJSON([paperAlexNet(5).toJSON(), tinyNetwork().toJSON(), block]).map(text),
      async read(bytes) {
        const net = sequentialFromJSON(parseJSON(bytes, 'network'));
        net.params();
        net.summary();
        sequentialFromJSON(net.toJSON());
      },
    };
  },
  async labels() {
    const list = ['tench', 'goldfish', 'great white shark'];
    const lines = fc.array(
      fc.constantFrom('n01440764 tench, Tinca tinca', ' '.repeat(20_000), 'a', '\t', ',', '\u2028'),
      {
        maxLength: 20,
      },
    );
    const json = [
      list,
      list.map((label, i) => ({ label, id: `n${i}` })),
      { 0: ['n0', 'a'], 1: ['n1', 'b'] },
      { labels: list },
    ];
    return {
      input: fc.oneof(
        mutatedJSON(json).map(text),
        fc.tuple(lines, fc.constantFrom('', '\n')).map(([all, between]) => text(all.join(between))),
        mutated([
          text('n01440764 tench, Tinca tinca\nn01443537 goldfish\nn01484850 great white shark\n'),
          text('index,name\n0,"red wine, dry"\n1,beer\n2,ale\n'),
          text('0 cat\n1 dog\n2 hen\n'),
          text("{0: 'tench, Tinca tinca',\n 1: 'goldfish'}"),
          Uint8Array.from(Buffer.from('\ufeffcat\ndog\n', 'utf16le')),
        ]),
      ),
      read: async (bytes) => readLabels(bytes, 'labels.txt'),
    };
  },
  async checkpoint() {
    const values = new Float32Array(6);
    const state = { weights: { 'fc/kernel': values }, velocities: { 'fc/kernel': values } };
    const position = {
      epoch: 1,
      stepOfEpoch: 2,
      sums: { loss: 1, right: 1, count: 2 },
      schedule: {},
      history: [],
    };
    const parts = encodeCheckpoint({
      position: position as never,
      settings: { seed: 1, batchSize: 2, examples: 4 },
      state,
    });
    const whole = Buffer.concat(
      parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)),
    );
    const length = whole.readUInt32LE(0);
    const head = JSON.parse(whole.toString('utf8', 4, 4 + length)) as unknown;
    const withHead = (json: string) => {
      const bytes = text(json);
      const size = Buffer.alloc(4);
      size.writeUInt32LE(bytes.length);
      return new Uint8Array(Buffer.concat([size, bytes, whole.subarray(4 + length)]));
    };
    return {
      input: fc.oneof(mutatedJSON([head]).map(withHead), mutated([new Uint8Array(whole)])),
      read: async (bytes) => decodeCheckpoint(bytes, 'run.checkpoint'),
    };
  },
  knn: async () => ({
    input: mutatedJSON([kept]).map(text),
    read: async (bytes) => knn.from(embedder, parseJSON(bytes, 'knn.json') as KnnJSON),
  }),
};
