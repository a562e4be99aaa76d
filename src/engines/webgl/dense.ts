/**
 * The fully connected layer from its weights as they are stored, as floats or quantized values of
 * one byte. One program multiplies parts of the inputs, a second adds the parts.
 */
import {
  dequantize,
  type QuantizedTensor,
  type StoredTensor,
} from '../../weights/format/storedTensor';
import { reload, type LayerOptions, type LayerShapes } from '../opTable';
import type { ActivationTexture, Gpu, Texture } from './gpu';
import { ceil4, images } from './layout';
import type { WebGLOp } from './ops';
import { programsByBatch, type Program } from './program';

/** Fragments that keep a GPU busy: with few units, the inputs are split into more parts. */
const MIN_FRAGMENTS = 16384;
/** The shortest part, in texels of four inputs. */
const MIN_PART_LENGTH = 16;

/** A layer's sizes in texels of four values: `rows` of inputs, `width` of units. */
interface DenseSizes {
  inputs: number;
  units: number;
  rows: number;
  width: number;
}

const sizesOf = ({ input, output }: LayerShapes): DenseSizes => {
  const [inputs, units] = [input[0]!, output[0]!];
  return { inputs, units, rows: ceil4(inputs), width: ceil4(units) };
};

export const dense: WebGLOp<LayerOptions['dense']> = {
  supports(_options, shapes, { gpu }) {
    const { rows, width } = sizesOf(shapes);
    return rows <= gpu.maxTextureSize && 4 * width <= gpu.maxTextureSize;
  },

  compile(_options, shapes, { gpu, kernelType }) {
    const sizes = sizesOf(shapes);
    const { units, rows, width } = sizes;
    const parts = Math.max(
      1,
      Math.min(Math.ceil(MIN_FRAGMENTS / width), Math.floor(rows / MIN_PART_LENGTH)),
    );
    const add = addPrograms(gpu, parts);
    const multiply = multiplyPrograms(gpu, sizes, Math.ceil(rows / parts));
    add(1);
    if (kernelType) multiply[kernelType](1);

    let partial: ActivationTexture;
    let weights: Texture;
    let scales: Texture;
    let programs: (n: number) => Program;
    return {
      run(x, y, n, fuseRelu) {
        gpu.draw(programs(n), { inputs: [x, weights, scales], output: partial, width });
        gpu.draw(add(n), { inputs: [partial, scales], output: y, width, fuseRelu });
      },
      canFuseRelu: true,
      setWeights({ kernel, bias }) {
        const uploaded = uploadKernel(gpu, kernel!, sizes);
        weights = uploaded.texture;
        programs = multiply[kernel instanceof Float32Array ? 'float' : 'quantized'];
        scales = gpu.constants(width, 3, scaleTexels(kernel!, dequantize(bias!), units));
        partial = gpu.activations(width, parts);
        programs(1);
        return { kernel: uploaded.reload, bias: reload(bias!) };
      },
    };
  },
};

/** Programs that add the parts of each image's sums, scale them and add the biases. */
const addPrograms = (gpu: Gpu, parts: number) =>
  programsByBatch((n) =>
    gpu.program(
      { X: 'sampler2DArray', S: 'sampler2D' },
      n,
      `for (int part = 0; part < ${parts}; part++) {
    ${images(n)
      .map((image) => `y${image} += texelFetch(X, ivec3(at.x, part, ${image}), 0);`)
      .join('\n    ')}
  }
  vec4 scale = texelFetch(S, ivec2(at.x, 0), 0), bias = texelFetch(S, ivec2(at.x, 1), 0);
  ${images(n)
    .map((image) => `y${image} = y${image} * scale + bias;`)
    .join('\n  ')}`,
    ),
  );

/**
 * Programs that multiply a part of `length` texels of the inputs with float or quantized weights.
 */
function multiplyPrograms(gpu: Gpu, { rows, width }: DenseSizes, length: number) {
  /** `weights` is GLSL that converts a texel of the weights to floats, with `step` and `least`. */
  const byBatch = (sampler: 'sampler2D' | 'usampler2D', weights: (texel: string) => string) => {
    const readWeights = [0, 1, 2, 3].map(
      (j) => `vec4 w${j} = ${weights(`texelFetch(W, ivec2(${j * width} + at.x, row), 0)`)};`,
    );
    const addProducts = (image: number) =>
      `vec4 x${image} = texelFetch(X, ivec3(row, 0, ${image}), 0); y${image} += ` +
      `${['x', 'y', 'z', 'w'].map((c, j) => `x${image}.${c} * w${j}`).join(' + ')};`;
    return programsByBatch((n) =>
      gpu.program(
        { X: 'sampler2DArray', W: sampler, S: 'sampler2D' },
        n,
        `float step = texelFetch(S, ivec2(0, 2), 0).x, least = texelFetch(S, ivec2(0, 2), 0).y;
  int first = at.y * ${length}, end = min(${rows}, first + ${length});
  for (int row = first; row < end; row++) {
    ${readWeights.join('\n    ')}
    ${images(n).map(addProducts).join('\n    ')}
  }`,
      ),
    );
  };
  return {
    float: byBatch('sampler2D', (texel) => texel),
    quantized: byBatch('usampler2D', (texel) => `vec4(${texel}) * step + least`),
  };
}

/**
 * Returns three rows of texels: a scale for each unit, its bias, and the quantization's step and
 * minimum.
 */
function scaleTexels(kernel: StoredTensor, bias: Float32Array, units: number): Float32Array {
  const row = 4 * ceil4(units);
  const texels = new Float32Array(3 * row).fill(1, 0, units);
  texels.set(bias, row);
  if (kernel instanceof Float32Array) return texels;
  texels.set(kernel.channelScale ?? []);
  texels.set([kernel.scale, kernel.min], 2 * row);
  return texels;
}

/** Uploads a kernel, and returns its texture and a function that reads the kernel back. */
function uploadKernel(
  gpu: Gpu,
  kernel: StoredTensor,
  sizes: DenseSizes,
): { texture: Texture; reload: () => Float32Array } {
  if (kernel instanceof Float32Array) {
    const { texture, readBack } = uploadValues(gpu, kernel, Float32Array, sizes);
    return { texture, reload: gpu.halfFloats ? reload(kernel) : readBack };
  }
  const { values, ...quantization }: QuantizedTensor = kernel;
  const { texture, readBack } = uploadValues(gpu, values, Uint8Array, sizes);
  return { texture, reload: () => dequantize({ values: readBack(), ...quantization }) };
}

/** Uploads values `[inputs, units]`, each row padded to whole texels. */
function uploadValues<Values extends Float32Array | Uint8Array>(
  gpu: Gpu,
  values: Values,
  ValuesArray: new (length: number) => Values,
  { inputs, units, rows, width }: DenseSizes,
): { texture: Texture; readBack: () => Values } {
  const isPadded = 4 * width !== units || 4 * rows !== inputs;
  let texels = values;
  if (isPadded) {
    texels = new ValuesArray(16 * width * rows);
    for (let i = 0; i < inputs; i++)
      texels.set(values.subarray(i * units, (i + 1) * units), 4 * i * width);
  }
  const texture = gpu.constants(4 * width, rows, texels);
  return {
    texture,
    readBack() {
      const read = gpu.readBack(texture, 4 * width, rows, new ValuesArray(16 * width * rows));
      if (!isPadded) return read;
      const unpadded = new ValuesArray(inputs * units);
      for (let i = 0; i < inputs; i++)
        unpadded.set(read.subarray(4 * i * width, 4 * i * width + units), i * units);
      return unpadded;
    },
  };
}
