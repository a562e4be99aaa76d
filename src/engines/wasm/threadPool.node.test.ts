/**
 * Tests threads in Node, as the package starts them: results, termination, and that they do not
 * keep the process alive.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { load } from 'alexnet-ts';

const IMAGE = 'examples/images/obelisk.jpg';

/** The workers that have been started, in order. */
const workers: Worker[] = [];
const onWorker = (worker: Worker) => workers.push(worker);
const { availableParallelism } = os;

before(() => {
  process.on('worker', onWorker);
  os.availableParallelism = () => 4;
  syncBuiltinESMExports();
});
after(() => {
  process.off('worker', onWorker);
  os.availableParallelism = availableParallelism;
  syncBuiltinESMExports();
});

const loaded = (threads: number) => {
  workers.length = 0;
  return load({ backend: 'wasm', threads });
};

describe('threads in Node', () => {
  it('compute the same as one thread, and end with the last model that uses them', async () => {
    const [one, three] = [await loaded(1), await loaded(3)];
    assert.deepEqual([one.threads, three.threads, three.passedOver, workers.length], [1, 3, [], 2]);
    for (const layer of ['conv1', 'norm2', 'pool5', 'fc8']) {
      const [expected, { data }] = [
        (await one.activations(IMAGE, layer)).data,
        await three.activations(IMAGE, layer),
      ];
      const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)));
      data.forEach((value, i) =>
        assert.ok(
          Math.abs(value - expected[i]!) <= 2e-6 * largest,
          `${layer}: ${value}, ${expected[i]} expected`,
        ),
      );
    }
    one.dispose();
    const tuned = await three.fineTune({ a: [IMAGE, IMAGE], b: [IMAGE] }, { epochs: 1 });
    const ended = Promise.all(workers.map((worker) => once(worker, 'exit')));
    three.dispose();
    assert.equal(tuned.threads, 3);
    await tuned.classify(IMAGE);
    tuned.dispose();
    await ended;
  });

  it('wake when a call begins, before its image is read', async (t) => {
    const model = await loaded(3);
    const notified = t.mock.method(Atomics, 'notify').mock;
    let woken = false;
    for (let i = 0; i < 50 && !woken; i++) {
      await setTimeout(20); // they sleep after some milliseconds
      notified.resetCalls();
      const results = model.classify(IMAGE);
      woken = notified.callCount() > 0;
      assert.equal((await results)[0]!.label, 'obelisk');
    }
    model.dispose();
    assert.ok(woken);
  });

  it('compute on one thread when a worker is lost', async () => {
    const model = await loaded(3);
    const [before] = await model.classify(IMAGE);
    await workers[0]!.terminate();
    assert.equal(model.threads, 1);
    assert.equal((await model.classify(IMAGE))[0]!.label, before!.label);
    await Promise.all(workers.map((worker) => worker.threadId > 0 && once(worker, 'exit')));
    model.dispose();
  });

  it('are at most as many as the cores', async () => {
    const model = await loaded(8);
    assert.equal(model.threads, 4);
    model.dispose();
  });

  it('do not keep the process alive', async () => {
    const program = `
      import os from 'node:os';
      import { syncBuiltinESMExports } from 'node:module';
      os.availableParallelism = () => 2;
      syncBuiltinESMExports();
      const { load } = await import('alexnet-ts');
      const model = await load({ backend: 'wasm', threads: 2 });
      console.log(model.threads, (await model.classify('${IMAGE}'))[0].label);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { timeout: 30_000 },
    );
    assert.equal(stdout, '2 obelisk\n');
  });
});
