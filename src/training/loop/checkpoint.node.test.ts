/** Checkpoints: encoding and decoding, a file that is never incomplete, and errors. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { OptionsError } from '../../errors';
import { checkCheckpoint, decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint';
import { checkpointDatabase } from './checkpointIndexedDb';
import { checkpointFile as inBrowser } from './checkpointFile';
import { checkpointFile } from 'alexnet-ts/training';
import { node, printed } from '../../../test/support/child';
import { startPosition } from './loop';
import { plateau } from './schedule';

const checkpoint = (value = 0.1): Checkpoint => ({
  position: {
    ...startPosition(plateau()),
    epoch: 3,
    stepOfEpoch: 2,
    sums: { loss: 1 / 3, right: 5, count: 8 },
  },
  settings: { seed: 4, batchSize: 2, examples: 10 },
  state: {
    weights: {
      'fc/kernel': Float32Array.of(value, -0, 3e-42),
      'fc/bias': Float32Array.of(Infinity),
    },
    velocities: { 'fc/kernel': Float32Array.of(1, 2, 3) },
  },
});

const bytesOf = (one: Checkpoint): Uint8Array =>
  Buffer.concat(
    encodeCheckpoint(one).map(
      (part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
    ),
  );

describe('checkpoint', () => {
  it('survives a round trip bit for bit', () =>
    assert.deepEqual(decodeCheckpoint(bytesOf(checkpoint()), 'x'), checkpoint()));

  it('is rejected if bytes are missing, too many, or of another kind', () => {
    const bytes = bytesOf(checkpoint());
    const refused = (part: Uint8Array, what: RegExp) =>
      assert.throws(() => decodeCheckpoint(part, 'run.checkpoint'), what);
    refused(
      bytes.subarray(0, bytes.length - 3),
      /^OptionsError: run\.checkpoint: the file must be a checkpoint of alexnet-ts, got one that ends within fc\/kernel\./,
    );
    refused(Buffer.concat([bytes, Buffer.from([1])]), /got one with 1 bytes too many/);
    refused(new Uint8Array(2), /got 2 bytes of something else/);
    refused(
      Buffer.from([4, 0, 0, 0, 123, 125, 32, 32]),
      /got something else, or one of another version/,
    );
    refused(Buffer.from([4, 0, 0, 0, 1, 2, 3, 4]), /got something else\./);
  });

  it('is rejected if it belongs to different training', () => {
    const sizes = { 'fc/kernel': 3, 'fc/bias': 1 };
    checkCheckpoint(checkpoint(), { seed: 4, batchSize: 2, examples: 10 }, sizes);
    assert.throws(
      () => checkCheckpoint(checkpoint(), { seed: 5, batchSize: 2, examples: 10 }, sizes),
      /must have been made with the same seed, got 4 instead of 5\. Use the same seed/,
    );
    assert.throws(
      () =>
        checkCheckpoint(checkpoint(), { seed: 4, batchSize: 2, examples: 10 }, { 'fc/kernel': 4 }),
      /must have 4 values for fc\/kernel, got 3/,
    );
  });

  it('reports that a kind of store is not available', async () => {
    assert.throws(() => inBrowser('x'), OptionsError);
    await assert.rejects(checkpointDatabase('x').load(), /there is none here/);
  });
});

describe('checkpointFile', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-checkpoint-'))));
  after(() => rm(folder, { recursive: true }));

  it('keeps the last checkpoint, and no other file', async () => {
    const store = checkpointFile(join(folder, 'a'));
    assert.equal(await store.load(), undefined);
    await store.save(checkpoint(1));
    await store.save(checkpoint(2));
    assert.deepEqual(await store.load(), checkpoint(2));
    assert.deepEqual(await readdir(folder), ['a']);
    await store.remove();
    assert.equal(await store.load(), undefined);
  });

  it('has one whole checkpoint after several saves at once', async () => {
    const path = join(folder, 'shared');
    const all = Array.from({ length: 8 }, (_, i) => checkpoint(i + 1));
    await Promise.all(all.map((each) => checkpointFile(path).save(each)));
    assert.deepEqual(await checkpointFile(path).load(), all.at(-1));
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('shared')),
      ['shared'],
    );
  });

  it('keeps the previous checkpoint if writing fails', async () => {
    const path = join(folder, 'b');
    const store = checkpointFile(path);
    await store.save(checkpoint(1));
    const broken = checkpoint(2);
    const gone = {
      length: 1,
      get buffer(): ArrayBuffer {
        throw new Error('gone');
      },
    };
    broken.state.velocities.last = gone as unknown as Float32Array;
    await assert.rejects(store.save(broken), /gone/);
    assert.deepEqual(await store.load(), checkpoint(1));
    await writeFile(`${path}.unfinished`, (await readFile(path)).subarray(0, 10)); // as a killed process leaves it
    assert.deepEqual(await store.load(), checkpoint(1));
  });
});

describe('training that is killed', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-killed-'))));
  after(() => rm(folder, { recursive: true }));

  /** Sixteen steps; `atStep` runs after each, with `step`. */
  const program = (options: string, atStep = '') => `
    import { create } from 'alexnet-ts';
    import { conv2d, dense, dropout, flatten, relu, sequential } from 'alexnet-ts/layers';
    import { checkpointFile, arrayData, train } from 'alexnet-ts/training';
    const layers = { conv: conv2d({ filters: 4, size: 3, stride: 2, std: 0.1 }), relu: relu(), flatten: flatten(), drop: dropout(), fc: dense({ units: 2 }) };
    const model = await create(sequential(layers, { inputShape: [8, 8, 3] }), { backend: 'wasm' });
    const values = Float32Array.from({ length: 12 * 192 }, (_, i) => Math.sin(i * (i % 7)));
    const data = arrayData(values, Array.from({ length: 12 }, (_, i) => i % 2));
    const losses = [];
    for await (const { step, loss } of train(model, data, { epochs: 4, batchSize: 3, ${options} })) {
      losses.push(loss);
      ${atStep}
    }
    const kernels = await Promise.all(['conv', 'fc'].map(async (layer) => Array.from((await model.filters(layer)).data)));
    console.log(JSON.stringify({ losses, kernels }));`;

  it('resumes from its last checkpoint in another process, to the same weights bit for bit', async () => {
    const checkpoint = `checkpoint: { store: checkpointFile(${JSON.stringify(join(folder, 'run'))}), every: 3 }`;
    const whole = (await printed(program(''))) as { losses: number[]; kernels: number[][] };
    const killed = await node([
      '--input-type=module',
      '--eval',
      program(checkpoint, `if (step === 8) process.kill(process.pid, 'SIGKILL');`),
    ]);
    assert.notEqual(killed.status, 0);
    const resumed = (await printed(program(checkpoint))) as typeof whole;
    assert.equal(whole.losses.length, 16);
    assert.deepEqual(resumed.losses, whole.losses.slice(6));
    assert.deepEqual(resumed.kernels, whole.kernels);
  });
});
