/** `Conv2DBackpropFilter` for TensorFlow.js' WASM backend, which lacks it (its issue 8474): an app's own gradients of conv2d need it. */
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
import { filterGradientByConvolution } from '../conv2d';
import { filterGradient } from './conv2d';
import type { Heap } from './heap';

/** TensorFlow.js' own attributes of the kernel. */
interface Attributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterShape: [number, number, number, number];
}

/** Registers it under TensorFlow.js' own name if, and only if, nobody has. `heap` answers undefined where there is no SIMD. */
export function registerFilterGradient(
  tfBackend: string,
  heap: (backend: object) => Heap | undefined,
): void {
  if (getKernel('Conv2DBackpropFilter', tfBackend)) return;
  registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: tfBackend,
    kernelFunc({ inputs, attrs, backend }): TensorInfo {
      const { strides, pad, dataFormat, dimRoundingMode, filterShape } =
        attrs as unknown as Attributes;
      const [x, dy] = [inputs.x as Tensor4D, inputs.dy as Tensor4D];
      if (dataFormat === 'NCHW') {
        throw new BackendError(
          "Conv2DBackpropFilter: on WASM it takes dataFormat 'NHWC', got 'NCHW'. Transpose the pictures.",
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
      const padding = info.padInfo;
      const stride = [info.strideHeight, info.strideWidth] as const;
      const open = heap(backend as object);
      if (!open)
        return tidy(() =>
          filterGradientByConvolution(x, dy, [filterShape[0], filterShape[1]], stride, padding),
        ) as Tensor;
      const window = [filterShape[0], filterShape[1]] as const;
      return filterGradient(open, x, dy, {
        input: x.shape,
        window,
        stride,
        padding,
        groups: 1,
        output: [info.outHeight, info.outWidth],
      });
    },
  });
}
