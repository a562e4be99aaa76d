/** Everything that writes files: a command or Node program, the files it replaces, valid states. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { node } from '../support/child';
import { BLUE, RED, flat } from '../support/files';
import { faultServer } from '../support/faultServer.mjs';
import { float32Bytes, safetensorsFile } from '../support/safetensors';
import { filesOf, tinyFacts, tinyNetwork, tinySet, tinyValues } from '../support/tinySet';
import { torchvisionFile } from '../support/torchvisionFile.mjs';

/** Something that writes into a folder that has the files of an earlier run. */
export interface Scenario {
  name: string;
  /** Arguments of Node after the program's own, for the folder that it writes to. */
  command(out: string): readonly string[];
  env?(out: string): Record<string, string>;
  /** Writes the files of the earlier run. */
  prepare?(out: string): Promise<void>;
  /** Returns what a reader of the folder finds: the same text for the same contents. */
  state(out: string): Promise<string>;
  /** Whether the state may be another than the old or new one, such as a part of a log. */
  between?(state: string, old: string, whole: string): boolean;
  /** Matches files that may remain after a full disk, so that the next run can resume. */
  resumes?: RegExp;
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

const hashOf = (path: string): Promise<string> =>
  readFile(path).then(sha256, (error: NodeJS.ErrnoException) => error.code ?? 'error');

interface AnyModel {
  shards?: { path: string; sha256: string }[];
  weightsManifest: { paths: string[]; sha256?: string[] }[];
}

/** Returns the state of a set or a TensorFlow.js model: a hash, or which file is not as listed. */
async function modelState(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'model.json')).catch(() => undefined);
  if (!text) return 'none';
  const { shards, weightsManifest } = JSON.parse(text.toString()) as AnyModel;
  const listed =
    shards ??
    weightsManifest.flatMap(({ paths, sha256: hashes }) =>
      paths.map((path, i) => ({ path, sha256: hashes![i]! })),
    );
  for (const { path, sha256: hash } of listed)
    if ((await hashOf(join(folder, path))) !== hash) return `torn: ${path}`;
  return sha256(Buffer.from(withoutNames(text.toString(), listed)));
}

/** Replaces the names of shards, which depend on the earlier files, by their hashes. */
const withoutNames = (text: string, shards: readonly { path: string; sha256: string }[]): string =>
  shards.reduce((rest, { path, sha256: hash }) => rest.replaceAll(path, hash), text);

/** Returns the state of index.js: a hash, or which shard of its manifest is not as listed. */
async function indexState(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'index.js'), 'utf8').catch(() => undefined);
  if (text === undefined) return 'none';
  const { shards } = JSON.parse(/^ {2}manifest: (.*),$/m.exec(text)![1]!) as Required<AnyModel>;
  for (const { path, sha256: hash } of shards)
    if (!text.includes(`'${path}': `) || (await hashOf(join(folder, path))) !== hash)
      return `torn: ${path}`;
  return sha256(Buffer.from(withoutNames(text, shards)));
}

/** Returns the arguments of a Node program that uses the built package. */
const program = (code: string) => ['--input-type=module', '--eval', code];

/** Writes the inputs to a folder, and returns the scenarios. */
export async function scenarios(
  inputs: string,
): Promise<{ all: readonly Scenario[]; close: () => Promise<void> }> {
  const at = (...parts: string[]) => join(inputs, ...parts);
  const put = async (path: string, bytes: Uint8Array) => {
    await mkdir(join(at(path), '..'), { recursive: true });
    await writeFile(at(path), bytes);
  };
  for (const seed of ['old', 'new']) {
    const set = filesOf(await tinySet({ seed }));
    for (const [name, bytes] of Object.entries(set)) await put(`${seed}/${name}`, bytes as never);
    const tensors = Object.entries(tinyNetwork().params()).map(([name, { shape }]) => [
      name.replace('/', '.'),
      { dtype: 'F32', shape, bytes: float32Bytes(tinyValues(seed)[name]!) },
    ]);
    const about = { 'alexnet-ts': JSON.stringify(tinyFacts(seed)) };
    await put(`${seed}.safetensors`, safetensorsFile(Object.fromEntries(tensors), about));
  }
  for (const [label, color] of [
    ['ant', RED],
    ['bee', BLUE],
  ] as const)
    for (let i = 0; i < 12; i++)
      await put(
        `pictures/${label}/${i}.png`,
        await flat(color, 20 + i)
          .png()
          .toBuffer(),
      );
  const model = torchvisionFile();
  const server = await faultServer({ '/alexnet.safetensors': model });
  const torchvision = {
    address: `${server.address}/alexnet.safetensors`,
    bytes: model.length,
    sha256: sha256(model),
  };
  await put('sources.json', Buffer.from(JSON.stringify({ torchvision })));
  await put('photo.png', await sharp(await flat(RED, 40).png().toBuffer()).toBuffer());

  const cli = (...args: string[]) => ['dist/cli.js', ...args];
  const cpu = ['--backend', 'cpu'];
  for (const args of [
    ['convert', at('old.safetensors'), '-o', at('converted'), '--no-gzip'],
    ['export', at('old'), '-o', at('exported-tfjs')],
    ['export', at('old'), '-o', at('exported-onnx/x.onnx')],
    ['export', at('old'), '-o', at('exported-safetensors/x.safetensors')],
  ]) {
    const { status, stderr } = await node(cli(...args));
    if (status !== 0) throw new Error(stderr);
  }
  const copyOf = (path: string) => (out: string) => cp(at(path), out, { recursive: true });
  const fileState = (name: string) => (out: string) => hashOf(join(out, name));
  const fineTune = (seed: number) => `
    import { load } from 'alexnet-ts';
    import sharp from 'sharp';
    const model = await load({ weights: ${JSON.stringify(at('old/model.json'))}, backend: 'cpu' });
    const picture = (background) => sharp({ create: { width: 20, height: 20, channels: 3, background } }).png().toBuffer();
    const pictures = { red: [await picture('red')], blue: [await picture('blue')] };
    const tuned = await model.fineTune(pictures, { epochs: 1, seed: ${seed} });`;
  const all: Scenario[] = [
    {
      name: 'convert',
      command: (out) => cli('convert', at('new.safetensors'), '-o', out, '--no-gzip'),
      prepare: copyOf('converted'),
      state: async (out) => `${await modelState(out)} ${await indexState(out)}`,
      // index.js is replaced first; it and the old model.json name shards that exist.
      between: (state, old, whole) => state === `${old.split(' ')[0]} ${whole.split(' ')[1]}`,
    },
    ...(['tfjs', 'onnx', 'safetensors'] as const).map((format): Scenario => {
      const name = format === 'tfjs' ? '' : `x.${format}`;
      return {
        name: `export ${format}`,
        command: (out) =>
          cli('export', at('new/model.json'), '-o', name ? join(out, name) : out, '--force'),
        prepare: copyOf(`exported-${format}`),
        state: name ? fileState(name) : modelState,
      };
    }),
    {
      name: 'fine-tune',
      command: (out) =>
        cli(
          ...['fine-tune', at('pictures'), '-o', out, '--weights', at('old/model.json')],
          ...['--epochs', '1', ...cpu],
        ),
      prepare: copyOf('old'),
      state: modelState,
    },
    {
      name: 'evaluate --resume',
      command: (out) =>
        cli(
          ...['evaluate', at('pictures'), '--weights', at('old/model.json'), ...cpu],
          ...['--resume', join(out, 'log.jsonl')],
        ),
      state: fileState('log.jsonl'),
      between: () => true, // lines are added; the next run must complete them
    },
    {
      name: 'evaluate --record',
      command: (out) =>
        cli(
          ...['evaluate', at('pictures'), '--weights', join(out, 'model.json'), ...cpu],
          ...['--record', 'pictures'],
        ),
      prepare: copyOf('old'),
      state: modelState,
    },
    {
      name: 'classify with a named source',
      command: (out) =>
        cli('classify', at('photo.png'), '--weights', 'torchvision', '--cache', out, ...cpu),
      env: () => ({ ALEXNET_SOURCES: at('sources.json') }),
      async state(out) {
        const files = await readdir(join(out, 'files')).catch(() => []);
        const file = join(out, 'files', files[0] ?? 'none', 'alexnet.safetensors');
        const sets = await readdir(join(out, 'sets')).catch(() => []);
        return `${await hashOf(file)} ${await modelState(join(out, 'sets', sets[0] ?? 'none'))}`;
      },
      between: (state, old, whole) => state === `${whole.split(' ')[0]} ${old.split(' ')[1]}`,
      resumes: /\.part(\.json)?$/,
    },
    {
      name: 'convert with a named source',
      command: (out) =>
        cli(
          ...['convert', 'torchvision', '-o', join(out, 'set')],
          ...['--cache', join(out, 'cache'), '--no-gzip'],
        ),
      env: () => ({ ALEXNET_SOURCES: at('sources.json') }),
      async state(out) {
        const set = join(out, 'set');
        return `${await modelState(set)} ${await indexState(set)}`;
      },
      between: (state, old, whole) => state === `${old.split(' ')[0]} ${whole.split(' ')[1]}`,
      resumes: /\.part(\.json)?$/,
    },
    {
      name: 'cache list',
      command: (out) => cli('cache', 'list', '--cache', out),
      state: async () => 'same',
    },
    {
      name: 'save() in Node',
      command: (out) => program(`${fineTune(2)} await tuned.save(${JSON.stringify(out)});`),
      prepare: copyOf('old'),
      state: modelState,
    },
    {
      name: 'checkpoints in Node',
      command: (out) =>
        program(`
          import { checkpointFile } from 'alexnet-ts/training';
          const weights = (value) => ({ w: new Float32Array(20_000).fill(value) });
          const store = checkpointFile(${JSON.stringify(join(out, 'run'))});
          await store.load(); // throws if it is torn
          for (const value of [1, 2]) {
            const state = { weights: weights(value), velocities: weights(-value) };
            const settings = { seed: 4, batchSize: 2, examples: 10 };
            await store.save({ position: { epoch: value }, settings, state });
          }`),
      async state(out) {
        const bytes = await readFile(join(out, 'run')).catch(() => undefined);
        if (!bytes) return 'none';
        const last = bytes.readFloatLE(bytes.length - 4);
        return bytes.length > 160_000 && last < 0 ? `saved ${-last}` : `torn: ${bytes.length}`;
      },
      between: (state) => state === 'saved 1',
    },
  ];
  return { all, close: () => server.close() };
}
