/** The fully connected layer from its weights as they are stored, one byte each where they are codes, and what makes vectors of maps. */
import type { Shape } from '../../layers/layer';
import { dequantize, type QuantizedTensor } from '../../weights/format/storedTensor';
import { kept } from '../wasm/storedFloats';
import { LAYERS, type Field, type Texture } from './gpu';
import { ceil4 } from './layout';
import type { Program } from './program';
import type { Place, Step } from './ops';

/** Fragments that a GPU is to have at once: few units are summed up in many parts. */
const FRAGMENTS = 16384;
/** Texels of a part at least. */
const SHORTEST = 16;

const pictures = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Programs by the number of pictures, made when there first are so many. */
function byCount(make: (n: number) => Program): (n: number) => Program {
  const made: Program[] = [];
  return (n) => (made[n] ??= make(n));
}

/** Undefined where vectors or weights fit no texture. */
export function fullyConnected(
  inputs: number,
  units: number,
  { gpu, storing }: Place,
): Step | undefined {
  const [rows, width] = [ceil4(inputs), ceil4(units)];
  if (rows > gpu.largest || 4 * width > gpu.largest) return undefined;
  const parts = Math.max(1, Math.min(Math.ceil(FRAGMENTS / width), Math.floor(rows / SHORTEST)));
  const length = Math.ceil(rows / parts);
  const add = byCount((n) =>
    gpu.program(
      { X: 'sampler2DArray', S: 'sampler2D' },
      n,
      `for (int part = 0; part < ${parts}; part++) {
    ${pictures(n)
      .map((i) => `y${i} += texelFetch(X, ivec3(at.x, part, ${i}), 0);`)
      .join('\n    ')}
  }
  vec4 scale = texelFetch(S, ivec2(at.x, 0), 0), bias = texelFetch(S, ivec2(at.x, 1), 0);
  ${pictures(n)
    .map((i) => `y${i} = y${i} * scale + bias;`)
    .join('\n  ')}`,
    ),
  );

  /** Four weights of one input: `texel` is GLSL that makes floats of what the texture has; `step` and `least` are those of codes. */
  const multiply = (sampler: 'sampler2D' | 'usampler2D', texel: (at: string) => string) =>
    byCount((n) =>
      gpu.program(
        { X: 'sampler2DArray', W: sampler, S: 'sampler2D' },
        n,
        `float step = texelFetch(S, ivec2(0, 2), 0).x, least = texelFetch(S, ivec2(0, 2), 0).y;
  for (int i = at.y * ${length}; i < min(${rows}, at.y * ${length} + ${length}); i++) {
    ${[0, 1, 2, 3].map((j) => `vec4 w${j} = ${texel(`texelFetch(W, ivec2(${j * width} + at.x, i), 0)`)};`).join('\n    ')}
    ${pictures(n)
      .map(
        (i) =>
          `vec4 x${i} = texelFetch(X, ivec3(i, 0, ${i}), 0); y${i} += x${i}.x * w0 + x${i}.y * w1 + x${i}.z * w2 + x${i}.w * w3;`,
      )
      .join('\n    ')}
  }`,
      ),
    );

  const programs = {
    floats: multiply('sampler2D', (at) => at),
    codes: multiply('usampler2D', (at) => `vec4(${at}) * step + least`),
  };
  add(1);
  if (storing) programs[storing](1);

  const asTheyLie = 4 * width === units && 4 * rows === inputs;

  /** Puts weights, each row filled up to whole texels, on the GPU, and answers how to have them again. `empty` makes room for so many. */
  function keep<Values extends Float32Array | Uint8Array>(
    values: Values,
    empty: (count: number) => Values,
  ): () => Values {
    const filledUp = asTheyLie ? values : empty(16 * width * rows);
    if (!asTheyLie)
      for (let i = 0; i < inputs; i++)
        filledUp.set(values.subarray(i * units, (i + 1) * units), 4 * i * width);
    const made = (weights = gpu.constants(4 * width, rows, filledUp));
    return () => {
      const all = gpu.readBack(made, 4 * width, rows, empty(16 * width * rows));
      if (asTheyLie) return all;
      const own = empty(inputs * units);
      for (let i = 0; i < inputs; i++)
        own.set(all.subarray(4 * i * width, 4 * i * width + units), i * units);
      return own;
    };
  }

  let partial: Field;
  let weights: Texture;
  let scales: Texture;
  let program: (n: number) => Program;
  return {
    output: [units],
    run(x, y, n, rectify) {
      gpu.draw(program(n), [x, weights, scales], partial, width);
      gpu.draw(add(n), [partial, scales], y, width, rectify);
    },
    set({ kernel, bias }) {
      const factors = new Float32Array(12 * width).fill(1, 0, units);
      factors.set(dequantize(bias!), 4 * width);
      const again = kernel instanceof Float32Array ? floats(kernel) : codes(kernel!, factors);
      scales = gpu.constants(width, 3, factors);
      partial = gpu.field(width, parts);
      program(1);
      return { kernel: again, bias: kept(bias!) };
    },
  };

  function floats(kernel: Float32Array): () => Float32Array {
    const again = keep(kernel, (count) => new Float32Array(count));
    program = programs.floats;
    return gpu.half ? kept(kernel) : again;
  }

  function codes(
    { values: bytes, scale, min, channelScale }: QuantizedTensor,
    factors: Float32Array,
  ): () => Float32Array {
    const again = keep(bytes, (count) => new Uint8Array(count));
    factors.set(channelScale ?? []);
    factors.set([scale, min], 8 * width);
    program = programs.codes;
    return () => dequantize({ values: again(), scale, min, channelScale });
  }
}

/** Maps as vectors, in the order of `[h, w, c]`. Undefined where these fit no texture. */
export function flatten(input: Shape, output: Shape, { gpu }: Place): Step | undefined {
  const [h, w, channels] = input as [number, number, number];
  const width = ceil4(output[0]!);
  if (width > gpu.largest) return undefined;
  const values = (i: number) =>
    `texel = texelFetch(X, ivec3(${i * ceil4(w)} + pixel % ${w} / ${LAYERS}, channel / 4 * ${h} + pixel / ${w}, pixel % ${w} % ${LAYERS}), 0);`;
  const whole = channels % 4 === 0;
  const program = byCount((n) =>
    gpu.program(
      { X: 'sampler2DArray' },
      n,
      `vec4 texel;
  ${(whole ? [0] : [0, 1, 2, 3])
    .map(
      (j) => `{
    int k = 4 * at.x + ${j}, pixel = k / ${channels}, channel = k % ${channels};
    ${whole ? '' : `if (k < ${output[0]}) {`}
    ${pictures(n)
      .map((i) => `${values(i)} ${whole ? `y${i} = texel;` : `y${i}[${j}] = texel[channel % 4];`}`)
      .join('\n    ')}
    ${whole ? '' : '}'}
  }`,
    )
    .join('\n  ')}`,
    ),
  );
  program(1);
  return { output, run: (x, y, n, rectify) => gpu.draw(program(n), [x], y, width, rectify) };
}
