/**
 * Winograd's convolution (src/engines/wasm/assembly/winograd.ts) for 3 x 3 and 5 x 5 filters of
 * stride 1: what inference and training share.
 */

/** Side of an output tile. */
const TILE = 4;

/** The finite points of the transforms, each with its factor; the last point is infinity. */
const POINTS: Record<number, [point: number, factor: number][]> = {
  3: [
    [0, 1 / 4],
    [1, -1 / 6],
    [-1, -1 / 6],
    [2, 1 / 24],
    [-2, 1 / 24],
  ],
  5: [
    [0, 1],
    [1, -2 / 9],
    [-1, -2 / 9],
    [2, 1 / 90],
    [-2, 1 / 90],
    [1 / 2, 32 / 45],
    [-1 / 2, 32 / 45],
  ],
};

/**
 * Returns `[size + 3, columns]`: the powers of each finite point times its factor, then the row of
 * infinity.
 */
const powersOf = (size: number, columns: number, factorOf: (factor: number) => number) =>
  Float32Array.from([
    ...POINTS[size]!.flatMap(([point, factor]) =>
      Array.from({ length: columns }, (_, power) => factorOf(factor) * point ** power),
    ),
    ...Array.from({ length: columns }, (_, power) => Number(power === columns - 1)), // infinity
  ]);

/** Returns the filter transform, `[size + 3, size]`: a filter's polynomial at each point. */
export const filterTransform = (size: number): Float32Array =>
  powersOf(size, size, (factor) => factor);

/**
 * Returns the two matrices of the filter gradient: `[size + 3, 4]`, which transforms a tile of
 * output gradients, and `[size, size + 3]`, which transforms the products back to a filter.
 */
export function filterGradientTransforms(size: number): Float32Array {
  const [side, transform] = [size + TILE - 1, filterTransform(size)];
  return Float32Array.from([
    ...powersOf(size, TILE, () => 1),
    ...transform.map((_, i) => transform[(i % side) * size + Math.floor(i / side)]!),
  ]);
}

/** Returns the side of the padded input that whole tiles of `outputs` rows or columns read. */
export const tiledSide = (outputs: number, size: number): number =>
  Math.ceil(outputs / TILE) * TILE + size - 1;

/** Returns the number of tiles of `n` images. */
export const tileCount = (n: number, rows: number, columns: number): number =>
  n * Math.ceil(rows / TILE) * Math.ceil(columns / TILE);

/** Whether a convolution can be computed in Winograd tiles. */
export const canTile = ({
  size,
  stride,
  groups,
  channels,
  filters,
}: Record<'size' | 'stride' | 'groups' | 'channels' | 'filters', number>): boolean =>
  stride === 1 && size in POINTS && (channels / groups) % 4 === 0 && (filters / groups) % 8 === 0;
