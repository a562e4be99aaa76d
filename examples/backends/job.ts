/** Job: what the page asks of its worker, and what that answers. */
import type { BackendName, Model } from 'alexnet-ts';

/** The parts of a cold start, in order. */
export const PHASES = ['start', 'fetch', 'decode', 'upload', 'compile', 'answer'] as const;
export type Phase = (typeof PHASES)[number];

export interface Job {
  backend: BackendName | 'auto';
  /** Of WASM. @default 1 */
  threads?: number;
  /** Decoded already. */
  picture: ImageBitmap;
  /** How often the picture is classified at most, after the first time. */
  times: number;
  /** When the worker was asked for, in ms since 1970. */
  startedAt: number;
}

export interface Memory {
  bytes: number;
  /** What is counted: `WASM heap`, `on the GPU`, … */
  of: string;
}

export interface Measured {
  backend: BackendName;
  passedOver: Model['passedOver'];
  /** In ms; together the cold start. */
  phases: Record<Phase, number>;
  /** Of each further time, in ms. */
  times: number[];
  memory: Memory;
  /** What the browser counts for the whole worker, in bytes, where that was asked for; null where it does not tell. */
  whole?: number | null;
}

/** Milliseconds since 1970 with fractions: the same clock in the page and its workers. */
export const now = (): number => performance.timeOrigin + performance.now();
