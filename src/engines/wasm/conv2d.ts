/**
 * The convolutional layer: 3 x 3 and 5 x 5 filters of stride 1 as Winograd tiles, all others window
 * by window.
 */
import type { Padding } from '../../kernels/conv2d';
import { paddingOf } from '../../layers/conv2d';
import { reload, type LayerOptions, type LayerShapes } from '../opTable';
import type { BuildContext, WasmLayer, WasmOp } from './ops';
import { MAX_TILES, TRANSFORMS, splitWork, tileCount, tiledSide } from './winograd';

/**
 * The smallest chunks of a thread: window positions (they share filters in the cache), rows to
 * copy.
 */
const POSITION_GRAIN = 48;
const ROW_GRAIN = 8;

/** A convolution of one image; `channels` and `filters` are those of all groups. */
interface Conv2dGeometry extends LayerShapes {
  size: number;
  stride: number;
  padding: Padding;
  groups: number;
  channels: number;
  filters: number;
}

export const conv2d: WasmOp<LayerOptions['conv2d']> = {
  compile({ size, stride, pad, groups }, { input, output }, context) {
    const [channels, filters] = [input[2]!, output[2]!];
    const padding = paddingOf(pad);
    const geometry = { input, output, size, stride, padding, groups, channels, filters };
    const canTile = stride === 1 && size in TRANSFORMS;
    return canTile && (channels / groups) % 4 === 0 && (filters / groups) % 8 === 0
      ? winogradLayer(geometry, context)
      : windowLayer(geometry, context);
  },
};

/**
 * Returns what copies up to `batch` images into zeros of `height` x `width`, if that is necessary.
 */
function paddedInput(
  { input, padding, channels }: Conv2dGeometry,
  { height, width, batch }: { height: number; width: number; batch: number },
  { memory, pool }: BuildContext,
): { pad: (x: number, n: number) => number; height: number } {
  const [h, w] = input as [number, number, number];
  const { top, left } = padding;
  if (top === 0 && left === 0 && height <= h && width === w) return { pad: (x) => x, height: h };
  const padded = memory.allocate(4 * batch * height * width * channels);
  return {
    pad(x, n) {
      const args = { x, h, w, c: channels, top, left, height, width, padded };
      pool.run('conv2dPad', { items: n * height, grain: ROW_GRAIN }, args);
      return padded;
    },
    height,
  };
}

function winogradLayer(geometry: Conv2dGeometry, context: BuildContext): WasmLayer {
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
  const panels = memory.allocate(side * side * groups * panelBytes);
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

function windowLayer(geometry: Conv2dGeometry, context: BuildContext): WasmLayer {
  const { input, output, size, stride, padding, groups, channels, filters } = geometry;
  const { memory, kernels, pool, reserveWorkspace } = context;
  const [h, w] = input as [number, number, number];
  const [rows, columns] = output as [number, number, number];
  const covered = (columns - 1) * stride + size;
  const width = padding.left === 0 && covered <= w ? w : covered;
  const height = (rows - 1) * stride + size;
  const { pad } = paddedInput(geometry, { height, width, batch: 1 }, context);
  const wholeRows = groups === 1; // a window's row is then contiguous in memory
  const segmentCount = wholeRows ? size : size * size;
  const run = wholeRows ? size * channels : channels / groups;
  const depth = (size * size * channels) / groups;
  const pixelBytes = 4 * channels;
  const positions = memory.allocate(4 * rows * columns);
  const segments = memory.allocate(4 * segmentCount);
  kernels.fillPositionOffsets({
    ...{ offsets: positions, n: 1, height: 0, width, pixelBytes },
    ...{ strideRows: stride, strideColumns: stride, rows, columns },
  });
  kernels.fillSegmentOffsets({
    ...{ offsets: segments, kernelRows: size, kernelColumns: size, width, pixelBytes, wholeRows },
  });
  const panelBytes = kernels.panelBytes({ count: depth, columns: filters / groups });
  const panels = memory.allocate(groups * panelBytes);
  const biases = memory.allocate(4 * filters);
  reserveWorkspace(4 * depth * filters);
  return {
    // One image at a time, so that what it needs stays in the cache.
    run(x, y, n, fuseRelu) {
      for (let image = 0; image < n; image++) {
        pool.run(
          'conv2d',
          { items: rows * columns, grain: POSITION_GRAIN },
          {
            ...{ x: pad(x + 4 * image * h * w * channels, 1), positions, segments, segmentCount },
            ...{ run, groups, channels, panels, filters, bias: biases, fuseRelu },
            y: y + 4 * image * rows * columns * filters,
          },
        );
      }
    },
    canFuseRelu: true,
    setWeights({ kernel, bias }) {
      memory.writeFloats(pool.workspace, kernel!);
      kernels.packFilters({ kernel: pool.workspace, depth, filters, groups, panels });
      memory.writeFloats(biases, bias!);
      return { kernel: reload(kernel!), bias: reload(bias!) };
    },
  };
}
