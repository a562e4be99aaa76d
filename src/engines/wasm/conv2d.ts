/** The convolutional layer in inference: 3 x 3 and 5 x 5 filters of stride 1 by Winograd's tiles, all others window by window. */
import type { Padding } from '../../kernels/conv2d';
import type { Shape } from '../../layers/layer';
import type { Place, Step } from './ops';
import { kept } from './storedFloats';

export interface Geometry {
  input: Shape;
  output: Shape;
  size: number;
  stride: number;
  padding: Padding;
  groups: number;
}

/** Side of a tile of the output. */
const OUT = 4;
/** Tiles that are worked on together: what they become fits the second cache; for fewer, a thread reads the filters for too little. */
const TILES = 48;
const FEWEST = 32;
/** What a thread takes at least: positions of windows that share filters in the cache, and rows to copy. */
const POSITIONS = 48;
const ROWS = 8;

/** The points, each with its factor, but infinity. */
const BY_THREE = [
  [0, 1 / 4],
  [1, -1 / 6],
  [-1, -1 / 6],
  [2, 1 / 24],
  [-2, 1 / 24],
];
const BY_FIVE = [
  [0, 1],
  [1, -2 / 9],
  [-1, -2 / 9],
  [2, 1 / 90],
  [-2, 1 / 90],
  [1 / 2, 32 / 45],
  [-1 / 2, 32 / 45],
];

/** The filters' transforms, `[size + 3, size]`: their polynomial at each of the points. */
const POINTS: Record<number, number[][]> = { 3: transform(BY_THREE, 3), 5: transform(BY_FIVE, 5) };

function transform(points: number[][], size: number): number[][] {
  return [
    ...points.map(([point, factor]) => powers(point!, factor!, size)),
    powers(0, 1, size).reverse(),
  ];
}

function powers(point: number, factor: number, size: number): number[] {
  return Array.from({ length: size }, (_, power) => factor * point ** power);
}

export function convolution(geometry: Geometry, place: Place): Step {
  const { input, output, size, stride, groups } = geometry;
  const seen = input[2]! / groups;
  const own = output[2]! / groups;
  const tiled = stride === 1 && size in POINTS && seen % 4 === 0 && own % 8 === 0;
  return tiled ? tiles(geometry, place) : windows(geometry, place);
}

/** Padded copies of up to `together` inputs, `height` x `width`: where they are, and how they are made. */
function padded(
  { input, padding }: Geometry,
  height: number,
  width: number,
  { arena, crew, together }: Place,
) {
  const [h, w, channels] = input as [number, number, number];
  const { top, left } = padding;
  if (top === 0 && left === 0 && height <= h && width === w)
    return { pad: (x: number, _n: number) => x, height: h };
  const room = arena.take(4 * together * height * width * channels);
  return {
    pad(x: number, n: number) {
      crew.each('conv2dPad', n * height, ROWS, x, h, w, channels, top, left, height, width, room);
      return room;
    },
    height,
  };
}

/** Pictures one after the other: what one of them needs stays in the cache. */
const each = (
  input: Shape,
  output: Shape,
  one: (x: number, y: number, rectify: boolean) => void,
): Step['run'] => {
  const [from, to] = [input, output].map(([h, w, c]) => 4 * h! * w! * c!) as [number, number];
  return (x, y, n, rectify) => {
    for (let i = 0; i < n; i++) one(x + i * from, y + i * to, rectify);
  };
};

function tiles(geometry: Geometry, place: Place): Step {
  const { input, output, size, groups } = geometry;
  const { arena, assembly, crew } = place;
  const [rows, columns, filters] = output as [number, number, number];
  const channels = input[2]!;
  const [seen, own] = [channels / groups, filters / groups];
  const side = size + OUT - 1;
  const width = Math.ceil(columns / OUT) * OUT + size - 1;
  const { pad, height } = padded(geometry, Math.ceil(rows / OUT) * OUT + size - 1, width, place);
  const panels = arena.take(side * side * groups * assembly.panelBytes(seen, own));
  const bias = arena.take(4 * filters);
  place.share(assembly.winogradWorkspace(size, TILES, seen, own));
  const points = new Float32Array(POINTS[size]!.flat());
  const kernelBytes = (4 * size * size * channels * filters) / groups;
  place.share(kernelBytes + 4 * points.length + 16 * side * size);
  return {
    run(x, y, n, rectify) {
      const count = n * Math.ceil(rows / OUT) * Math.ceil(columns / OUT);
      const { tiles, parts } = split(count, groups, own, crew.size);
      crew.each(
        ...(['conv2dWinograd', Math.ceil(count / tiles) * groups * parts, 1] as const),
        ...[
          pad(x, n),
          n,
          height,
          width,
          channels,
          size,
          groups,
          panels,
          filters,
          bias,
          rectify ? 1 : 0,
        ],
        ...[y, rows, columns, tiles, parts],
      );
    },
    rectifies: true,
    set({ kernel, bias: biases }) {
      const work = place.work();
      arena.put(work, kernel!);
      arena.put(work + kernelBytes, points);
      const lines = work + kernelBytes + 4 * points.length;
      assembly.transformFilters(
        work,
        size,
        seen,
        filters,
        groups,
        work + kernelBytes,
        lines,
        panels,
      );
      arena.put(bias, biases!);
      return { kernel: kept(kernel!), bias: kept(biases!) };
    },
  };
}

/** How many tiles, and which part of a group's filters, are one thread's work: enough of it for all, in pieces as large as can be. */
function split(
  count: number,
  groups: number,
  own: number,
  threads: number,
): { tiles: number; parts: number } {
  const wanted = threads === 1 ? 1 : 2 * threads;
  const blocks = Math.max(
    Math.ceil(count / TILES),
    Math.min(Math.floor(count / FEWEST), Math.ceil(wanted / groups)),
  );
  const octets = own / 8;
  let parts = Math.min(octets, threads === 1 ? 1 : Math.ceil(threads / (blocks * groups)));
  while (octets % parts > 0) parts++;
  return { tiles: 4 * Math.ceil(count / blocks / 4), parts };
}

function windows(geometry: Geometry, place: Place): Step {
  const { input, output, size, stride, groups } = geometry;
  const { arena, assembly, crew } = place;
  const [rows, columns, filters] = output as [number, number, number];
  const channels = input[2]!;
  const across = (columns - 1) * stride + size;
  const width = geometry.padding.left === 0 && across <= input[1]! ? input[1]! : across;
  const { pad } = padded(geometry, (rows - 1) * stride + size, width, { ...place, together: 1 });
  const whole = groups === 1; // then the pixels of a window's row lie side by side
  const segments = whole ? size : size * size;
  const run = whole ? size * channels : channels / groups;
  const depth = (size * size * channels) / groups;
  const positions = arena.take(4 * rows * columns);
  const starts = arena.take(4 * segments);
  assembly.fillPositionOffsets(positions, 1, 0, width, 4 * channels, stride, stride, rows, columns);
  assembly.fillSegmentOffsets(starts, size, size, width, 4 * channels, whole ? 1 : 0);
  const panels = arena.take(groups * assembly.panelBytes(depth, filters / groups));
  const bias = arena.take(4 * filters);
  place.share(4 * depth * filters);
  const count = rows * columns;
  return {
    run: each(input, output, (x, y, rectify) => {
      crew.each(
        ...([
          'conv2d',
          count,
          POSITIONS,
          pad(x, 1),
          positions,
          starts,
          segments,
          run,
          groups,
          channels,
        ] as const),
        ...[panels, filters, bias, rectify ? 1 : 0, y],
      );
    }),
    rectifies: true,
    set({ kernel, bias: biases }) {
      arena.put(place.work(), kernel!);
      assembly.packFilters(place.work(), depth, filters, groups, panels);
      arena.put(bias, biases!);
      return { kernel: kept(kernel!), bias: kept(biases!) };
    },
  };
}
