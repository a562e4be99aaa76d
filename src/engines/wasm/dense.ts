/**
 * The fully connected layer. When the first rows of the kernel arrive, it chooses how to store it:
 * as floats, as quantized values of one byte, or, if most are zero, as lists of the nonzero ones.
 */
import type { StoredTensor } from '../../weights/format/storedTensor';
import type { WeightSink } from '../../weights/read/read';
import { reload, type LayerOptions } from '../opTable';
import { UNIT_BLOCK, quantizedKernel, reserveQuantizedWorkspace } from './denseQuantized';
import type { WasmCompileContext, WasmOp } from './ops';

/** Sizes and addresses that all forms of the kernel share. */
export interface DenseContext extends WasmCompileContext {
  inputs: number;
  units: number;
  /** Address of the biases. */
  biases: number;
}

/** A kernel in the form in which it is stored and multiplied. */
export interface DenseKernel {
  /** Receives the stored bytes in parts, in order. */
  sink: WeightSink;
  /** Called when all bytes have arrived. Returns a function that reads the kernel back. */
  finish(kernel: StoredTensor): () => Float32Array;
  /** Multiplies `n` vectors at `x`, and writes the results to `y`. */
  multiply(x: number, y: number, n: number, fuseRelu: boolean): void;
}

export const dense: WasmOp<LayerOptions['dense']> = {
  compile(_options, { input, output }, build) {
    const [inputs, units] = [input[0]!, output[0]!];
    const biases = build.memory.allocate(4 * UNIT_BLOCK * Math.ceil(units / UNIT_BLOCK));
    const context = { ...build, inputs, units, biases };
    reserveQuantizedWorkspace(context);
    let form: DenseKernel | undefined;
    return {
      run: (x, y, n, fuseRelu) => form!.multiply(x, y, n, fuseRelu),
      canFuseRelu: true,
      sinkFor(quantization) {
        if (quantization && quantization.dtype !== 'uint8') return undefined;
        form = quantization ? quantizedKernel(context, quantization) : floatKernel(context);
        return form.sink;
      },
      setWeights({ kernel, bias }) {
        build.memory.writeFloats(biases, bias!);
        form ??= wholeKernel(context, kernel!);
        return { kernel: form.finish(kernel!), bias: reload(bias!) };
      },
    };
  },
};

/** Returns the form of a kernel that has arrived in one piece. */
function wholeKernel(context: DenseContext, kernel: StoredTensor): DenseKernel {
  if (kernel instanceof Float32Array) {
    const form = floatKernel(context);
    form.sink(new Uint8Array(kernel.buffer, kernel.byteOffset, kernel.byteLength));
    return form;
  }
  const form = quantizedKernel(context, kernel, kernel.values);
  form.sink(kernel.values);
  return form;
}

function floatKernel({ memory, pool, inputs, units, biases }: DenseContext): DenseKernel {
  const weights = memory.allocate(4 * inputs * units);
  let end = weights;
  return {
    sink(part) {
      memory.writeBytes(end, part);
      end += part.length;
    },
    finish: () => () => memory.readFloats(weights, inputs * units),
    multiply(x, y, n, fuseRelu) {
      for (let image = 0; image < n; image++) {
        pool.run(
          'dense',
          { items: units, grain: UNIT_BLOCK },
          {
            ...{ x: x + 4 * image * inputs, kernel: weights, bias: biases, inputs, units },
            ...{ fuseRelu, y: y + 4 * image * units },
          },
        );
      }
    },
  };
}
