/**
 * `Conv2DBackpropFilter` for TensorFlow.js' WASM backend, which lacks it (its issue 8474). An app's
 * own gradients of conv2d need it.
 */
import {
  backend_util,
  getKernel,
  registerKernel,
  tidy,
  type Tensor,
  type Tensor4D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { BackendError } from '../../errors';
import { filterGradientByConvolution, type WindowGeometry } from '../conv2d';
import { filterGradient } from './conv2d';
import type { Heap } from './heap';

/** The kernel's attributes as TensorFlow.js defines them. */
interface BackpropFilterAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterShape: [number, number, number, number];
}

/**
 * Registers the kernel under TensorFlow.js' name, unless one is registered. `heapOf` returns
 * undefined for a backend without SIMD.
 */
export function registerFilterGradient(
  tfBackend: string,
  heapOf: (backend: object) => Heap | undefined,
): void {
  if (getKernel('Conv2DBackpropFilter', tfBackend)) return;
  registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: tfBackend,
    kernelFunc({ inputs, attrs, backend }): TensorInfo {
      const attributes = attrs as unknown as BackpropFilterAttributes;
      const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attributes;
      const [x, dy] = [inputs.x as Tensor4D, inputs.dy as Tensor4D];
      if (dataFormat === 'NCHW') {
        throw new BackendError(
          "Conv2DBackpropFilter: dataFormat must be 'NHWC' on WASM, got 'NCHW'. " +
            'Transpose the images.',
        );
      }
      const info = backend_util.computeConv2DInfo(
        x.shape,
        filterShape,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      const geometry: WindowGeometry = {
        window: [filterShape[0], filterShape[1]],
        stride: [info.strideHeight, info.strideWidth],
        padding: info.padInfo,
      };
      const heap = heapOf(backend as object);
      if (!heap) return tidy(() => filterGradientByConvolution(x, dy, geometry)) as Tensor;
      const output = [info.outHeight, info.outWidth] as const;
      return filterGradient(heap, x, dy, { ...geometry, input: x.shape, groups: 1, output });
    },
  });
}
