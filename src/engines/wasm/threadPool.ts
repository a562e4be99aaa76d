/** Crew: the threads that compute a step together, on one memory. One, the caller's, until helpers have come. */
import type { Arena } from './allocator';
import { KERNELS, type Assembly, type Kernel } from './wasmKernels';
import { CONTROL_BYTES, Jobs } from './jobs';

/** What a helper is told: the kernels, and what is its own in the memory. */
export interface Task {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: number;
  scratch: number;
  work: number;
}

/** A thread that has been started. */
export interface Helper {
  /** Resolved when it is at work; rejected with the reason why it will not be. */
  ready: Promise<unknown>;
  end(): void;
}

/** Starts one; `lost` is called should it end by itself. */
export type Start = (task: Task, lost: () => void) => Helper;

/** A worker that is kept from starting may say nothing, in ms. */
const PATIENCE = 10_000;
/** Pieces for each thread: the others go on where one is held up. */
const PIECES = 4;

export class Crew {
  readonly #assembly: Assembly;
  #helpers: Helper[] = [];
  #jobs: Jobs | undefined;
  /** Where the caller's kernels work: as many bytes for each helper. */
  work = 0;

  constructor(assembly: Assembly) {
    this.#assembly = assembly;
  }

  /** How many threads there are. */
  get size(): number {
    return this.#helpers.length + 1;
  }

  /**
   * Computes `total` things by a kernel, which is called with `args`, the first of them, the end of them, and where to work. Threads take
   * `grain` of them at once, or a multiple.
   */
  each(kernel: Kernel, total: number, grain: number, ...args: number[]): void {
    if (this.#jobs && total > grain) {
      if (this.#jobs.share(KERNELS.indexOf(kernel), total, grain, PIECES * this.size, args)) return;
      this.dismiss(); // what is lost is computed again
    }
    this.#assembly[kernel](...args, 0, total, this.work);
  }

  /**
   * Wakes helpers that sleep, and answers whether there were some. The earlier the better: systems may wake one on the caller's core though
   * another is idle, and then move it some milliseconds later.
   */
  wake(): boolean {
    return this.#jobs?.wake() ?? false;
  }

  /**
   * Has as many helpers come, each with `workBytes` to work in.
   *
   * @throws Error whose message says why they do not; none is left behind.
   */
  async hire(
    count: number,
    { arena, module, workBytes }: { arena: Arena; module: WebAssembly.Module; workBytes: number },
    start: Start,
  ) {
    const { memory } = arena;
    const control = arena.take(CONTROL_BYTES);
    const scratchBytes = this.#assembly.scratchBytes.value;
    const tasks = Array.from({ length: count }, () => ({
      scratch: arena.take(scratchBytes),
      work: arena.take(workBytes),
    }));
    const helpers: Helper[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const lost = () => {
      ended = true;
      this.dismiss();
    };
    try {
      for (const own of tasks) helpers.push(start({ module, memory, control, ...own }, lost));
      const late = new Promise((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`they did not start within ${PATIENCE / 1000} seconds`)),
          PATIENCE,
        );
      });
      await Promise.race([Promise.all(helpers.map(({ ready }) => ready)), late]);
      if (ended) throw new Error('one of them ended');
    } catch (error) {
      for (const helper of helpers) helper.end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.#helpers = helpers;
    this.#jobs = new Jobs(memory, control, this.#assembly, this.work);
  }

  /** Ends the helpers: the caller is alone from then on. */
  dismiss(): void {
    for (const helper of this.#helpers) helper.end();
    this.#helpers = [];
    this.#jobs = undefined;
  }
}
