/**
 * Convolutions with 3 x 3 and 5 x 5 filters of stride 1 in Winograd tiles: the forward pass and the
 * filter gradient. `convolveTiles` with rotated filters is the input gradient.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../conv2d';
import type { Heap } from './heap';
import { filterTransform, filterGradientTransforms, tileCount, tiledSide } from './winogradTiles';

/** A convolution of images `[n, h, w, channels]`. */
export interface Conv2dGeometry extends WindowGeometry {
  input: readonly number[];
  groups: number;
  /** Height and width of the output. */
  output: readonly [rows: number, columns: number];
}

/** The filters of a convolution. */
export interface Filters {
  /** Output channels. */
  filters: number;
  /** The address of the biases; 0 for none. */
  bias: number;
  /**
   * Returns the address of the filters `[size, size, channels / groups, filters]`, which it may write
   * to `workspace`.
   */
  filtersAt: (workspace: number) => number;
  /** Bytes of workspace that `filtersAt` needs. */
  filterBytes: number;
}

/**
 * Tiles per block: a block's transforms fit into the L2 cache. In the forward pass, its filters are
 * read once per block.
 */
const BLOCK_TILES = 48;

/** The arguments that `conv2dWinograd` and `conv2dWinogradFilterGradient` share. */
interface TileArguments {
  padded: number;
  n: number;
  height: number;
  width: number;
  channels: number;
  size: number;
  groups: number;
  rows: number;
  columns: number;
  tiles: number;
}

/**
 * Pads the images and copies the matrices, and calls `compute` with them and with workspaces of
 * `sizes` bytes.
 */
function withTiles(
  heap: Heap,
  x: Tensor,
  { input, window: [size], padding, groups, output: [rows, columns] }: Conv2dGeometry,
  { matrices, sizes }: { matrices: Float32Array; sizes: number[] },
  compute: (images: TileArguments, transforms: number, ...workspaces: number[]) => void,
): void {
  const [n, h, w, channels] = input as [number, number, number, number];
  const [height, width] = [tiledSide(rows, size), tiledSide(columns, size)];
  const images = { n, height, width, channels, size, groups, rows, columns, tiles: BLOCK_TILES };
  const paddedBytes = 4 * n * height * width * channels;
  heap.workspace([paddedBytes, 4 * matrices.length, ...sizes], (...pointers) => {
    const [padded, transforms, ...workspaces] = pointers as [number, number, ...number[]];
    heap.kernels.padImages({
      ...{ x: heap.pointer(x), n, h, w, c: channels },
      ...{ top: padding.top, left: padding.left, height, width, padded },
    });
    // Unsigned: above 2 GB, an address is a negative number.
    heap.backend.wasm.HEAPF32.set(matrices, transforms >>> 2);
    compute({ ...images, padded }, transforms, ...workspaces);
  });
}

/** Returns the convolution, which `canTile` must allow. */
export function convolveTiles(
  heap: Heap,
  x: Tensor,
  geometry: Conv2dGeometry,
  { filters, bias, filtersAt, filterBytes }: Filters,
): Tensor {
  const { kernels } = heap;
  const { input, window, groups, output } = geometry;
  const [[size], [rows, columns]] = [window, output];
  const [inPerGroup, outPerGroup] = [input[3]! / groups, filters / groups];
  const side = size + 3;
  const sizes = [
    filterBytes,
    side * side * groups * Math.ceil(outPerGroup / 8) * inPerGroup * 32,
    16 * side * size,
    4 * filters,
    kernels.winogradWorkspace({ size, tiles: BLOCK_TILES, inPerGroup, outPerGroup }),
  ];
  return heap.fill([input[0]!, rows, columns, filters], (y) => {
    const matrices = filterTransform(size);
    withTiles(
      heap,
      x,
      geometry,
      { matrices, sizes },
      (images, points, workspace, panels, line, zeros, work) => {
        kernels.transformFilters({
          ...{ kernel: filtersAt(workspace), size, inPerGroup, filters, groups },
          ...{ points, line, panels },
        });
        kernels.fillRows({ c: zeros, rows: 1, columns: filters, row: 0 });
        kernels.conv2dWinograd({
          ...images,
          ...{ panels, filters, bias: bias || zeros, fuseRelu: 0, y, parts: 1 },
          from: 0,
          to: groups * Math.ceil(tileCount(images.n, rows, columns) / images.tiles),
          work,
        });
      },
    );
  });
}

/** Returns the gradient of `convolveTiles` with respect to the filters. */
export function filterGradientTiles(
  heap: Heap,
  x: Tensor,
  dy: Tensor,
  geometry: Conv2dGeometry,
): Tensor {
  const { kernels } = heap;
  const { input, window, groups } = geometry;
  const [size] = window;
  const filters = dy.shape[3]!;
  const [inPerGroup, outPerGroup] = [input[3]! / groups, filters / groups];
  const sizes = [
    kernels.winogradFilterGradientWorkspace({ size, tiles: BLOCK_TILES, inPerGroup, outPerGroup }),
  ];
  return heap.fill([size, size, inPerGroup, filters], (dw) => {
    const matrices = filterGradientTransforms(size);
    withTiles(heap, x, geometry, { matrices, sizes }, (images, transforms, work) =>
      kernels.conv2dWinogradFilterGradient({
        ...images,
        ...{ transforms, filters, dy: heap.pointer(dy), dw, work },
      }),
    );
  });
}
