/** layout: places pictures on a plane so that similar ones are neighbors: PCA, then UMAP. */
import { UMAP } from 'umap-js';
import { principalComponents } from './principalComponents';

/** A position, each coordinate from 0 to 1. */
export type Position = readonly [x: number, y: number];

/** Principal components that UMAP receives. More add noise and time. */
const COMPONENTS = 40;
/** Neighbors that UMAP keeps close. */
const NEIGHBORS = 12;
/** Fewer pictures are placed by their first two components: UMAP needs neighborhoods. */
const MIN_FOR_UMAP = 12;
/** Steps between two positions that are reported. */
const STEPS = 20;

/**
 * Yields positions for the rows of features: by the first two principal components at once, then as
 * UMAP improves them. The same features give the same positions.
 */
export function* layout(features: readonly Float32Array[]): Generator<Position[], void> {
  const components = principalComponents(features, COMPONENTS);
  yield scale(components.map(([x = 0, y = 0]) => [x, y]));
  if (features.length < MIN_FOR_UMAP || (components[0]?.length ?? 0) < 2) return;
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(NEIGHBORS, Math.floor(features.length / 3)),
    minDist: 0.25,
    spread: 1,
    random: generator(),
  });
  const steps = umap.initializeFit(components);
  for (let step = 1; step <= steps; step++) {
    umap.step();
    if (step % STEPS === 0 || step === steps) yield scale(umap.getEmbedding());
  }
}

/** Scales coordinates to [0, 1], with one scale for both axes. */
function scale(points: readonly (readonly number[])[]): Position[] {
  const [xs, ys] = [points.map(([x]) => x!), points.map(([, y]) => y!)];
  const middle = (values: number[]) => (Math.max(...values) + Math.min(...values)) / 2;
  const range = (values: number[]) => Math.max(...values) - Math.min(...values);
  const side = Math.max(range(xs), range(ys)) || 1;
  const [x0, y0] = [middle(xs), middle(ys)];
  return points.map(([x, y]) => [0.5 + (x! - x0) / side, 0.5 + (y! - y0) / side]);
}

/** Uniform numbers in [0, 1), the same each time (mulberry32). */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
