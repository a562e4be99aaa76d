/** Fuzzes one reader in a thread of its own, which is ended when it hangs or takes too much memory. */
import { Worker } from 'node:worker_threads';

export interface Order {
  reader: string;
  /** Files to read, at most. */
  inputs: number;
  /** To spend on it, at most. */
  seconds: number;
  /** Of the first 500 files; the next have the next one. */
  seed: number;
  /** Stops at the first defect; else looks for the smallest file that shows it. */
  quick: boolean;
  /** One file, instead of new ones. */
  replay?: Uint8Array;
}

export interface Report {
  reader: string;
  inputs: number;
  /** How many of them were refused; the others were read. */
  refused: number;
  /** Milliseconds. */
  slowest: number;
  /** Bytes allocated for one of them. */
  largest: number;
  seconds: number;
}

/** A defect, and the file that shows it. */
export interface Finding {
  seed: number;
  /** Where fast-check found it below its seed. */
  path: string;
  problem: string;
  bytes: Uint8Array;
}

/** Milliseconds without a sign of life after which a thread hangs: a reader has one second. */
const SILENCE = 15_000;
/** A file that is judged has at most a megabyte. */
const SHARED_BYTES = 16 + 2 * 1024 * 1024;
/** Of the thread's objects, in MB; what lies in array buffers is counted by `allocations.ts`. */
const HEAP_MB = 1024;

/** Threads do not inherit tsx's hooks, and `--import` comes too late for their first file. */
const START = `
  const [tsx, thread] = require('node:worker_threads').workerData.modules;
  import(tsx).then(({ register }) => (register(), import(thread)));
`;

export function fuzz(
  order: Order,
  onProgress: (report: Report) => void = () => {},
): Promise<{ report: Report; found?: Finding }> {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const state = new Int32Array(shared, 0, 4);
  const worker = new Worker(START, {
    eval: true,
    workerData: {
      order,
      shared,
      modules: [import.meta.resolve('tsx/esm/api'), new URL('./thread.ts', import.meta.url).href],
    },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  let last: Report = {
    reader: order.reader,
    inputs: 0,
    refused: 0,
    slowest: 0,
    largest: 0,
    seconds: 0,
  };
  return new Promise((resolve, reject) => {
    const dead = (problem: string) => {
      const bytes = new Uint8Array(shared).slice(16, 16 + state[1]!);
      void worker.terminate();
      clearInterval(watch);
      resolve({ report: last, found: { seed: order.seed, path: '', problem, bytes } });
    };
    let seen = { beats: 0, at: performance.now() };
    const watch = setInterval(() => {
      if (state[0] !== seen.beats) seen = { beats: state[0]!, at: performance.now() };
      else if (state[0] > 0 && performance.now() - seen.at > SILENCE)
        dead(`it hangs: nothing for ${SILENCE / 1000} s`);
    }, 250);
    worker.on('message', (message: { progress?: Report; report?: Report; found?: Finding }) => {
      if (message.progress) onProgress((last = message.progress));
      if (!message.report) return;
      clearInterval(watch);
      resolve({ report: message.report, ...(message.found ? { found: message.found } : {}) });
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
        return dead(`it takes more than ${HEAP_MB} MB of heap`);
      clearInterval(watch);
      reject(error);
    });
  });
}

/** A report as a line of a table. */
export const line = ({ reader, inputs, refused, slowest, largest, seconds }: Report): string =>
  `${reader.padEnd(18)}${String(inputs).padStart(9)} files, ${String(refused).padStart(8)} refused, slowest ${slowest.toFixed(0).padStart(4)} ms, ` +
  `largest ${(largest / 1e6).toFixed(1).padStart(6)} MB, ${seconds.toFixed(1)} s`;
