/** The convolutional layer as one program: all groups, the bias and the ReLU in one draw, four neighbours of four channels at a time. */
import { paddingOf, type Conv2dOptions } from '../../layers/conv2d';
import type { Shape } from '../../layers/layer';
import { dequantize } from '../../weights/format/storedTensor';
import { kept } from '../wasm/storedFloats';
import { LAYERS, type Texture } from './gpu';
import { ceil4, clearEdge, columns, locate, pixels } from './layout';
import type { Place, Step } from './ops';

/** Undefined where the filters fit no texture. */
export function convolution(
  { size, stride = 1, pad = 0, groups: wanted = 1 }: Conv2dOptions,
  input: Shape,
  output: Shape,
  { gpu }: Place,
): Step | undefined {
  const [channels, filters] = [input[2]!, output[2]!];
  const { top, left } = paddingOf(pad);
  // Where groups do not end with a block of four channels, each filter sees all of them, most through zeros.
  const aligned = (channels / wanted) % 4 === 0 && (filters / wanted) % 4 === 0;
  const groups = aligned ? wanted : 1;
  const blocks = ceil4(channels) / groups;
  /** Channels of a block that are looked at. */
  const depth = Math.min(4, channels);
  const width = 1 + blocks * size * size * depth;
  const height = ceil4(filters);
  if (width > gpu.largest) return undefined;

  const four = [0, 1, 2, 3].slice(0, depth);
  const taps = Array.from({ length: size }, (_, v) => [
    ...four.map((i) => `w${i} = texelFetch(W, ivec2(tap + ${v * depth + i}, block), 0);`),
    ...Array.from(
      { length: LAYERS },
      (__, p) =>
        `y${p} += ${four.map((i) => `a${stride * p + v}.${'xyzw'[i]} * w${i}`).join(' + ')};`,
    ),
  ]).flat();
  const program = gpu.program(
    { X: 'sampler2DArray', W: 'sampler2D' },
    LAYERS,
    `${locate(output)}
  int first = block / ${height / groups} * ${blocks};
  vec4 ${four.map((i) => `w${i}`).join(', ')};
  y0 = y1 = y2 = y3 = texelFetch(W, ivec2(0, block), 0);
  for (int b = 0; b < ${blocks}; b++) {
    for (int u = 0; u < ${size}; u++) {
      int seen = ${stride} * row + u - ${top};
      if (seen < 0 || seen >= ${input[0]}) continue;
      int y = (first + b) * ${input[0]} + seen, tap = 1 + (b * ${size} + u) * ${size * depth};
      ${pixels({ size, stride, pad: left }, input, output)}
      ${taps.join('\n      ')}
    }
  }
  ${clearEdge(output)}`,
  );

  /** Bias, then the filters, of four output channels in a row. */
  function arrange(kernel: Float32Array, bias: Float32Array): Float32Array {
    const values = new Float32Array(4 * width * height);
    const [seen, own] = [channels / wanted, filters / wanted];
    for (let filter = 0; filter < filters; filter++) {
      const at = 4 * (filter >> 2) * width + (filter & 3);
      values[at] = bias[filter]!;
      const before = aligned ? 0 : Math.floor(filter / own) * seen;
      for (let tap = 0; tap < size * size; tap++) {
        for (let i = 0; i < seen; i++) {
          const channel = before + i;
          const column = 1 + ((channel >> 2) * size * size + tap) * depth + (channel & 3);
          values[at + 4 * column] = kernel[(tap * seen + i) * filters + filter]!;
        }
      }
    }
    return values;
  }

  let weights: Texture;
  return {
    output,
    run: (x, y, n, rectify) => gpu.draw(program, [x, weights], y, columns(output, n), rectify),
    set({ kernel, bias }) {
      weights = gpu.constants(width, height, arrange(dequantize(kernel!), dequantize(bias!)));
      return { kernel: kept(kernel!), bias: kept(bias!) };
    },
  };
}
