/** Kernels on 127 levels per filter: those that are, and others rounded to them. */
import type { QuantizedTensor, StoredTensor } from '../../weights/format/storedTensor';
import { dequantize } from '../../weights/format/storedTensor';

/** The largest level. */
const MOST = 63;
/** The level 0 as a stored byte. */
const ZERO = 128;
/** The largest error of rounding a kernel, as a root mean square relative to the kernel's. */
const MAX_ERROR = 0.04;

/**
 * Rounds a kernel to 127 levels between plus and minus the largest weight of each filter. Returns
 * undefined if that loses too much.
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
  // Also false for a weight that is not finite.
  if (!(error <= MAX_ERROR ** 2 * total)) return undefined;
  return { values, scale: 1, min: -ZERO, channelScale };
}
