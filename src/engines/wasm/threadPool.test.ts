/** Compares several threads with one: on odd shapes, and when a worker is lost. */
import { sequential, type Sequential } from '../../layers';
import { sizeOf } from '../../layers/layer';
import { expectClose } from '../../../test/support/close';
import { formula } from '../../../test/support/formula';
import {
  DRAWN_NETWORKS,
  WEIGHT_FORMS,
  between,
  storedParams,
  type WeightForm,
} from '../../../test/support/randomNetworks';
import { poolWorker } from './startWorker';
import type { PoolWorker } from './threadPool';
import { WasmEngine } from './wasmEngine';
import type { WorkerStart } from './workQueue';

/** The workers that tests have started. */
const workers: Worker[] = [];
afterEach(() => workers.splice(0).forEach((worker) => worker.terminate()));

/** Starts a worker from the built file. */
function startBuilt(start: WorkerStart, onLost: () => void): PoolWorker {
  const worker = new Worker('/base/dist/inferenceThread.js');
  workers.push(worker);
  return poolWorker(worker, start, onLost);
}

async function engineOf(
  net: Sequential,
  form: WeightForm,
  label: string,
  threads = 1,
): Promise<WasmEngine> {
  const engine = (await WasmEngine.open(net, { threads }))!;
  const params = storedParams(net, form, label);
  for (const layer of new Set(Object.keys(params).map((name) => name.split('/')[0]!))) {
    engine.setWeights(layer, {
      kernel: params[`${layer}/kernel`]!,
      bias: params[`${layer}/bias`]!,
    });
  }
  if (threads > 1) await engine.startWorkers(threads - 1, startBuilt);
  expect(engine.threads).toBe(threads);
  return engine;
}

/**
 * Compares the outputs of two engines, bit for bit unless there is a `tolerance`, relative to the
 * largest value: several threads add the products of pruned weights in a different order.
 */
async function expectAlike(
  [one, several]: readonly WasmEngine[],
  { count, label, tolerance = 0 }: { count: number; label: string; tolerance?: number },
): Promise<void> {
  const { net } = one!;
  const inputs = formula(`${label}.x`, count * sizeOf(net.inputShape!), 2);
  let largest = 1;
  for (const upTo of net.names) {
    const expected = (await one!.run(inputs, count, upTo)).data;
    largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), largest);
    const what = `${label}, up to ${upTo}, ${JSON.stringify(net.toJSON())}`;
    const { data } = await several!.run(inputs, count, upTo);
    expectClose(data, expected, tolerance, what, largest);
  }
}

describe('inference on threads', () => {
  for (const [name, draw] of Object.entries(DRAWN_NETWORKS)) {
    it(`${name}: several threads compute the same as one`, async () => {
      for (let i = 0; i < 8; i++) {
        const { layers, input } = draw();
        const net = sequential(layers, { inputShape: input });
        const label = `threads.${name}.${i}`;
        const form = WEIGHT_FORMS[i % 4]!;
        const engines = await Promise.all(
          [1, 2 + (i % 2)].map((threads) => engineOf(net, form, label, threads)),
        );
        const tolerance = form === 'pruned' ? 2e-6 : 0;
        await expectAlike(engines, { count: between(1, 4), label, tolerance });
        engines[1]!.dispose();
      }
    });
  }

  const net = sequential(DRAWN_NETWORKS['conv2d with Winograd tiles']!().layers, {
    inputShape: [15, 17, 16],
  });

  it('computes on one thread when a worker is lost, and computes its chunks again', async () => {
    const engines = await Promise.all(
      [1, 3].map((threads) => engineOf(net, 'float', 'lost', threads)),
    );
    const several = engines[1]!;
    await expectAlike(engines, { count: 2, label: 'lost' });
    workers.forEach((worker) => worker.terminate());
    await expectAlike(engines, { count: 2, label: 'lost' });
    several.dispose();
    expect(several.threads).toBe(1);
    await expectAlike(engines, { count: 2, label: 'lost' });
  });

  it('says why workers do not start, and leaves none running', async () => {
    const engine = (await WasmEngine.open(net, { threads: 3 }))!;
    const terminated: string[] = [];
    const worker = (name: string, ready: Promise<unknown>) => ({
      ready,
      terminate: () => void terminated.push(name),
    });
    let count = 0;
    const start = () =>
      count++ === 0
        ? worker('first', Promise.resolve())
        : worker('second', Promise.reject(new Error('no core is free')));
    await expectAsync(engine.startWorkers(2, start)).toBeRejectedWithError('no core is free');
    expect(terminated).toEqual(['first', 'second']);
    expect(engine.threads).toBe(1);
    const single = (await WasmEngine.open(net))!;
    await expectAsync(single.startWorkers(1, startBuilt)).toBeRejectedWithError(
      'this machine cannot reserve a shared memory',
    );
  });
});
