/**
 * layout: how activations lie in textures. A texel has four channels of one pixel; pixel x of a row is in column ⌊x / 4⌋ of layer x mod 4,
 * so that one draw, which writes four layers, computes four neighbours from what they share. Blocks of four channels lie one below the other,
 * pictures side by side. Vectors have four numbers a texel, and a layer for each picture.
 */
import { sizeOf, type Shape } from '../../layers/layer';
import { LAYERS } from './gpu';

export const ceil4 = (count: number): number => Math.ceil(count / 4);

/** Columns that one picture takes, and rows. */
export const extent = (shape: Shape): [width: number, height: number] =>
  shape.length === 1 ? [ceil4(shape[0]!), 1] : [ceil4(shape[1]!), shape[0]! * ceil4(shape[2]!)];

/** Columns that `n` inputs take. */
export const columns = (shape: Shape, n: number): number =>
  extent(shape)[0] * (shape.length === 1 ? 1 : n);

/** Calls `visit` with the place of each number of `n` inputs in the layers, one behind the other, and in `[n, ...shape]`. */
function places(shape: Shape, n: number, visit: (inLayers: number, flat: number) => void): void {
  const [own, height] = extent(shape);
  const width = columns(shape, n);
  if (shape.length === 1) {
    for (let i = 0; i < n; i++)
      for (let k = 0; k < shape[0]!; k++) visit(4 * i * own + k, i * shape[0]! + k);
    return;
  }
  const [h, w, c] = shape as [number, number, number];
  let flat = 0;
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const first = ((x % LAYERS) * height + y) * width + i * own + Math.floor(x / LAYERS);
        for (let channel = 0; channel < c; channel++)
          visit(4 * (first + (channel >> 2) * h * width) + (channel & 3), flat++);
      }
    }
  }
}

/** All layers of `n` inputs; zero where there is none. */
export function packed(inputs: Float32Array, shape: Shape, n: number): Float32Array {
  const layers = new Float32Array(4 * LAYERS * columns(shape, n) * extent(shape)[1]);
  places(shape, n, (inLayers, flat) => (layers[inLayers] = inputs[flat]!));
  return layers;
}

/** `[n, ...shape]` from its layers. */
export function unpacked(layers: readonly Float32Array[], shape: Shape, n: number): Float32Array {
  const values = new Float32Array(n * sizeOf(shape));
  const length = layers[0]!.length;
  places(
    shape,
    n,
    (inLayers, flat) => (values[flat] = layers[Math.floor(inLayers / length)]![inLayers % length]!),
  );
  return values;
}

/** GLSL for a number, which is never whole there. */
export const float = (value: number): string =>
  Number.isInteger(value) ? value.toFixed(1) : String(value);

/** GLSL for what a program on maps knows: `picture`, `block` of channels, `row`, and `column` within its picture. */
export const locate = ([h, w]: Shape): string => `
  int picture = at.x / ${ceil4(w!)}, block = at.y / ${h};
  int column = at.x - picture * ${ceil4(w!)}, row = at.y - block * ${h};`;

/** GLSL that writes zeros beyond the right edge of maps, where the next layer's padding is read. */
export const clearEdge = ([, w]: Shape): string =>
  [1, 2, 3]
    .filter((layer) => w! % 4 !== 0 && layer >= w! % 4)
    .map((layer) => `if (column == ${ceil4(w!) - 1}) y${layer} = vec4(0);`)
    .join('\n  ');

export interface Window {
  size: number;
  stride: number;
  /** Left of the picture, in pixels. */
  pad: number;
}

/**
 * GLSL for the pixels `a0`, `a1`, … of one row that the windows of four neighbours see, from row `y` of the texture; `outside`: what is seen
 * beside the picture. The layer of each is known here, since four neighbours further on are whole columns further on.
 */
export function pixels(
  { size, stride, pad }: Window,
  input: Shape,
  output: Shape,
  outside = 'vec4(0)',
): string {
  const width = ceil4(input[1]!);
  const last = stride * (ceil4(output[1]!) - 1);
  return Array.from({ length: stride * (LAYERS - 1) + size }, (_, j) => {
    const [column, layer] = [Math.floor((j - pad) / 4), (((j - pad) % 4) + 4) % 4];
    const x = `${stride} * column + ${column}`;
    const inside = [
      ...(column < 0 ? [`${x} >= 0`] : []),
      ...(outside !== 'vec4(0)'
        ? [`4 * (${x}) + ${layer} < ${input[1]}`]
        : last + column >= width
          ? [`${x} < ${width}`]
          : []),
    ];
    const texel = `texelFetch(X, ivec3(picture * ${width} + ${x}, y, ${layer}), 0)`;
    return `vec4 a${j} = ${inside.length > 0 ? `${inside.join(' && ')} ? ${texel} : ${outside}` : texel};`;
  }).join('\n      ');
}
