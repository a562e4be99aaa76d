/** job: how a step's work is described in memory, and how threads take it, a piece at a time. Both sides of the crew are made of it. */
import { KERNELS, type Assembly } from './wasmKernels';

/** Places in the control block, in 4 bytes, each in a cache line of its own. */
const TICKET = 0;
const DONE = 16;
const SLEEPING = 32;
const FAILED = 48;
/** Where the description begins, in bytes, and what there is in it before the kernel's arguments, in numbers of 8. */
const JOB = 256;
const [KERNEL, PIECES, TOTAL, EACH, COUNT, ARGUMENTS] = [0, 1, 2, 3, 4, 5];
/** The piece that no job has. */
const NONE = 0xff;

export const CONTROL_BYTES = 512;

/**
 * How long a thread looks for the next job before it sleeps, and for the first one when it has been woken ahead; how long a piece may take
 * before its thread counts as lost. In ms.
 */
const AWAKE = 3;
const EXPECTANT = 10;
const PATIENCE = 5000;

/** A memory's control block as one of the threads sees it. */
export class Jobs {
  readonly #state: Int32Array;
  readonly #job: Float64Array;
  readonly #assembly: Assembly;
  readonly #work: number;

  /** `work`: where this thread's kernels work. A view of a shared memory stays good when it grows. */
  constructor(memory: WebAssembly.Memory, control: number, assembly: Assembly, work: number) {
    this.#state = new Int32Array(memory.buffer, control, JOB / 4);
    this.#job = new Float64Array(memory.buffer, control + JOB, (CONTROL_BYTES - JOB) / 8);
    this.#assembly = assembly;
    this.#work = work;
  }

  /**
   * Has all threads compute `total` things by the kernel of that index, `grain` of them together or a multiple, in at most `most` pieces,
   * and takes part. Answers whether all was done: else a thread is lost, and it is not known how far it came.
   */
  share(
    kernel: number,
    total: number,
    grain: number,
    most: number,
    args: readonly number[],
  ): boolean {
    const least = Math.ceil(total / grain);
    const each = grain * Math.ceil(least / Math.min(least, most));
    const pieces = Math.ceil(total / each);
    this.#publish(kernel, pieces, total, each, args);
    this.#take();
    return this.#finished(pieces);
  }

  #publish(
    kernel: number,
    pieces: number,
    total: number,
    each: number,
    args: readonly number[],
  ): void {
    const state = this.#state;
    const last = Atomics.load(state, TICKET);
    Atomics.store(state, TICKET, last | NONE); // nobody takes a piece of what is being written
    this.#job.set([kernel, pieces, total, each, args.length, ...args]);
    Atomics.store(state, DONE, 0);
    Atomics.store(state, TICKET, ((last >> 8) + 1) << 8);
    if (Atomics.load(state, SLEEPING) > 0) Atomics.notify(state, TICKET);
  }

  /** Wakes the threads that sleep, if any, and answers whether there were some. */
  wake(): boolean {
    if (Atomics.load(this.#state, SLEEPING) === 0) return false;
    this.#publish(0, 0, 0, 0, []);
    return true;
  }

  /** Takes pieces of the job that there is until none is left, and answers which job it was. */
  #take(): number {
    const [state, job] = [this.#state, this.#job];
    for (;;) {
      const ticket = Atomics.load(state, TICKET);
      const piece = ticket & 0xff;
      if (piece >= job[PIECES]!) return ticket >> 8;
      const [kernel, total, each] = [job[KERNEL]!, job[TOTAL]!, job[EACH]!];
      const args = [...job.subarray(ARGUMENTS, ARGUMENTS + job[COUNT]!)];
      // Whoever comes too late may have read the next job, half written: then the ticket is another one by now.
      if (Atomics.compareExchange(state, TICKET, ticket, ticket + 1) !== ticket) continue;
      const { [KERNELS[kernel]!]: compute } = this.#assembly;
      compute(...args, piece * each, Math.min(total, (piece + 1) * each), this.#work);
      Atomics.add(state, DONE, 1);
    }
  }

  /** Waits for the others' pieces. A page's main thread may not sleep, so nobody does. */
  #finished(pieces: number): boolean {
    let [seen, since] = [-1, 0];
    for (let i = 0; ; i++) {
      const done = Atomics.load(this.#state, DONE);
      if (done === pieces) return true;
      if (i % 1024 > 0) continue;
      if (Atomics.load(this.#state, FAILED) !== 0) return false;
      if (done !== seen) [seen, since] = [done, performance.now()];
      else if (performance.now() - since > PATIENCE) return false;
    }
  }

  /** What a thread does until it is ended: takes pieces, looks for the next job for a moment, sleeps. Throws what a kernel throws. */
  serve(): never {
    const state = this.#state;
    try {
      for (;;) {
        const job = this.#take();
        const until = performance.now() + (this.#job[PIECES] === 0 ? EXPECTANT : AWAKE);
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
