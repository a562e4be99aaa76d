/**
 * The convolutional layer as one program: all groups, the bias and the ReLU in one draw. Each
 * fragment computes four neighboring pixels of four channels.
 */
import type { Shape } from '../../layers/layer';
import { dequantize } from '../../weights/format/storedTensor';
import { reload, type LayerOptions } from '../opTable';
import { LAYERS, type Texture } from './gpu';
import { ceil4, clearEdge, columns, layers, locate, windowPixels } from './layout';
import type { WebGLOp } from './ops';

/**
 * The layout of the filters' texture: one row per four filters, with the bias and then the taps.
 */
interface FilterLayout {
  width: number;
  height: number;
  /**
   * Groups whose channels are whole blocks of four; otherwise 1, with zeros for the other groups.
   */
  groups: number;
  /** Blocks of four input channels per group. */
  blocks: number;
  /** Channels of a block that are read. */
  depth: number;
}

function filterLayout(
  { size, groups }: LayerOptions['conv2d'],
  input: Shape,
  output: Shape,
): FilterLayout {
  const [channels, filters] = [input[2]!, output[2]!];
  const aligned = (channels / groups) % 4 === 0 && (filters / groups) % 4 === 0;
  const usedGroups = aligned ? groups : 1;
  const blocks = ceil4(channels) / usedGroups;
  const depth = Math.min(4, channels);
  const width = 1 + blocks * size * size * depth;
  return { width, height: ceil4(filters), groups: usedGroups, blocks, depth };
}

export const conv2d: WebGLOp<LayerOptions['conv2d']> = {
  supports: (options, { input, output }, { gpu }) =>
    filterLayout(options, input, output).width <= gpu.maxTextureSize,

  compile(options, shapes, { gpu }) {
    const { input, output } = shapes;
    const { size, stride } = options;
    const { top, left } = options.pad;
    const layout = filterLayout(options, input, output);
    const { width, height, groups, blocks, depth } = layout;

    const channels = [0, 1, 2, 3].slice(0, depth);
    const taps = Array.from({ length: size }, (_, v) => [
      ...channels.map((c) => `w${c} = texelFetch(W, ivec2(tap + ${v * depth + c}, block), 0);`),
      ...layers.map((layer) => {
        const pixel = `x${stride * layer + v}`;
        return `y${layer} += ${channels.map((c) => `${pixel}.${'xyzw'[c]} * w${c}`).join(' + ')};`;
      }),
    ]).flat();
    const program = gpu.program(
      { X: 'sampler2DArray', W: 'sampler2D' },
      LAYERS,
      `${locate(output)}
  int firstBlock = block / ${height / groups} * ${blocks};
  vec4 ${channels.map((c) => `w${c}`).join(', ')};
  y0 = y1 = y2 = y3 = texelFetch(W, ivec2(0, block), 0);
  for (int b = 0; b < ${blocks}; b++) {
    for (int u = 0; u < ${size}; u++) {
      int inputRow = ${stride} * row + u - ${top};
      if (inputRow < 0 || inputRow >= ${input[0]}) continue;
      int textureRow = (firstBlock + b) * ${input[0]} + inputRow;
      int tap = 1 + (b * ${size} + u) * ${size * depth};
      ${windowPixels({ size, stride, pad: left }, shapes)}
      ${taps.join('\n      ')}
    }
  }
  ${clearEdge(output)}`,
    );

    let weights: Texture;
    return {
      run: (x, y, n, fuseRelu) =>
        gpu.draw(program, {
          inputs: [x, weights],
          output: y,
          width: columns(output, n),
          fuseRelu,
        }),
      canFuseRelu: true,
      setWeights({ kernel, bias }) {
        const params = { kernel: dequantize(kernel!), bias: dequantize(bias!) };
        weights = gpu.constants(width, height, arrangeFilters(params, options, input[2]!, layout));
        return { kernel: reload(kernel!), bias: reload(bias!) };
      },
    };
  },
};

/** Returns the texels of the filter texture. */
function arrangeFilters(
  { kernel, bias }: { kernel: Float32Array; bias: Float32Array },
  { size, filters, groups }: LayerOptions['conv2d'],
  channels: number,
  layout: FilterLayout,
): Float32Array {
  const { width, height, depth } = layout;
  const texels = new Float32Array(4 * width * height);
  const [inPerGroup, outPerGroup] = [channels / groups, filters / groups];
  for (let filter = 0; filter < filters; filter++) {
    const start = 4 * (filter >> 2) * width + (filter & 3);
    texels[start] = bias[filter]!;
    const firstChannel =
      layout.groups === groups ? 0 : Math.floor(filter / outPerGroup) * inPerGroup;
    for (let tap = 0; tap < size * size; tap++) {
      for (let i = 0; i < inPerGroup; i++) {
        const channel = firstChannel + i;
        const column = 1 + ((channel >> 2) * size * size + tap) * depth + (channel & 3);
        texels[start + 4 * column] = kernel[(tap * inPerGroup + i) * filters + filter]!;
      }
    }
  }
  return texels;
}
