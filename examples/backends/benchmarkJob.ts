/** The job that the page sends to its worker, and the result. */
import type { BackendName, Model } from 'alexnet-ts';

/** Phases of a cold start, in order. */
export const PHASES = ['start', 'fetch', 'decode', 'upload', 'compile', 'predict'] as const;
export type Phase = (typeof PHASES)[number];

export interface BenchmarkJob {
  backend: BackendName | 'auto';
  /** WASM threads. @default 1 */
  threads?: number;
  /** The visitor's weights. @default the shipped set */
  weights?: File[];
  /** Decoded. */
  picture: ImageBitmap;
  /** Maximum number of measurements after the first prediction. */
  repeats: number;
  /** Time when the worker was started, in ms since 1970. */
  startedAt: number;
}

export interface MemoryUse {
  bytes: number;
  /** `WASM heap`, `GPU`, … */
  kind: string;
}

export interface BenchmarkResult {
  backend: BackendName;
  passedOver: Model['passedOver'];
  /** In ms. Their sum is the cold start. */
  phases: Record<Phase, number>;
  /** Milliseconds of each repeat. */
  times: number[];
  memory: MemoryUse;
  /** Memory of the whole worker in bytes, if requested; null if the browser does not report it. */
  workerBytes?: number | null;
}

/** Milliseconds since 1970 with fractions, the same in the page and its workers. */
export const now = (): number => performance.timeOrigin + performance.now();
