/**
 * Parity of the engines: walks the operations' tables of the WASM and the WebGL engine, and
 * compares each operation with TensorFlow.js' on several shapes, with and without a fused ReLU.
 */
import { BACKENDS } from '../backends/backends';
import { onBackend } from '../backends/activeBackend';
import {
  conv2d,
  dense,
  dropout,
  flatten,
  lrn,
  maxPool,
  relu,
  sequential,
  type Layer,
  type Sequential,
} from '../layers';
import type { Shape } from '../layers/layer';
import { onEveryBackend } from '../../test/support/backends';
import { expectTfjsResults, WEIGHT_FORMS } from '../../test/support/randomNetworks';
import type { StandaloneEngine } from './engine';
import type { LayerOptions } from './opTable';
import { ops as wasmOps } from './wasm/ops';
import { WasmEngine } from './wasm/wasmEngine';
import { ops as webglOps } from './webgl/ops';
import { WebGLEngine } from './webgl/webglEngine';

/** A layer and the shape of its input. */
type ParityCases = [layer: Layer, input: Shape][];

/** At least one case for each operation of the tables. */
const CASES: Record<keyof LayerOptions, ParityCases> = {
  conv2d: [
    [conv2d({ filters: 8, size: 11, stride: 4 }), [27, 27, 3]],
    [conv2d({ filters: 16, size: 5, pad: 2, groups: 2 }), [9, 9, 8]],
    [conv2d({ filters: 16, size: 3, pad: 1 }), [13, 13, 8]],
    [conv2d({ filters: 16, size: 3, pad: 1, groups: 2 }), [6, 10, 8]],
    [conv2d({ filters: 6, size: 3, pad: 1, groups: 2 }), [7, 5, 6]],
    [conv2d({ filters: 9, size: 4, stride: 3, pad: { right: 2, bottom: 1 } }), [12, 11, 5]],
    [conv2d({ filters: 3, size: 1 }), [4, 4, 1]],
  ],
  dense: [
    [dense({ units: 33 }), [150]],
    [dense({ units: 64 }), [256]],
    [dense({ units: 7 }), [9]],
    [dense({ units: 1 }), [1]],
  ],
  lrn: [
    [lrn({ alpha: 0.3 }), [4, 5, 12]],
    [lrn({ n: 3, k: 1, alpha: 0.3, beta: 0.5 }), [3, 3, 7]],
    [lrn({ n: 7, alpha: 0.3, beta: 1 }), [2, 2, 5]],
  ],
  maxPool: [
    [maxPool(), [13, 13, 8]],
    [maxPool({ size: 2, stride: 2 }), [8, 6, 5]],
    [maxPool({ size: 3, stride: 1, pad: 1 }), [5, 7, 4]],
    [maxPool({ size: 3, stride: 2, overhang: 1 }), [6, 6, 3]],
  ],
  relu: [
    [relu(), [5, 6, 7]],
    [relu(), [11]],
  ],
  flatten: [
    [flatten(), [3, 5, 8]],
    [flatten(), [6, 6, 3]],
    [flatten(), [10]],
  ],
  dropout: [[dropout({ rate: 0.5 }), [4, 4, 4]]],
};

interface EngineUnderTest {
  backend: 'wasm' | 'webgl';
  ops: object;
  open: (net: Sequential) => Promise<StandaloneEngine | undefined>;
}

const ENGINES: EngineUnderTest[] = [
  { backend: 'wasm', ops: wasmOps, open: (net) => WasmEngine.open(net) },
  {
    backend: 'webgl',
    ops: webglOps,
    open: (net) => WebGLEngine.open(net, BACKENDS.webgl.tfBackend),
  },
];

for (const { backend, ops, open } of ENGINES) {
  onEveryBackend(
    'parity',
    () => {
      beforeAll(() => BACKENDS.cpu.open({}));

      for (const type of Object.keys(ops) as (keyof LayerOptions)[]) {
        const forms = type === 'conv2d' || type === 'dense' ? WEIGHT_FORMS : (['float'] as const);
        it(`${type} computes the same as TensorFlow.js`, async () => {
          for (const [i, [layer, input]] of CASES[type].entries()) {
            for (const form of forms) {
              for (const layers of [{ layer }, { layer, relu: relu() }]) {
                const engine = (await open(sequential(layers, { inputShape: input })))!;
                const parityCase = { form, count: 1 + (i % 4), label: `parity.${type}.${i}` };
                await expectTfjsResults(engine, parityCase, (work) => onBackend('cpu', work));
                engine.dispose();
              }
            }
          }
        });
      }
    },
    [backend],
  );
}
