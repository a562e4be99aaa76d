/** The layers on maps that learn nothing: local response normalisation and max pooling. */
import type { Shape } from '../../layers/layer';
import type { LrnOptions } from '../../layers/lrn';
import type { MaxPoolOptions } from '../../layers/maxPool';
import { LAYERS } from './gpu';
import { ceil4, clearEdge, columns, float, locate, pixels } from './layout';
import type { Place, Step } from './ops';

const layers = Array.from({ length: LAYERS }, (_, layer) => layer);

/** `sum` to the power of −beta. */
const power = (beta: number): string => {
  if (beta === 0.75) return 'inversesqrt(sum) * inversesqrt(sqrt(sum))';
  return beta === 0.5 ? 'inversesqrt(sum)' : `pow(sum, vec4(${-beta}))`;
};

/** Undefined where the sum may be zero: blocks are filled up with zeros. */
export function norm(
  { n = 5, k = 2, alpha = 1e-4, beta = 0.75 }: LrnOptions,
  shape: Shape,
  { gpu }: Place,
): Step | undefined {
  if (k === 0) return undefined;
  const radius = (n - 1) / 2;
  const reach = ceil4(radius);
  const blocks = ceil4(shape[2]!);
  const near = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  /** The square of a channel, counted from the first of the block. */
  const squared = (channel: number) =>
    `s${Math.floor(channel / 4) + reach}.${'xyzw'[((channel % 4) + 4) % 4]}`;
  const sums = [0, 1, 2, 3].map((i) =>
    Array.from({ length: n }, (_, j) => squared(i + j - radius)).join(' + '),
  );
  const program = gpu.program(
    { X: 'sampler2DArray' },
    LAYERS,
    `int block = at.y / ${shape[0]};
  vec4 sum, ${near.map((_, i) => `s${i}`).join(', ')};
  ${layers
    .map((layer) =>
      [
        ...near.map((offset, i) => {
          const texel = `texelFetch(X, ivec3(at.x, at.y + ${offset * shape[0]!}, ${layer}), 0)`;
          if (offset === 0) return `s${i} = y${layer} = ${texel};`;
          const inside = offset < 0 ? `block >= ${-offset}` : `block < ${blocks - offset}`;
          return `s${i} = ${inside} ? ${texel} : vec4(0);`;
        }),
        ...near.map((_, i) => `s${i} *= s${i};`),
        `sum = ${float(k)} + ${float(alpha)} * vec4(${sums.join(', ')});`,
        `y${layer} *= ${power(beta)};`,
      ].join('\n  '),
    )
    .join('\n  ')}`,
  );
  return {
    output: shape,
    run: (x, y, count, rectify) => gpu.draw(program, [x], y, columns(shape, count), rectify),
  };
}

export function maxPool(
  { size = 3, stride = 2, pad = 0 }: MaxPoolOptions,
  input: Shape,
  output: Shape,
  { gpu }: Place,
): Step {
  const [h, w] = input as [number, number, number];
  const within = pad === 0 && stride * (output[1]! - 1) + size <= w;
  const lowest = 'vec4(-3.402823e38)';
  const columnsSeen = Array.from({ length: size }, (_, v) => v);
  const program = gpu.program(
    { X: 'sampler2DArray' },
    LAYERS,
    `${locate(output)}
  y0 = y1 = y2 = y3 = ${lowest};
  for (int u = 0; u < ${size}; u++) {
      int seen = ${stride} * row + u - ${pad};
      if (seen < 0 || seen >= ${h}) continue;
      int y = block * ${h} + seen;
      ${pixels({ size, stride, pad }, input, output, within ? undefined : lowest)}
      ${layers.flatMap((p) => columnsSeen.map((v) => `y${p} = max(y${p}, a${stride * p + v});`)).join('\n      ')}
  }
  ${clearEdge(output)}`,
  );
  return {
    output,
    run: (x, y, n, rectify) => gpu.draw(program, [x], y, columns(output, n), rectify),
  };
}

/** A ReLU that no layer before it does. */
export function relu(shape: Shape, { gpu }: Place): Step {
  const program = gpu.program(
    { X: 'sampler2DArray' },
    LAYERS,
    layers.map((layer) => `y${layer} = texelFetch(X, ivec3(at, ${layer}), 0);`).join('\n  '),
  );
  return { output: shape, run: (x, y, n) => gpu.draw(program, [x], y, columns(shape, n), true) };
}
