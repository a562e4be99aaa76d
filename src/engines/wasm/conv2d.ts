/**
 * The convolutional layer: 3 x 3 and 5 x 5 filters of stride 1 as Winograd tiles, all others window
 * by window.
 */
import { reload, type LayerOptions } from '../opTable';
import type { WasmCompileContext, WasmLayer, WasmOp } from './ops';
import { paddedInput, type Conv2dLayerGeometry } from './paddedInput';
import { canTile, winogradLayer } from './winograd';

/** Window positions that are worth a thread's chunk: they share filters in the cache. */
const POSITION_GRAIN = 48;

export const conv2d: WasmOp<LayerOptions['conv2d']> = {
  compile({ size, stride, pad: padding, groups }, { input, output }, context) {
    const [channels, filters] = [input[2]!, output[2]!];
    const geometry = { input, output, size, stride, padding, groups, channels, filters };
    return canTile(geometry) ? winogradLayer(geometry, context) : windowLayer(geometry, context);
  },
};

function windowLayer(geometry: Conv2dLayerGeometry, context: WasmCompileContext): WasmLayer {
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
