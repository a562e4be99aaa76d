/** Threads against one: the same numbers on odd shapes, in whatever pieces, also when one of them is lost. */
import { sequential, type Sequential } from '../../layers';
import { sizeOf } from '../../layers/layer';
import { expectClose } from '../../../test/support/close';
import { formula } from '../../../test/support/formula';
import {
  DRAW,
  STORINGS,
  between,
  storedParams,
  type Storing,
} from '../../../test/support/drawnNetworks';
import type { Helper, Task } from './threadPool';
import { WasmEngine } from './wasmEngine';
import { helperIn } from './startThread';

/** The helpers that tests have started, as workers. */
const workers: Worker[] = [];
afterEach(() => workers.splice(0).forEach((worker) => worker.terminate()));

function startBuilt(task: Task, lost: () => void): Helper {
  const worker = new Worker('/base/dist/inferenceThread.js');
  workers.push(worker);
  return helperIn(worker, task, lost);
}

async function engineOf(
  net: Sequential,
  as: Storing,
  label: string,
  threads = 1,
): Promise<WasmEngine> {
  const engine = (await WasmEngine.open(net, { shared: threads > 1 }))!;
  const params = storedParams(net, as, label);
  for (const layer of new Set(Object.keys(params).map((name) => name.split('/')[0]!))) {
    engine.setWeights(layer, {
      kernel: params[`${layer}/kernel`]!,
      bias: params[`${layer}/bias`]!,
    });
  }
  if (threads > 1) await engine.hire(threads, startBuilt);
  expect(engine.threads).toBe(threads);
  return engine;
}

/** Bit for bit; only sums over pruned weights are made in another order: off by a share of the largest value until there. */
async function expectAlike(
  one: WasmEngine,
  several: WasmEngine,
  count: number,
  label: string,
  tolerance = 0,
): Promise<void> {
  const { net } = one;
  const inputs = formula(`${label}.x`, count * sizeOf(net.inputShape!), 2);
  let largest = 1;
  for (const upTo of net.names) {
    const expected = (await one.run(inputs, count, upTo)).data;
    largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), largest);
    const what = `${label}, up to ${upTo}, ${JSON.stringify(net.toJSON())}`;
    expectClose((await several.run(inputs, count, upTo)).data, expected, tolerance, what, largest);
  }
}

describe('inference on threads', () => {
  for (const [name, draw] of Object.entries(DRAW)) {
    it(`${name}: gives what one gives`, async () => {
      for (let i = 0; i < 8; i++) {
        const { layers, input } = draw();
        const net = sequential(layers, { inputShape: input });
        const label = `threads.${name}.${i}`;
        const as = STORINGS[i % 4]!;
        const [one, several] = await Promise.all(
          [1, 2 + (i % 2)].map((threads) => engineOf(net, as, label, threads)),
        );
        await expectAlike(one!, several!, between(1, 4), label, as === 'pruned' ? 2e-6 : 0);
        several!.dispose();
      }
    });
  }

  const net = sequential(DRAW.tiles!().layers, { inputShape: [15, 17, 16] });

  it('goes on with one when a helper has gone, whose pieces are computed again', async () => {
    const [one, several] = await Promise.all(
      [1, 3].map((threads) => engineOf(net, 'floats', 'gone', threads)),
    );
    await expectAlike(one!, several!, 2, 'gone');
    workers.forEach((worker) => worker.terminate());
    await expectAlike(one!, several!, 2, 'gone');
    several!.dispose();
    expect(several!.threads).toBe(1);
    await expectAlike(one!, several!, 2, 'gone');
  });

  it('says why there are none, and leaves none behind', async () => {
    const engine = (await WasmEngine.open(net, { shared: true }))!;
    const ended: string[] = [];
    const helper = (name: string, ready: Promise<unknown>) => ({
      ready,
      end: () => void ended.push(name),
    });
    let count = 0;
    const start = () =>
      count++ === 0
        ? helper('first', Promise.resolve())
        : helper('second', Promise.reject(new Error('no core is free')));
    await expectAsync(engine.hire(3, start)).toBeRejectedWithError('no core is free');
    expect(ended).toEqual(['first', 'second']);
    expect(engine.threads).toBe(1);
    const alone = (await WasmEngine.open(net))!;
    await expectAsync(alone.hire(2, startBuilt)).toBeRejectedWithError(
      'this machine has no room for a memory that threads share',
    );
  });
});
