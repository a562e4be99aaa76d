/**
 * The convolutional layer: 3 x 3 and 5 x 5 filters of stride 1 as Winograd tiles, all others window
 * by window. Computes in 8 bits if the kernel allows it and `Int8Mode` is active.
 */
import { canTile } from '../../kernels/wasm/winogradTiles';
import { sizeOf } from '../../layers/layer';
import { reload, type LayerOptions } from '../opTable';
import { int8Conv2d, reserveInt8Workspace, type RunInt8 } from './conv2dInt8';
import type { WasmCompileContext, WasmLayer, WasmOp } from './ops';
import { paddedInput } from './paddedInput';
import { windowsOf, windowTables, type Conv2dLayerGeometry } from './windows';
import { winogradLayer } from './winograd';

/** Window positions that are worth a thread's chunk: they share filters in the cache. */
const POSITION_GRAIN = 48;

export const conv2d: WasmOp<LayerOptions['conv2d']> = {
  compile({ size, stride, pad: padding, groups }, { input, output }, context) {
    const [channels, filters] = [input[2]!, output[2]!];
    const geometry = { input, output, size, stride, padding, groups, channels, filters };
    const float = canTile(geometry)
      ? winogradLayer(geometry, context)
      : windowLayer(geometry, context);
    return context.int8.possible ? int8Layer(geometry, float, context) : float;
  },
};

/** Computes in 8 bits while `int8.active`. Sets the weights of `float` only when it first runs. */
function int8Layer(
  geometry: Conv2dLayerGeometry,
  float: WasmLayer,
  context: WasmCompileContext,
): WasmLayer {
  const { input, output } = geometry;
  reserveInt8Workspace(geometry, context);
  let runInt8: RunInt8 | undefined;
  let setFloats: (() => unknown) | undefined;
  const runFloats: WasmLayer['run'] = (...args) => {
    setFloats?.();
    setFloats = undefined;
    float.run(...args);
  };
  return {
    run(x, y, n, fuseRelu) {
      if (!runInt8 || !context.int8.active) return runFloats(x, y, n, fuseRelu);
      for (let image = 0; image < n; image++) {
        const [from, to] = [x + 4 * image * sizeOf(input), y + 4 * image * sizeOf(output)];
        if (!runInt8(from, to, fuseRelu)) runFloats(from, to, 1, fuseRelu);
      }
    },
    canFuseRelu: true,
    setWeights(params) {
      const { kernel, bias } = params;
      if (context.int8.wanted)
        runInt8 = int8Conv2d(geometry, { kernel: kernel!, bias: bias! }, context);
      if (!runInt8) return float.setWeights!(params);
      context.int8.packed = true;
      setFloats = () => float.setWeights!(params);
      return { kernel: reload(kernel!), bias: reload(bias!) };
    },
  };
}

function windowLayer(geometry: Conv2dLayerGeometry, context: WasmCompileContext): WasmLayer {
  const { input, output, groups, channels, filters } = geometry;
  const { memory, kernels, pool, reserveWorkspace } = context;
  const [h, w] = input as [number, number, number];
  const [rows, columns] = output as [number, number, number];
  const windows = windowsOf(geometry);
  const { height, width, segmentCount, run, depth } = windows;
  const { pad } = paddedInput(geometry, { height, width, batch: 1 }, context);
  const { positions, segments } = windowTables(geometry, windows, 4 * channels, context);
  const panelBytes = groups * kernels.panelBytes({ count: depth, columns: filters / groups });
  let panels = 0;
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
      panels = memory.allocate(panelBytes);
      memory.writeFloats(pool.workspace, kernel!);
      kernels.packFilters({ kernel: pool.workspace, depth, filters, groups, panels });
      memory.writeFloats(biases, bias!);
      return { kernel: reload(kernel!), bias: reload(bias!) };
    },
  };
}
