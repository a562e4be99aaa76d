/** onThreads: an Engine that has as many threads as were asked for, where there can be several. */
import { notIsolated } from '../../platform/crossOriginIsolation';
import { reasonOf } from '../../errors';
import type { Sequential } from '../../layers/sequential';
import { Engine } from './wasmEngine';
import type { Holder } from '../weightSink';
import { cores, startHelper } from './startThread';

/** Undefined where the network cannot be computed so: no SIMD, or a layer without a kernel. */
export async function openEngine(net: Sequential, threads: number): Promise<Holder | undefined> {
  const engine = await Engine.open(net, { shared: threads > 1 && !notIsolated() });
  return engine && threads > 1
    ? Object.assign(engine, { ready: () => started(engine, threads) })
    : engine;
}

/** True once they compute, or a sentence that says why there is one. */
async function started(engine: Engine, threads: number): Promise<true | string> {
  try {
    const reason = notIsolated();
    if (reason) throw new Error(reason);
    const count = Math.min(threads, cores());
    if (count < 2) throw new Error('this machine has one core');
    await engine.hire(count, startHelper);
    return true;
  } catch (error) {
    return `${threads} threads: ${reasonOf(error)}`;
  }
}
