/** Fuzzes a reader in a thread, which is stopped if it hangs or uses too much memory. */
import { Worker } from 'node:worker_threads';

export interface Order {
  reader: string;
  /** Maximum number of files. */
  inputs: number;
  /** Time limit. */
  seconds: number;
  /** Seed of the first 500 files; each further 500 use the next seed. */
  seed: number;
  /** Stops at the first defect instead of minimizing the file. */
  quick: boolean;
  /** A single file to read instead of random ones. */
  replay?: Uint8Array;
}

export interface Report {
  reader: string;
  inputs: number;
  /** Number of files rejected; the others were read. */
  refused: number;
  /** Longest time in ms. */
  slowest: number;
  /** Most bytes allocated for a file. */
  largest: number;
  seconds: number;
}

/** A defect and the file that reveals it. */
export interface Finding {
  seed: number;
  /** The path within the seed of fast-check. */
  path: string;
  problem: string;
  bytes: Uint8Array;
}

/** Milliseconds without progress after which a thread counts as hung. Readers have one second. */
const SILENCE = 15_000;
/** Maximum size of a file: 1 MB. */
const SHARED_BYTES = 16 + 2 * 1024 * 1024;
/** Heap limit of the thread in MB; allocations.ts counts array buffers. */
const HEAP_MB = 1024;

/** Threads do not inherit tsx's hooks, and `--import` is too late for their first file. */
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

/** Formats a report as a line of a table. */
export const line = ({ reader, inputs, refused, slowest, largest, seconds }: Report): string =>
  `${reader.padEnd(18)}${String(inputs).padStart(9)} files, ${String(refused).padStart(8)} refused, slowest ${slowest.toFixed(0).padStart(4)} ms, ` +
  `largest ${(largest / 1e6).toFixed(1).padStart(6)} MB, ${seconds.toFixed(1)} s`;
