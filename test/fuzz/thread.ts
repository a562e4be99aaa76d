/** The thread of the fuzzer: generates, reads and checks files, and reports the first defect. */
import { parentPort, workerData } from 'node:worker_threads';
import { watch } from './allocations';
import type { Finding, Order, Report } from './fuzz';

/** Readers that use sharp. */
const NATIVE = ['picture', 'data set'];

const { order, shared } = workerData as { order: Order; shared: SharedArrayBuffer };
const state = new Int32Array(shared, 0, 4);
const place = new Uint8Array(shared, 16);

// sharp checks constructors, and allocates memory itself.
if (!NATIVE.includes(order.reader)) watch();
const fc = (await import('fast-check')).default;
const { judge } = await import('./judge');
const { AlexNetError } = await import('../../src/errors');
const built = await import('alexnet-ts');
const { readers } = await import('./readers');

const reader = await readers[order.reader]!();
const own = [AlexNetError, built.AlexNetError];
const report: Report = {
  reader: order.reader,
  inputs: 0,
  refused: 0,
  slowest: 0,
  largest: 0,
  seconds: 0,
};
const began = performance.now();

/** Stores each file before reading it, so that the main thread has it if this one hangs. */
async function one(bytes: Uint8Array): Promise<void> {
  place.set(bytes.subarray(0, place.length));
  state[1] = Math.min(bytes.length, place.length);
  Atomics.add(state, 0, 1); // reports progress
  const { refused, ms, allocated } = await judge(reader, bytes, own);
  report.inputs++;
  report.refused += Number(refused);
  report.slowest = Math.max(report.slowest, ms);
  report.largest = Math.max(report.largest, allocated);
}

async function search(): Promise<Finding | undefined> {
  if (order.replay) {
    try {
      await one(order.replay);
      return undefined;
    } catch (error) {
      return { seed: order.seed, path: '', problem: String(error), bytes: order.replay };
    }
  }
  for (let seed = order.seed; ; seed++) {
    const left = order.inputs - report.inputs;
    const stop = () => (performance.now() - began) / 1000 >= order.seconds;
    if (left <= 0 || stop()) return undefined;
    const parameters = {
      seed,
      numRuns: Math.min(left, 500),
      interruptAfterTimeLimit: 1000 * order.seconds,
      endOnFailure: order.quick,
    };
    const { failed, counterexample, counterexamplePath, errorInstance } = await fc.check(
      fc.asyncProperty(reader.input, one),
      parameters,
    );
    if (failed && counterexample) {
      return {
        seed,
        path: counterexamplePath ?? '',
        problem: String((errorInstance as Error).message),
        bytes: counterexample[0],
      };
    }
    parentPort!.postMessage({ progress: report });
  }
}

const found = await search();
report.seconds = (performance.now() - began) / 1000;
parentPort!.postMessage({ report, found });
