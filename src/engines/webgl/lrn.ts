/** Local response normalization. */
import type { LayerOptions } from '../opTable';
import { LAYERS } from './gpu';
import { ceil4, columns, float, layers } from './layout';
import type { WebGLOp } from './ops';

/** Returns GLSL for `sum` to the power of −beta. */
const power = (beta: number): string => {
  if (beta === 0.75) return 'inversesqrt(sum) * inversesqrt(sqrt(sum))';
  return beta === 0.5 ? 'inversesqrt(sum)' : `pow(sum, vec4(${-beta}))`;
};

export const lrn: WebGLOp<LayerOptions['lrn']> = {
  // With k = 0 the sum is zero for the channels that fill up a block.
  supports: ({ k }) => k !== 0,
  compile({ n: window, k, alpha, beta }, { input }, { gpu }) {
    const [h, , channels] = input as [number, number, number];
    const radius = (window - 1) / 2;
    const reach = ceil4(radius);
    const blocks = ceil4(channels);
    /** Blocks that hold neighbors, relative to the fragment's own. */
    const neighborBlocks = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
    /** GLSL for the square of a channel, counted from the first of the block. */
    const squared = (channel: number) =>
      `s${Math.floor(channel / 4) + reach}.${'xyzw'[((channel % 4) + 4) % 4]}`;
    const sums = [0, 1, 2, 3].map((channel) =>
      Array.from({ length: window }, (_, j) => squared(channel + j - radius)).join(' + '),
    );
    const normalize = (layer: number): string[] => [
      ...neighborBlocks.map((offset, i) => {
        const texel = `texelFetch(X, ivec3(at.x, at.y + ${offset * h}, ${layer}), 0)`;
        if (offset === 0) return `s${i} = y${layer} = ${texel};`;
        const exists = offset < 0 ? `block >= ${-offset}` : `block < ${blocks - offset}`;
        return `s${i} = ${exists} ? ${texel} : vec4(0);`;
      }),
      ...neighborBlocks.map((_, i) => `s${i} *= s${i};`),
      `sum = ${float(k)} + ${float(alpha)} * vec4(${sums.join(', ')});`,
      `y${layer} *= ${power(beta)};`,
    ];
    const program = gpu.program(
      { X: 'sampler2DArray' },
      LAYERS,
      `int block = at.y / ${h};
  vec4 sum, ${neighborBlocks.map((_, i) => `s${i}`).join(', ')};
  ${layers.flatMap(normalize).join('\n  ')}`,
    );
    return {
      run: (x, y, n, fuseRelu) =>
        gpu.draw(program, { inputs: [x], output: y, width: columns(input, n), fuseRelu }),
      canFuseRelu: true,
    };
  },
};
