/** The windows of a convolution that is computed window by window, and their tables of offsets. */
import type { Padding } from '../../kernels/conv2d';
import type { LayerShapes } from '../opTable';
import type { WasmCompileContext } from './ops';

/** A convolution of one image; `channels` and `filters` are those of all groups. */
export interface Conv2dLayerGeometry extends LayerShapes {
  size: number;
  stride: number;
  padding: Padding;
  groups: number;
  channels: number;
  filters: number;
}

/** The layout of the windows in the padded image. */
export interface Windows {
  /** Size of the padded image. */
  height: number;
  width: number;
  /** Whether a segment, a contiguous part of a window, is a row (without groups) or a pixel. */
  wholeRows: boolean;
  segmentCount: number;
  /** Number of values in a segment. */
  run: number;
  /** Number of values in a window. */
  depth: number;
}

export function windowsOf(geometry: Conv2dLayerGeometry): Windows {
  const { input, output, size, stride, padding, groups, channels } = geometry;
  const [, w] = input as [number, number, number];
  const [rows, columns] = output as [number, number, number];
  const covered = (columns - 1) * stride + size;
  const wholeRows = groups === 1;
  return {
    height: (rows - 1) * stride + size,
    width: padding.left === 0 && covered <= w ? w : covered,
    wholeRows,
    segmentCount: wholeRows ? size : size * size,
    run: wholeRows ? size * channels : channels / groups,
    depth: (size * size * channels) / groups,
  };
}

/** Writes tables of the offset of each position's window, and of each segment in a window. */
export function windowTables(
  { output, size, stride }: Conv2dLayerGeometry,
  { width, wholeRows, segmentCount }: Windows,
  pixelBytes: number,
  { memory, kernels }: WasmCompileContext,
): { positions: number; segments: number } {
  const [rows, columns] = output as [number, number, number];
  const positions = memory.allocate(4 * rows * columns);
  const segments = memory.allocate(4 * segmentCount);
  kernels.fillPositionOffsets({
    ...{ offsets: positions, n: 1, height: 0, width, pixelBytes },
    ...{ strideRows: stride, strideColumns: stride, rows, columns },
  });
  kernels.fillSegmentOffsets({
    ...{ offsets: segments, kernelRows: size, kernelColumns: size, width, pixelBytes, wholeRows },
  });
  return { positions, segments };
}
