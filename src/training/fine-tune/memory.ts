/**
 * Refuses training that needs more memory than a phone's browser allows, which would close the page
 * without an error.
 */
import { TrainingError } from '../../errors';
import { topLayerOf } from '../../layers/layer';
import type { Sequential } from '../../layers/sequential';

/** In bytes. Browsers on phones close pages that use more than about this. */
const PHONE_LIMIT = 0.6e9;
/**
 * The number of arrays of a trained layer's size: weights, velocities, a gradient, the weights of
 * the best epoch, and copies while these are read.
 */
const COPIES = 6;
const BYTES = 4;

/** Whether the browser says that it runs on a phone or a tablet. */
function isPhone(): boolean {
  if (typeof navigator === 'undefined') return false;
  const { userAgent = '', userAgentData } = navigator as Navigator & {
    userAgentData?: { mobile?: boolean };
  };
  return userAgentData?.mobile === true || /Mobi|Android|iPhone|iPad/.test(userAgent);
}

/** Returns an estimate of the memory that training these layers takes, in bytes. */
export function trainingBytes(net: Sequential, trained: readonly string[]): number {
  let bytes = 0;
  for (const [name, { shape }] of Object.entries(net.params())) {
    const isTrained = trained.includes(topLayerOf(name));
    const size = shape.reduce((product, side) => product * side, BYTES);
    bytes += size * (isTrained ? 1 + COPIES : 1);
  }
  return bytes;
}

/** @throws TrainingError on a phone, if training these layers takes more than phones allow. */
export function checkMemory(net: Sequential, trained: readonly string[]): void {
  const bytes = trainingBytes(net, trained);
  if (bytes <= PHONE_LIMIT || !isPhone()) return;
  const gigabytes = (bytes / 1e9).toFixed(1);
  throw new TrainingError(
    `fineTune: training ${trained.join(', ')} takes about ${gigabytes} GB, and a phone's browser closes pages that take more than ${PHONE_LIMIT / 1e9} GB. Use train: 'head', or train on a computer.`,
  );
}
