/**
 * Winograd's convolution (assembly/winograd.ts) for 3 x 3 and 5 x 5 filters of stride 1: the
 * filters' transforms, how threads share the tiles, and the compiled layer.
 */
import { reload } from '../opTable';
import type { WasmCompileContext, WasmLayer } from './ops';
import { paddedInput } from './paddedInput';
import type { Conv2dLayerGeometry } from './windows';

/** Side of an output tile. */
const TILE = 4;

/** Tiles per block: a block's transforms fit into the L2 cache, and its filters are read once. */
const MAX_TILES = 48;
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
const TRANSFORMS: Record<number, number[][]> = Object.fromEntries(
  [3, 5].map((size) => [
    size,
    [
      ...POINTS[size]!.map(([point, factor]) => powers(point, factor, size)),
      powers(0, 1, size).reverse(),
    ],
  ]),
);

/** Returns the side of the padded input that whole tiles of `outputs` rows or columns read. */
const tiledSide = (outputs: number, size: number): number =>
  Math.ceil(outputs / TILE) * TILE + size - 1;

/** Returns the number of tiles of `n` images. */
const tileCount = (n: number, rows: number, columns: number): number =>
  n * Math.ceil(rows / TILE) * Math.ceil(columns / TILE);

/**
 * Returns the tiles per block, and the parts into which the filters of a group are split: enough
 * units of work for all threads, as large as possible.
 */
function splitWork(
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
  const blocksOf8 = outPerGroup / 8;
  let parts = Math.min(blocksOf8, threads === 1 ? 1 : Math.ceil(threads / (blocks * groups)));
  while (blocksOf8 % parts > 0) parts++;
  return { tiles: 4 * Math.ceil(count / blocks / 4), parts };
}

/** Whether a convolution can be computed in Winograd tiles. */
export const canTile = ({
  size,
  stride,
  groups,
  channels,
  filters,
}: Conv2dLayerGeometry): boolean =>
  stride === 1 &&
  size in TRANSFORMS &&
  (channels / groups) % 4 === 0 &&
  (filters / groups) % 8 === 0;

export function winogradLayer(
  geometry: Conv2dLayerGeometry,
  context: WasmCompileContext,
): WasmLayer {
  const { output, size, groups, channels, filters } = geometry;
  const { memory, kernels, pool, batch, reserveWorkspace } = context;
  const [rows, columns] = output as [number, number, number];
  const [inPerGroup, outPerGroup] = [channels / groups, filters / groups];
  const width = tiledSide(columns, size);
  const { pad, height } = paddedInput(
    geometry,
    { height: tiledSide(rows, size), width, batch },
    context,
  );
  const side = size + 3;
  const panelBytes = kernels.panelBytes({ count: inPerGroup, columns: outPerGroup });
  let panels = 0;
  const biases = memory.allocate(4 * filters);
  reserveWorkspace(kernels.winogradWorkspace({ size, tiles: MAX_TILES, inPerGroup, outPerGroup }));
  const transform = new Float32Array(TRANSFORMS[size]!.flat());
  const kernelBytes = (4 * size * size * channels * filters) / groups;
  reserveWorkspace(kernelBytes + 4 * transform.length + 16 * side * size);
  return {
    run(x, y, n, fuseRelu) {
      const count = tileCount(n, rows, columns);
      const { tiles, parts } = splitWork(count, groups, outPerGroup, pool.size);
      const items = Math.ceil(count / tiles) * groups * parts;
      pool.run(
        'conv2dWinograd',
        { items, grain: 1 },
        {
          ...{ padded: pad(x, n), n, height, width, channels, size, groups, panels, filters },
          ...{ bias: biases, fuseRelu, y, rows, columns, tiles, parts },
        },
      );
    },
    canFuseRelu: true,
    setWeights({ kernel, bias }) {
      const { workspace } = pool;
      panels = memory.allocate(side * side * groups * panelBytes);
      const points = workspace + kernelBytes;
      memory.writeFloats(workspace, kernel!);
      memory.writeFloats(points, transform);
      kernels.transformFilters({
        ...{ kernel: workspace, size, inPerGroup, filters, groups, points },
        ...{ work: points + 4 * transform.length, panels },
      });
      memory.writeFloats(biases, bias!);
      return { kernel: reload(kernel!), bias: reload(bias!) };
    },
  };
}
