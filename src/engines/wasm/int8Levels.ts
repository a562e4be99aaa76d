/** roundToLevels: rounds a kernel to 127 levels per filter. */
import type { QuantizedTensor, StoredTensor } from '../../weights/format/storedTensor';
import { dequantize } from '../../weights/format/storedTensor';

/** The largest level. */
const MOST = 63;
/** The stored byte of level 0. */
const ZERO = 128;
/** The largest error of rounding a kernel: its root mean square relative to that of the kernel. */
const MAX_ERROR = 0.04;

/**
 * Rounds the weights of each filter to 127 levels, from minus to plus the largest magnitude.
 * Returns undefined if that changes the kernel too much.
 */
export function roundToLevels(kernel: StoredTensor, filters: number): QuantizedTensor | undefined {
  const weights = dequantize(kernel);
  const channelScale = new Float32Array(filters);
  for (let i = 0; i < weights.length; i++)
    channelScale[i % filters] = Math.max(channelScale[i % filters]!, Math.abs(weights[i]!) / MOST);
  const values = new Uint8Array(weights.length);
  let [error, total] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    const [weight, scale] = [weights[i]!, channelScale[i % filters]!];
    const level = scale === 0 ? 0 : Math.max(-MOST, Math.min(MOST, Math.round(weight / scale)));
    values[i] = level + ZERO;
    error += (level * scale - weight) ** 2;
    total += weight ** 2;
  }
  // `error` is NaN if a weight is not finite.
  if (!(error <= MAX_ERROR ** 2 * total)) return undefined;
  return { values, scale: 1, min: -ZERO, channelScale };
}
