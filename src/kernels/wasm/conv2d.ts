/**
 * Grouped convolution as WebAssembly kernels: forward pass, filter gradient, input gradient for
 * stride 1.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimizedKernel } from '../optimizedKernels';
import type { Conv2dAttributes, Padding } from '../conv2d';
import type { Heap } from './heap';
import {
  convolveTiles,
  filterGradientTiles,
  type Conv2dGeometry,
  type Filters,
} from './conv2dWinograd';
import { canTile } from './winogradTiles';

/** The padded images and the offset tables, as arguments of `conv2d` and `conv2dFilterGradient`. */
interface WindowArguments {
  x: number;
  positions: number;
  count: number;
  segments: number;
  segmentCount: number;
  run: number;
  groups: number;
  channels: number;
}

/**
 * Pads the images and fills the offset tables, and calls `work` with them and room for
 * `panelBytes`.
 */
function withWindows<T>(
  heap: Heap,
  x: Tensor,
  { geometry, panelBytes }: { geometry: Conv2dGeometry; panelBytes: number },
  work: (windows: WindowArguments, panels: number) => T,
): T {
  const { kernels } = heap;
  const { input, window, stride, padding, groups, output } = geometry;
  const [n, h, w, channels] = input as [number, number, number, number];
  const height = (output[0] - 1) * stride[0] + window[0];
  const width = (output[1] - 1) * stride[1] + window[1];
  const count = n * output[0] * output[1];
  const wholeRows = groups === 1; // a window's row is then contiguous in memory
  const segmentCount = wholeRows ? window[0] : window[0] * window[1];
  const run = wholeRows ? window[1] * channels : channels / groups;
  const pixelBytes = 4 * channels;
  // A tile may read up to five values past the last window.
  const sizes = [n * height * width * pixelBytes + 32, 4 * count, 4 * segmentCount, panelBytes];
  return heap.workspace(sizes, (...[padded, positions, segments, panels]) => {
    kernels.padImages({
      ...{ x: heap.pointer(x), n, h, w, c: channels },
      ...{ top: padding.top, left: padding.left, height, width, padded: padded! },
    });
    kernels.fillPositionOffsets({
      ...{ offsets: positions!, n, height, width, pixelBytes },
      ...{ strideRows: stride[0], strideColumns: stride[1], rows: output[0], columns: output[1] },
    });
    kernels.fillSegmentOffsets({
      ...{ offsets: segments!, kernelRows: window[0], kernelColumns: window[1] },
      ...{ width, pixelBytes, wholeRows: Number(wholeRows) },
    });
    return work(
      {
        ...{ x: padded!, positions: positions!, count, segments: segments!, segmentCount },
        ...{ run, groups, channels },
      },
      panels!,
    );
  });
}

/** Returns the convolution `[n, h′, w′, filters]`. */
function convolve(heap: Heap, x: Tensor, geometry: Conv2dGeometry, kernel: Filters): Tensor {
  const { input, window, stride, groups, output } = geometry;
  const { filters, bias, filtersAt, filterBytes } = kernel;
  const [size, channels] = [window[0], input[3]!];
  if (size === window[1] && canTile({ size, stride: stride[0], groups, channels, filters }))
    return convolveTiles(heap, x, geometry, kernel);
  const depth = (size * window[1] * channels) / groups;
  const panelBytes = groups * Math.ceil(filters / groups / 8) * depth * 32;
  return heap.fill([input[0]!, ...output, filters], (y) =>
    withWindows(heap, x, { geometry, panelBytes }, (windows, panels) => {
      heap.workspace([filterBytes], (workspace) =>
        heap.kernels.packFilters({
          ...{ kernel: filtersAt(workspace!), depth, filters, groups, panels },
        }),
      );
      if (!bias) heap.kernels.fillRows({ c: y, rows: windows.count, columns: filters, row: 0 });
      heap.kernels.conv2d({ ...windows, panels, filters, bias, y });
    }),
  );
}

/** Returns the filter gradient, `[rows, columns, channels / groups, filters]`. */
export function filterGradient(
  heap: Heap,
  x: Tensor,
  dy: Tensor,
  geometry: Conv2dGeometry,
): Tensor {
  const { input, window, stride, groups } = geometry;
  const filters = dy.shape[3]!;
  const [size, channels] = [window[0], input[3]!];
  if (size === window[1] && canTile({ size, stride: stride[0], groups, channels, filters }))
    return filterGradientTiles(heap, x, dy, geometry);
  const panelBytes = Math.ceil(filters / groups / 8) * 256 * 32;
  return heap.fill([...window, input[3]! / groups, filters], (dw) =>
    withWindows(heap, x, { geometry, panelBytes }, (windows, panels) =>
      heap.kernels.conv2dFilterGradient({
        ...windows,
        dy: heap.pointer(dy),
        filters,
        panels,
        dw,
      }),
    ),
  );
}

const geometryOf = (
  x: Tensor,
  kernel: Tensor,
  { stride, padding, groups }: Conv2dAttributes,
): Conv2dGeometry => {
  const [, h, w] = x.shape as [number, number, number];
  const window = kernel.shape.slice(0, 2) as [number, number];
  return {
    input: x.shape,
    window,
    stride: [stride, stride],
    padding,
    groups,
    output: [
      Math.floor((h + padding.top + padding.bottom - window[0]) / stride) + 1,
      Math.floor((w + padding.left + padding.right - window[1]) / stride) + 1,
    ],
  };
};

/**
 * Returns the padding of `dy` with which a convolution with the rotated filters computes the
 * gradient by the input, or undefined if it would be negative.
 */
function gradientPadding(kernel: Tensor, padding: Padding): Padding | undefined {
  const [rows, columns] = kernel.shape as [number, number];
  const { top, right, bottom, left } = padding;
  if (Math.max(top, bottom) > rows - 1 || Math.max(left, right) > columns - 1) return undefined;
  return {
    top: rows - 1 - top,
    bottom: rows - 1 - bottom,
    left: columns - 1 - left,
    right: columns - 1 - right,
  };
}

export const conv2dKernel = (
  heap: Heap,
): OptimizedKernel<'x' | 'kernel' | 'bias', Conv2dAttributes> => ({
  forward({ x, kernel, bias }, attributes) {
    return convolve(heap, x, geometryOf(x, kernel, attributes), {
      filters: kernel.shape[3]!,
      bias: heap.pointer(bias),
      filtersAt: () => heap.pointer(kernel),
      filterBytes: 0,
    });
  },
  gradient(dy, { x, kernel }, attributes) {
    const { stride, padding, groups } = attributes;
    const [rows, columns, , filters] = kernel.shape as [number, number, number, number];
    const dyPadding = stride === 1 ? gradientPadding(kernel, padding) : undefined;
    const [, h, w, channels] = x.shape as [number, number, number, number];
    const inputGradient = (padding: Padding) => () => {
      const geometry: Conv2dGeometry = {
        ...{ input: dy.shape, window: [rows, columns], stride: [1, 1] },
        ...{ padding, groups, output: [h, w] },
      };
      return convolve(heap, dy, geometry, {
        filters: channels,
        bias: 0,
        filterBytes: 4 * kernel.size,
        filtersAt(to) {
          heap.kernels.rotateFilters({
            ...{ kernel: heap.pointer(kernel), pixels: rows * columns },
            ...{ channels, filters, groups, to },
          });
          return to;
        },
      });
    };
    return {
      x: dyPadding && inputGradient(dyPadding),
      kernel: () => filterGradient(heap, x, dy, geometryOf(x, kernel, attributes)),
      bias: () =>
        heap.fill([filters], (sums) =>
          heap.kernels.sumRows({
            x: heap.pointer(dy),
            rows: dy.size / filters,
            columns: filters,
            sums,
          }),
        ),
    };
  },
});
