/** Grouped convolution on our WASM kernels: forward, by the filters, by the input (stride 1). */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Faster } from '../overrides';
import type { GroupedConv2dAttributes, Padding } from '../conv2d';
import type { Heap } from './heap';

/** A convolution of pictures `[n, h, w, channels]` with windows of `rows` x `columns`. */
export interface Geometry {
  input: readonly number[];
  window: readonly [rows: number, columns: number];
  stride: readonly [down: number, across: number];
  padding: Padding;
  groups: number;
  /** Height and width of what comes out. */
  output: readonly [rows: number, columns: number];
}

/** The padded pictures and the tables of windows, for as long as `work` runs. */
function withWindows<T>(
  heap: Heap,
  x: Tensor,
  { input, window, stride, padding, groups, output }: Geometry,
  panels: number,
  work: (
    windows: { args: number[]; run: number; segments: number; positions: number },
    panels: number,
  ) => T,
): T {
  const { assembly } = heap;
  const [n, h, w, channels] = input as [number, number, number, number];
  const height = (output[0] - 1) * stride[0] + window[0];
  const width = (output[1] - 1) * stride[1] + window[1];
  const positions = n * output[0] * output[1];
  const whole = groups === 1; // then the pixels of a window's row lie side by side
  const segments = whole ? window[0] : window[0] * window[1];
  const run = whole ? window[1] * channels : channels / groups;
  const pixel = 4 * channels;
  // A tile may read up to five values past the last window.
  const sizes = [n * height * width * pixel + 32, 4 * positions, 4 * segments, panels];
  return heap.workspace(sizes, (padded, table, starts, room) => {
    assembly.padPictures(
      heap.pointer(x),
      n,
      h,
      w,
      channels,
      padding.top,
      padding.left,
      height,
      width,
      padded!,
    );
    assembly.fillPositions(
      table!,
      n,
      height,
      width,
      pixel,
      stride[0],
      stride[1],
      output[0],
      output[1],
    );
    assembly.fillWindow(starts!, window[0], window[1], width, pixel, whole ? 1 : 0);
    return work(
      {
        args: [padded!, table!, positions, starts!, segments, run, groups, channels],
        run,
        segments,
        positions,
      },
      room!,
    );
  });
}

const panelBytes = (depth: number, filters: number, groups: number) =>
  groups * Math.ceil(filters / groups / 8) * depth * 32;

/** `[n, h′, w′, filters]` from filters that `pack` puts into panels; `bias` is a pointer, or 0. */
function convolve(
  heap: Heap,
  x: Tensor,
  geometry: Geometry,
  filters: number,
  bias: number,
  pack: (panels: number) => void,
): Tensor {
  const { input, window, groups, output } = geometry;
  const depth = (window[0] * window[1] * input[3]!) / groups;
  return heap.fill([input[0]!, ...output, filters], (y) =>
    withWindows(
      heap,
      x,
      geometry,
      panelBytes(depth, filters, groups),
      ({ args, positions }, panels) => {
        pack(panels);
        if (!bias) heap.assembly.fillRows(y, positions, filters, 0);
        heap.assembly.convolve(...args, panels, filters, bias, y);
      },
    ),
  );
}

/** The gradient by the filters, `[rows, columns, channels / groups, filters]`. */
export function filterGradient(heap: Heap, x: Tensor, dy: Tensor, geometry: Geometry): Tensor {
  const { input, window, groups } = geometry;
  const filters = dy.shape[3]!;
  return heap.fill([...window, input[3]! / groups, filters], (dw) =>
    withWindows(heap, x, geometry, Math.ceil(filters / groups / 8) * 256 * 32, ({ args }, panels) =>
      heap.assembly.filterGradient(...args, heap.pointer(dy), filters, panels, dw),
    ),
  );
}

const geometryOf = (
  x: Tensor,
  kernel: Tensor,
  { stride, padding, groups }: GroupedConv2dAttributes,
): Geometry => {
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

/** What `dy` is padded with, so that the turned filters give the gradient by the input: undefined where that would cut it. */
function turned(kernel: Tensor, padding: Padding): Padding | undefined {
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

export const groupedConv2d = (
  heap: Heap,
): Faster<'x' | 'kernel' | 'bias', GroupedConv2dAttributes> => ({
  forward({ x, kernel, bias }, attributes) {
    const [rows, columns, seen, filters] = kernel.shape as [number, number, number, number];
    return convolve(
      heap,
      x,
      geometryOf(x, kernel, attributes),
      filters,
      heap.pointer(bias),
      (panels) =>
        heap.assembly.packFilters(
          heap.pointer(kernel),
          rows * columns * seen,
          filters,
          attributes.groups,
          panels,
        ),
    );
  },
  gradient(dy, { x, kernel }, attributes) {
    const { stride, padding, groups } = attributes;
    const [rows, columns, , filters] = kernel.shape as [number, number, number, number];
    const around = stride === 1 ? turned(kernel, padding) : undefined;
    const [, h, w, channels] = x.shape as [number, number, number, number];
    return {
      x:
        around &&
        (() =>
          convolve(
            heap,
            dy,
            {
              input: dy.shape,
              window: [rows, columns],
              stride: [1, 1],
              padding: around,
              groups,
              output: [h, w],
            },
            channels,
            0,
            (panels) =>
              heap.assembly.packTurnedFilters(
                heap.pointer(kernel),
                rows * columns,
                channels,
                filters,
                groups,
                panels,
              ),
          )),
      kernel: () => filterGradient(heap, x, dy, geometryOf(x, kernel, attributes)),
      bias: () =>
        heap.fill([filters], (sums) =>
          heap.assembly.sumRows(heap.pointer(dy), dy.size / filters, filters, sums),
        ),
    };
  },
});
