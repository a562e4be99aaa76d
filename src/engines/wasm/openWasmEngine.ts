/** openWasmEngine: a WasmEngine that can start as many threads as were asked for, where there can be several. */
import { notIsolated } from '../../platform/crossOriginIsolation';
import type { Sequential } from '../../layers/sequential';
import type { StandaloneEngine } from '../engine';
import { cores, startHelper } from './startThread';
import { WasmEngine } from './wasmEngine';

/** Undefined where the network cannot be computed so: no SIMD, or a layer without a kernel. */
export async function openWasmEngine(
  net: Sequential,
  threads: number,
): Promise<StandaloneEngine | undefined> {
  const engine = await WasmEngine.open(net, { shared: threads > 1 && !notIsolated() });
  return engine && threads > 1
    ? Object.assign(engine, { startThreads: () => startThreads(engine, threads) })
    : engine;
}

async function startThreads(engine: WasmEngine, threads: number): Promise<void> {
  const reason = notIsolated();
  if (reason) throw new Error(reason);
  const count = Math.min(threads, cores());
  if (count < 2) throw new Error('this machine has one core');
  await engine.hire(count, startHelper);
}
