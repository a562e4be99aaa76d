/**
 * Winograd's convolution (assembly/winograd.ts) for 3 x 3 and 5 x 5 filters of stride 1: how
 * threads share the tiles, and the compiled layer.
 */
import { filterTransform, tileCount, tiledSide } from '../../kernels/wasm/winogradTiles';
import { reload } from '../opTable';
import type { WasmCompileContext, WasmLayer } from './ops';
import { paddedInput } from './paddedInput';
import type { Conv2dLayerGeometry } from './windows';

/** Tiles per block: a block's transforms fit into the L2 cache, and its filters are read once. */
const MAX_TILES = 48;
/** With fewer tiles per block, a thread reads the filters for too little work. */
const MIN_TILES = 32;

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
  const transform = filterTransform(size);
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
        ...{ line: points + 4 * transform.length, panels },
      });
      memory.writeFloats(biases, bias!);
      return { kernel: reload(kernel!), bias: reload(bias!) };
    },
  };
}
