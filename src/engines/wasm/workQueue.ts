/**
 * WorkQueue: the control block in shared memory through which threads share a kernel's work. The
 * caller publishes a job; all threads, the caller's included, take chunks of it until none is left.
 */
import { inferenceKernels, PARALLEL_NAMES, type InferenceKernels } from './inferenceKernels';

/** Indices of the counters, as 32-bit integers, each in its own cache line. */
const TICKET = 0; // the job's number, times 256, plus the next chunk
const DONE = 16; // chunks done
const SLEEPING = 32; // threads that sleep
const FAILED = 48; // not 0 if a kernel has thrown

/** Byte offset of the job's description, and the indices of its 64-bit floats. */
const JOB_OFFSET = 256;
const [KERNEL, CHUNKS, ITEMS, CHUNK_ITEMS, ARGUMENT_COUNT, ARGUMENTS] = [0, 1, 2, 3, 4, 5];
/** The next chunk of a job that is being written: larger than any number of chunks. */
const NO_CHUNK = 0xff;

export const CONTROL_BYTES = 512;

/** How long a thread spins before it sleeps: after a job, and after `wake`. In ms. */
const SPIN_AFTER_JOB = 3;
const SPIN_AFTER_WAKE = 10;
/** How long the other threads may finish no chunk before they count as lost, in ms. */
const CHUNK_TIMEOUT = 5000;

/** A kernel's work on `items` items of its output. */
export interface Job {
  /** Index in `PARALLEL_NAMES`. */
  kernel: number;
  items: number;
  /** The number of items in a chunk is a multiple of this. */
  grain: number;
  /** The maximum number of chunks. */
  maxChunks: number;
  args: readonly number[];
}

export class WorkQueue {
  readonly #state: Int32Array;
  readonly #job: Float64Array;
  readonly #kernels: InferenceKernels['parallel'];
  readonly #workspace: number;

  /**
   * One thread's view of the control block. It stays valid when the shared memory grows.
   *
   * @param workspace address of this thread's workspace, for its kernels
   */
  constructor(
    memory: WebAssembly.Memory,
    control: number,
    kernels: InferenceKernels,
    workspace: number,
  ) {
    this.#state = new Int32Array(memory.buffer, control, JOB_OFFSET / 4);
    this.#job = new Float64Array(
      memory.buffer,
      control + JOB_OFFSET,
      (CONTROL_BYTES - JOB_OFFSET) / 8,
    );
    this.#kernels = kernels.parallel;
    this.#workspace = workspace;
  }

  /**
   * Computes a job on all threads, including this one. Returns false if a thread was lost: its part
   * of the output is undefined then.
   */
  run({ kernel, items, grain, maxChunks, args }: Job): boolean {
    const grains = Math.ceil(items / grain);
    const chunkItems = grain * Math.ceil(grains / Math.min(grains, maxChunks));
    const chunks = Math.ceil(items / chunkItems);
    this.#publish([kernel, chunks, items, chunkItems, args.length, ...args]);
    this.#takeChunks();
    return this.#waitFor(chunks);
  }

  #publish(job: readonly number[]): void {
    const state = this.#state;
    const last = Atomics.load(state, TICKET);
    Atomics.store(state, TICKET, last | NO_CHUNK); // while the job is written
    this.#job.set(job);
    Atomics.store(state, DONE, 0);
    Atomics.store(state, TICKET, ((last >> 8) + 1) << 8);
    if (Atomics.load(state, SLEEPING) > 0) Atomics.notify(state, TICKET);
  }

  /** Wakes sleeping threads. Returns whether there were any. */
  wake(): boolean {
    if (Atomics.load(this.#state, SLEEPING) === 0) return false;
    this.#publish([0, 0, 0, 0, 0]);
    return true;
  }

  /** Computes chunks of the current job until none is left. Returns the job's number. */
  #takeChunks(): number {
    const [state, job] = [this.#state, this.#job];
    for (;;) {
      const ticket = Atomics.load(state, TICKET);
      const chunk = ticket & 0xff;
      if (chunk >= job[CHUNKS]!) return ticket >> 8;
      const [kernel, items, chunkItems] = [job[KERNEL]!, job[ITEMS]!, job[CHUNK_ITEMS]!];
      const args = [...job.subarray(ARGUMENTS, ARGUMENTS + job[ARGUMENT_COUNT]!)];
      // The values read may belong to the next job, half written: then the ticket has changed.
      if (Atomics.compareExchange(state, TICKET, ticket, ticket + 1) !== ticket) continue;
      const { [PARALLEL_NAMES[kernel]!]: compute } = this.#kernels;
      const first = chunk * chunkItems;
      compute(...args, first, Math.min(items, first + chunkItems), this.#workspace);
      Atomics.add(state, DONE, 1);
    }
  }

  /** Waits for the other threads' chunks. It spins, because a page's main thread must not block. */
  #waitFor(chunks: number): boolean {
    let [lastDone, since] = [-1, 0];
    for (let i = 0; ; i++) {
      const done = Atomics.load(this.#state, DONE);
      if (done === chunks) return true;
      if (i % 1024 > 0) continue;
      if (Atomics.load(this.#state, FAILED) !== 0) return false;
      if (done !== lastDone) [lastDone, since] = [done, performance.now()];
      else if (performance.now() - since > CHUNK_TIMEOUT) return false;
    }
  }

  /**
   * The loop of a worker, until it is terminated: takes chunks, spins for the next job, sleeps.
   * Throws what a kernel throws.
   */
  serve(): never {
    const state = this.#state;
    try {
      for (;;) {
        const job = this.#takeChunks();
        const spin = this.#job[CHUNKS] === 0 ? SPIN_AFTER_WAKE : SPIN_AFTER_JOB;
        const until = performance.now() + spin;
        for (let i = 1; Atomics.load(state, TICKET) >> 8 === job; i++) {
          if (i % 64 > 0 || performance.now() < until) continue;
          Atomics.add(state, SLEEPING, 1);
          const ticket = Atomics.load(state, TICKET);
          if (ticket >> 8 === job) Atomics.wait(state, TICKET, ticket);
          Atomics.sub(state, SLEEPING, 1);
        }
      }
    } catch (error) {
      Atomics.store(state, FAILED, 1);
      throw error;
    }
  }
}

/** What a worker is started with: the kernels, and its own areas of the memory. */
export interface WorkerStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Address of the control block. */
  control: number;
  scratch: number;
  workspace: number;
}

/** Serves the work queue in a worker until it is terminated. Calls `onReady` first. */
export function runWorker(
  { module, memory, control, scratch, workspace }: WorkerStart,
  onReady: () => void,
): never {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = inferenceKernels(exports);
  kernels.setScratch({ pointer: scratch });
  const queue = new WorkQueue(memory, control, kernels, workspace);
  onReady();
  return queue.serve();
}
