/** distance: how far apart the features of two pictures are, which are kept as a byte each. */

/** `codes · scale`; ReLU leaves no negative ones. Against floats, distances differ by less than one in a thousand. */
export interface Features {
  codes: Uint8Array;
  scale: number;
}

export function pack(features: Float32Array): Features {
  const scale = features.reduce((most, each) => Math.max(most, each), 0) / 255;
  return {
    codes: Uint8Array.from(features, (each) => (scale ? Math.round(each / scale) : 0)),
    scale,
  };
}

/** Euclidean, as in the paper. */
export function distance(a: Features, b: Features): number {
  let sum = 0;
  for (let i = 0; i < a.codes.length; i++) {
    const difference = a.codes[i]! * a.scale - b.codes[i]! * b.scale;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** All but the one of this key, nearest first. */
export function byDistance<Entry extends { key: string; features: Features }>(
  entries: readonly Entry[],
  to: { key?: string; features: Features },
): { entry: Entry; distance: number }[] {
  return entries
    .filter(({ key }) => key !== to.key)
    .map((entry) => ({ entry, distance: distance(entry.features, to.features) }))
    .sort((a, b) => a.distance - b.distance);
}
