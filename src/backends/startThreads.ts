/**
 * Starts TensorFlow.js' threaded WASM module with workers from a file. Not in Node or the
 * script-tag bundle.
 */
import type { KernelBackend } from '@tensorflow/tfjs-core';
import factory from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
import { version } from '@tensorflow/tfjs-backend-wasm/package.json';
import type { BackendOptions } from './backends';
import { notIsolated } from '../platform/crossOriginIsolation';
import { importWasm } from './packages';
import { defaultWasmPaths } from './wasmFiles';

type WasmModule = Awaited<ReturnType<typeof factory>> & {
  cwrap(name: string, returns: 'number' | null, takes: 'number'[]): (...values: number[]) => number;
};

/** Emscripten's threads, as far as it matters here. */
interface Pool {
  initMainThread(): void;
  unusedWorkers: Worker[];
}

const BINARY = 'tfjs-backend-wasm-threaded-simd.wasm';

/** From the arrival of the binary, in ms: a worker that is kept from starting may say nothing. */
const PATIENCE = 10_000;

/**
 * A WASM backend on as many threads, not yet registered. TensorFlow.js' own start makes blob:
 * workers, which a strict policy forbids, always eight of them, takes half of the cores at most,
 * and never ends where a worker does not come up.
 *
 * @throws Error whose message says why there can be no threads here; nothing is left behind.
 */
export async function startThreads(
  threads: number,
  wasmPaths: BackendOptions['wasmPaths'],
): Promise<KernelBackend> {
  const reason = notIsolated();
  if (reason) throw new Error(reason);
  const { BackendWasm, getThreadsCount, version_wasm } = await importWasm();
  // The module's script is in our build, its binary in that package.
  if (version_wasm !== version)
    throw new Error(
      `they are made for version ${version} of @tensorflow/tfjs-backend-wasm, not ${version_wasm}`,
    );
  const compiled = await binary(addressOf(wasmPaths || defaultWasmPaths()));

  const workers: Worker[] = [];
  const started = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const module = await new Promise<WasmModule>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`they did not start within ${PATIENCE / 1000} seconds`)),
        PATIENCE,
      );
      const refuse = (event: ErrorEvent) => {
        event.preventDefault();
        event.stopImmediatePropagation(); // emscripten would throw it at the page
        reject(
          new Error(
            `dist/wasmThread.js of alexnet-ts did not run as a worker${event.message ? ` (${event.message})` : ''}: is it served?`,
          ),
        );
      };
      while (workers.length < threads - 1) {
        const worker = new Worker(new URL('./wasmThread.js', import.meta.url)); // a form that bundlers know
        worker.addEventListener('error', refuse, { signal: started.signal });
        workers.push(worker);
      }
      (factory as (config: object) => Promise<unknown>)(
        configuration(compiled, workers, reject),
      ).then((made) => resolve(made as WasmModule), reject);
    });
    module.tfjs = bridge(module, threads, countOf(getThreadsCount));
    return new BackendWasm(module) as unknown as KernelBackend;
  } catch (error) {
    for (const worker of workers) worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
    started.abort();
  }
}

function addressOf(wasmPaths: string | Record<string, string> | undefined): string {
  const address = typeof wasmPaths === 'string' ? wasmPaths + BINARY : wasmPaths?.[BINARY];
  if (!address) throw new Error(`wasmPaths has no ${BINARY}`);
  return address;
}

async function binary(address: string): Promise<WebAssembly.Module> {
  const response = await fetch(address, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${address} cannot be fetched (HTTP ${response.status})`);
  const bytes = await response.arrayBuffer();
  if (!WebAssembly.validate(bytes))
    throw new Error('this browser has no threads or no SIMD in WebAssembly');
  return WebAssembly.compile(bytes);
}

/** What emscripten is told: to take these workers, and that there are cores enough. */
function configuration(
  compiled: WebAssembly.Module,
  workers: readonly Worker[],
  fail: (reason: unknown) => void,
): object {
  const config = {
    onAbort: (what: unknown) => fail(new Error(`the module stopped: ${String(what)}`)),
    instantiateWasm(
      imports: { env: Record<string, WebAssembly.ImportValue> },
      receive: (instance: WebAssembly.Instance, of: WebAssembly.Module) => void,
    ) {
      imports.env.emscripten_num_logical_cores = () => 2 * (workers.length + 1); // half of them is the most that it takes
      WebAssembly.instantiate(compiled, imports).then(
        (instance) => receive(instance, compiled),
        fail,
      );
      return {};
    },
  };
  // The factory puts its pool of threads here, then fills it.
  Object.defineProperty(config, 'PThread', {
    configurable: true,
    set(pool: Pool) {
      pool.initMainThread = () => void pool.unusedWorkers.push(...workers);
      Object.defineProperty(config, 'PThread', { value: pool, writable: true, enumerable: true });
    },
  });
  return config;
}

/**
 * What TensorFlow.js' backend calls, as its own start makes it. `appsCount` is what its
 * getThreadsCount() goes on answering.
 */
const bridge = (module: WasmModule, threads: number, appsCount: number) => ({
  init: module.cwrap('init', null, []),
  initWithThreadsCount() {
    module.cwrap('init_with_threads_count', null, ['number'])(threads);
    const count = module.cwrap('get_threads_count', 'number', [])();
    if (count !== threads) throw new Error(`TensorFlow.js made ${count} of them`);
  },
  getThreadsCount: () => appsCount,
  registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
  disposeData: module.cwrap('dispose_data', null, ['number']),
  dispose: module.cwrap('dispose', null, []),
});

function countOf(getThreadsCount: () => number): number {
  try {
    return getThreadsCount();
  } catch {
    return -1; // its own word for: none has been opened
  }
}
