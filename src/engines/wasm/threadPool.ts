/**
 * ThreadPool: the threads that share the work of a kernel on one memory. Until `start`, only the
 * caller's thread.
 */
import { positional, type KernelArguments } from '../../kernels/wasm/loadAssembly';
import {
  PARALLEL_KERNELS,
  PARALLEL_NAMES,
  type InferenceKernels,
  type ParallelKernel,
} from './inferenceKernels';
import type { WasmMemory } from './wasmMemory';
import { CONTROL_BYTES, WorkQueue, type WorkerStart } from './workQueue';

/** A worker that has been started. */
export interface PoolWorker {
  /** Resolves when it serves the queue; rejects with the reason if it cannot. */
  ready: Promise<unknown>;
  terminate(): void;
}

/** Starts a worker. `onLost` is called if it ends without `terminate`. */
export type StartWorker = (start: WorkerStart, onLost: () => void) => PoolWorker;

/** The items of a kernel's output, and the smallest number that is worth a chunk. */
export interface WorkItems {
  items: number;
  grain: number;
}

/** How long workers may take to start, in ms: some browsers report no error when they block one. */
const START_TIMEOUT = 10_000;
/** Chunks per thread: with several, the others continue while one thread is held up. */
const CHUNKS_PER_THREAD = 4;

export class ThreadPool {
  readonly #kernels: InferenceKernels;
  #workers: PoolWorker[] = [];
  #queue: WorkQueue | undefined;
  /** Address of the caller's workspace. Each worker has another of the same size. */
  workspace = 0;

  constructor(kernels: InferenceKernels) {
    this.#kernels = kernels;
  }

  /** The number of threads. */
  get size(): number {
    return this.#workers.length + 1;
  }

  /** Runs a kernel on all items of its output. */
  run<Kernel extends ParallelKernel>(
    kernel: Kernel,
    { items, grain }: WorkItems,
    args: KernelArguments<(typeof PARALLEL_KERNELS)[Kernel]>,
  ): void {
    const values = positional<readonly string[]>(PARALLEL_KERNELS[kernel], args);
    if (this.#queue && items > grain) {
      const maxChunks = CHUNKS_PER_THREAD * this.size;
      const job = { kernel: PARALLEL_NAMES.indexOf(kernel), items, grain, maxChunks, args: values };
      if (this.#queue.run(job)) return;
      this.stop(); // a worker is lost: compute everything again, alone
    }
    this.#kernels.parallel[kernel](...values, 0, items, this.workspace);
  }

  /**
   * Wakes sleeping workers. Returns whether there were any. Call it as early as possible: a system
   * may wake a worker on the caller's core and move it some milliseconds later.
   */
  wake(): boolean {
    return this.#queue?.wake() ?? false;
  }

  /**
   * Starts `count` workers, each with a workspace of `workspaceBytes`.
   *
   * @throws Error with the reason if one of them does not start; none is left running then.
   */
  async start(
    count: number,
    build: { memory: WasmMemory; module: WebAssembly.Module; workspaceBytes: number },
    startWorker: StartWorker,
  ): Promise<void> {
    const { module, workspaceBytes } = build;
    const { memory } = build.memory;
    const control = build.memory.allocate(CONTROL_BYTES);
    const areas = Array.from({ length: count }, () => ({
      scratch: build.memory.allocate(this.#kernels.scratchBytes),
      workspace: build.memory.allocate(workspaceBytes),
    }));
    const workers: PoolWorker[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lost = false;
    const onLost = () => {
      lost = true;
      this.stop();
    };
    try {
      for (const area of areas)
        workers.push(startWorker({ module, memory, control, ...area }, onLost));
      const timeout = new Promise((_, reject) => {
        const error = new Error(`they did not start within ${START_TIMEOUT / 1000} seconds`);
        timer = setTimeout(() => reject(error), START_TIMEOUT);
      });
      await Promise.race([Promise.all(workers.map(({ ready }) => ready)), timeout]);
      if (lost) throw new Error('one of them exited');
    } catch (error) {
      for (const worker of workers) worker.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.#workers = workers;
    this.#queue = new WorkQueue(memory, control, this.#kernels, this.workspace);
  }

  /** Terminates the workers. `run` then computes on the caller's thread. */
  stop(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
    this.#queue = undefined;
  }
}
