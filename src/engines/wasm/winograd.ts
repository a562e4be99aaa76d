/**
 * The parameters of Winograd's convolution (assembly/winograd.ts): the transforms of the filters,
 * the number of tiles, and how threads share them.
 */

/** Side of an output tile. */
const TILE = 4;

/** Tiles per block: a block's transforms fit into the L2 cache, and its filters are read once. */
export const MAX_TILES = 48;
/** With fewer tiles per block, a thread reads the filters for too little work. */
const MIN_TILES = 32;

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

const powers = (point: number, factor: number, size: number): number[] =>
  Array.from({ length: size }, (_, power) => factor * point ** power);

/** The filter transform by filter size, `[size + 3, size]`: a filter's polynomial at each point. */
export const TRANSFORMS: Record<number, number[][]> = Object.fromEntries(
  [3, 5].map((size) => [
    size,
    [
      ...POINTS[size]!.map(([point, factor]) => powers(point, factor, size)),
      powers(0, 1, size).reverse(),
    ],
  ]),
);

/** Returns the side of the padded input that whole tiles of `outputs` rows or columns read. */
export const tiledSide = (outputs: number, size: number): number =>
  Math.ceil(outputs / TILE) * TILE + size - 1;

/** Returns the number of tiles of `n` images. */
export const tileCount = (n: number, rows: number, columns: number): number =>
  n * Math.ceil(rows / TILE) * Math.ceil(columns / TILE);

/**
 * Returns the tiles per block, and the parts into which the filters of a group are split: enough
 * units of work for all threads, as large as possible.
 */
export function splitWork(
  count: number,
  groups: number,
  outPerGroup: number,
  threads: number,
): { tiles: number; parts: number } {
  const wanted = threads === 1 ? 1 : 2 * threads;
  const blocks = Math.max(
    Math.ceil(count / MAX_TILES),
    Math.min(Math.floor(count / MIN_TILES), Math.ceil(wanted / groups)),
  );
  const octets = outPerGroup / 8;
  let parts = Math.min(octets, threads === 1 ? 1 : Math.ceil(threads / (blocks * groups)));
  while (octets % parts > 0) parts++;
  return { tiles: 4 * Math.ceil(count / blocks / 4), parts };
}
