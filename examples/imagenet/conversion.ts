/** conversion: converts a file of weights in a worker, with progress. */
import { proxy, wrap } from 'comlink';
import { removeFolder } from '../gallery/ownWeights';
import type { ConversionWorker } from './worker';

/** How far a conversion is, in bytes. `total` is 0 if it is not known. */
export interface ConversionStep {
  phase: 'download' | 'convert';
  done: number;
  total: number;
}

/** A tensor of the file, and what it became. */
export interface TensorRow {
  /** The name in the file. */
  from: string;
  /** The name in the network. */
  to: string;
  shape: readonly number[];
  /** How it is stored: `uint8`. */
  as: string;
}

/** A converted set. */
export interface Conversion {
  /** Its folder in the browser; undefined if it is only in memory. */
  folder: string | undefined;
  /** model.json and its shards. */
  files: File[];
  source: string;
  /** Sizes of the file and of the set. */
  sourceBytes: number;
  bytes: number;
  classes: number;
  tensors: TensorRow[];
  /** Assumptions that the conversion made, as sentences. */
  notes: string[];
}

/**
 * Converts a file of weights, or what is at an address. If it fails or is stopped, nothing of it is
 * kept.
 *
 * @throws the reason of the signal.
 */
export async function convertWeights(
  source: File | string,
  onStep: (step: ConversionStep) => void,
  signal: AbortSignal,
): Promise<Conversion> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const folder = `set-${Date.now()}`;
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(`The worker failed: ${message || 'its script could not be loaded'}.`)),
    );
  });
  try {
    const report = proxy((step: ConversionStep) => void (signal.aborted || onStep(step)));
    return await Promise.race([
      wrap<ConversionWorker>(worker).convert(source, folder, report),
      ended,
    ]);
  } catch (error) {
    worker.terminate();
    await removeFolder(folder).catch(() => {}); // it may not exist yet
    throw error;
  } finally {
    worker.terminate();
  }
}
