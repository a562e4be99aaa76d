/** The convolutional layer in inference: 3 x 3 and 5 x 5 filters of stride 1 by Winograd's tiles, all others window by window. */
import type { Padding } from '../kernels/groupedConv2d';
import type { Shape } from '../layers/layer';
import type { Place, Step } from './steps';
import { kept } from './kept';
import { floatsOf } from '../weights/stored';

export interface Geometry {
  input: Shape;
  output: Shape;
  size: number;
  stride: number;
  padding: Padding;
  groups: number;
}

/** Side of a tile's output. */
const TILE = 2;

/** The filters' transforms for tiles of 2 x 2 outputs, `[size + 1, size]`: their polynomial at the points 0, 1, -1 (2, -2) and infinity. */
const POINTS: Record<number, number[][]> = {
  3: [
    [1, 0, 0],
    [1 / 2, 1 / 2, 1 / 2],
    [1 / 2, -1 / 2, 1 / 2],
    [0, 0, 1],
  ],
  5: [
    [1 / 4, 0, 0, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6, 1 / 3, 2 / 3],
    [1 / 24, -1 / 12, 1 / 6, -1 / 3, 2 / 3],
    [0, 0, 0, 0, 1],
  ],
};

export function convolution(geometry: Geometry, place: Place): Step {
  const { input, output, size, stride, groups } = geometry;
  const seen = input[2]! / groups;
  const own = output[2]! / groups;
  const tiled = stride === 1 && size in POINTS && seen % 4 === 0 && own % 8 === 0;
  return tiled ? tiles(geometry, place) : windows(geometry, place);
}

/** A padded copy of the input, `height` x `width`: where it is, and how it is made. */
function padded({ input, padding }: Geometry, height: number, width: number, { arena, assembly }: Place) {
  const [h, w, channels] = input as [number, number, number];
  const { top, left } = padding;
  if (top === 0 && left === 0 && height <= h && width === w) return { pad: (x: number) => x, height: h };
  const room = arena.take(4 * height * width * channels + 64);
  return {
    pad(x: number) {
      assembly.padPictures(x, 1, h, w, channels, top, left, height, width, room);
      return room;
    },
    height,
  };
}

/** Pictures one after the other: what one of them needs stays in the cache. */
const each = (input: Shape, output: Shape, one: (x: number, y: number, rectify: boolean) => void): Step['run'] => {
  const [from, to] = [input, output].map(([h, w, c]) => 4 * h! * w! * c!) as [number, number];
  return (x, y, n, rectify) => {
    for (let i = 0; i < n; i++) one(x + i * from, y + i * to, rectify);
  };
};

function tiles(geometry: Geometry, place: Place): Step {
  const { input, output, size, groups } = geometry;
  const { arena, assembly } = place;
  const [rows, columns, filters] = output as [number, number, number];
  const channels = input[2]!;
  const side = size + TILE - 1;
  const width = Math.ceil(columns / TILE) * TILE + size - 1;
  const { pad, height } = padded(geometry, Math.ceil(rows / TILE) * TILE + size - 1, width, place);
  const panels = arena.take(side * side * groups * assembly.panelBytes(channels / groups, filters / groups));
  const bias = arena.take(4 * filters);
  place.share(assembly.tilesWorkspace(size, channels, filters));
  const points = new Float32Array(POINTS[size]!.flat());
  const kernelBytes = (4 * size * size * channels * filters) / groups;
  place.share(kernelBytes + 4 * points.length + 16 * side * size);
  return {
    run: each(input, output, (x, y, rectify) =>
      assembly.convolveTiles(
        ...[pad(x), 1, height, width, channels, size, groups, panels, filters, bias],
        ...[rectify ? 1 : 0, y, rows, columns, place.work()],
      ),
    ),
    rectifies: true,
    set({ kernel, bias: biases }) {
      const work = place.work();
      arena.put(work, floatsOf(kernel!));
      arena.put(work + kernelBytes, points);
      const lines = work + kernelBytes + 4 * points.length;
      assembly.spreadFilters(work, size, channels / groups, filters, groups, work + kernelBytes, lines, panels);
      arena.put(bias, floatsOf(biases!));
      return { kernel: kept(kernel!), bias: kept(biases!) };
    },
  };
}

function windows(geometry: Geometry, place: Place): Step {
  const { input, output, size, stride, groups } = geometry;
  const { arena, assembly } = place;
  const [rows, columns, filters] = output as [number, number, number];
  const channels = input[2]!;
  const across = (columns - 1) * stride + size;
  const width = geometry.padding.left === 0 && across <= input[1]! ? input[1]! : across;
  const { pad } = padded(geometry, (rows - 1) * stride + size, width, place);
  const whole = groups === 1; // then the pixels of a window's row lie side by side
  const segments = whole ? size : size * size;
  const run = whole ? size * channels : channels / groups;
  const depth = (size * size * channels) / groups;
  const positions = arena.take(4 * rows * columns);
  const starts = arena.take(4 * segments);
  assembly.fillPositions(positions, 1, 0, width, 4 * channels, stride, stride, rows, columns);
  assembly.fillWindow(starts, size, size, width, 4 * channels, whole ? 1 : 0);
  const panels = arena.take(groups * assembly.panelBytes(depth, filters / groups));
  const bias = arena.take(4 * filters);
  place.share(4 * depth * filters);
  const count = rows * columns;
  return {
    run: each(input, output, (x, y, rectify) => {
      assembly.convolve(pad(x), positions, count, starts, segments, run, groups, channels, panels, filters, bias, y);
      if (rectify) assembly.rectify(y, count * filters);
    }),
    rectifies: true,
    set({ kernel, bias: biases }) {
      arena.put(place.work(), floatsOf(kernel!));
      assembly.packFilters(place.work(), depth, filters, groups, panels);
      arena.put(bias, floatsOf(biases!));
      return { kernel: kept(kernel!), bias: kept(biases!) };
    },
  };
}
