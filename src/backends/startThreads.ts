/**
 * Starts the threaded WASM module of TensorFlow.js with workers from a file. Not available in Node
 * or the script-tag bundle.
 */
import type { KernelBackend } from '@tensorflow/tfjs-core';
import factory from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
import { version } from '@tensorflow/tfjs-backend-wasm/package.json';
import type { BackendOptions } from './backends';
import { notIsolated } from '../platform/threads';
import { importWasm } from './packages';
import { defaultWasmPaths } from './wasmFiles';

type WasmModule = Awaited<ReturnType<typeof factory>> & {
  cwrap(name: string, returns: 'number' | null, takes: 'number'[]): (...values: number[]) => number;
};

/** The parts of Emscripten's thread pool that are used here. */
interface EmscriptenThreadPool {
  initMainThread(): void;
  unusedWorkers: Worker[];
}

const BINARY = 'tfjs-backend-wasm-threaded-simd.wasm';

/** In ms, after the binary has loaded. A blocked worker may not report an error. */
const START_TIMEOUT = 10_000;

/**
 * Returns a WASM backend with the given number of threads, not yet registered. The start function
 * of TensorFlow.js is not used: it creates blob: workers, which a strict Content Security Policy
 * forbids, always eight of them, uses at most half of the cores, and hangs if a worker fails to
 * start.
 *
 * @throws Error that says why threads are not available. All workers are terminated then.
 */
export async function startThreads(
  threads: number,
  wasmPaths: BackendOptions['wasmPaths'],
): Promise<KernelBackend> {
  const reason = notIsolated();
  if (reason) throw new Error(reason);
  const { BackendWasm, getThreadsCount, version_wasm } = await importWasm();
  // The script of the module is bundled with this library; its binary is in the installed package.
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
        () => reject(new Error(`they did not start within ${START_TIMEOUT / 1000} seconds`)),
        START_TIMEOUT,
      );
      const refuse = (event: ErrorEvent) => {
        event.preventDefault();
        event.stopImmediatePropagation(); // Emscripten would rethrow it in the page
        reject(
          new Error(
            `dist/wasmThread.js of alexnet-ts did not run as a worker${event.message ? ` (${event.message})` : ''}: is it served?`,
          ),
        );
      };
      while (workers.length < threads - 1) {
        // Bundlers recognize exactly this form.
        const worker = new Worker(new URL('./wasmThread.js', import.meta.url));
        worker.addEventListener('error', refuse, { signal: started.signal });
        workers.push(worker);
      }
      (factory as (config: object) => Promise<unknown>)(
        configuration(compiled, workers, reject),
      ).then((loaded) => resolve(loaded as WasmModule), reject);
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

/** Returns the module's configuration, which makes Emscripten use these workers. */
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
      // TensorFlow.js uses at most half of the cores.
      imports.env.emscripten_num_logical_cores = () => 2 * (workers.length + 1);
      WebAssembly.instantiate(compiled, imports).then(
        (instance) => receive(instance, compiled),
        fail,
      );
      return {};
    },
  };
  // The factory sets this property to its thread pool before it creates workers.
  Object.defineProperty(config, 'PThread', {
    configurable: true,
    set(pool: EmscriptenThreadPool) {
      pool.initMainThread = () => void pool.unusedWorkers.push(...workers);
      Object.defineProperty(config, 'PThread', { value: pool, writable: true, enumerable: true });
    },
  });
  return config;
}

/**
 * Returns the functions that the WASM backend of TensorFlow.js calls. `appsCount` is the number of
 * threads that `getThreadsCount()` returns to the app.
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
    return -1; // as TensorFlow.js does before a WASM backend is opened
  }
}
