/**
 * The layout of activations in textures. A texel has four channels of one pixel. Pixel x of a row
 * is in column ⌊x / 4⌋ of layer x mod 4, so one draw, which writes four layers, computes four
 * neighboring pixels that share inputs. Blocks of four channels lie below each other, images side
 * by side. Vectors have four values per texel, and one layer per image.
 */
import { sizeOf, type Shape } from '../../layers/layer';
import type { LayerShapes } from '../opTable';
import { LAYERS } from './gpu';

export const layers = Array.from({ length: LAYERS }, (_, layer) => layer);

/** Returns the indices of `n` images. */
export const images = (n: number): number[] => Array.from({ length: n }, (_, image) => image);

export const ceil4 = (count: number): number => Math.ceil(count / 4);

/** Returns the columns and rows that one image takes. */
export const extent = (shape: Shape): [width: number, height: number] =>
  shape.length === 1 ? [ceil4(shape[0]!), 1] : [ceil4(shape[1]!), shape[0]! * ceil4(shape[2]!)];

/** Returns the columns that `n` images take. */
export const columns = (shape: Shape, n: number): number =>
  extent(shape)[0] * (shape.length === 1 ? 1 : n);

/** Calls `visit` with the index of each value in the concatenated layers and in `[n, ...shape]`. */
function forEachValue(
  shape: Shape,
  n: number,
  visit: (inLayers: number, flat: number) => void,
): void {
  const [imageWidth, height] = extent(shape);
  const width = columns(shape, n);
  if (shape.length === 1) {
    for (let image = 0; image < n; image++)
      for (let k = 0; k < shape[0]!; k++) visit(4 * image * imageWidth + k, image * shape[0]! + k);
    return;
  }
  const [h, w, c] = shape as [number, number, number];
  let flat = 0;
  for (let image = 0; image < n; image++) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const column = image * imageWidth + Math.floor(x / LAYERS);
        const first = ((x % LAYERS) * height + y) * width + column;
        for (let channel = 0; channel < c; channel++)
          visit(4 * (first + (channel >> 2) * h * width) + (channel & 3), flat++);
      }
    }
  }
}

/** Returns all layers of `n` inputs, padded with zeros. */
export function packed(inputs: Float32Array, shape: Shape, n: number): Float32Array {
  const texels = new Float32Array(4 * LAYERS * columns(shape, n) * extent(shape)[1]);
  forEachValue(shape, n, (inLayers, flat) => (texels[inLayers] = inputs[flat]!));
  return texels;
}

/** Returns `[n, ...shape]` from its layers. */
export function unpacked(texels: readonly Float32Array[], shape: Shape, n: number): Float32Array {
  const values = new Float32Array(n * sizeOf(shape));
  const length = texels[0]!.length;
  forEachValue(
    shape,
    n,
    (inLayers, flat) => (values[flat] = texels[Math.floor(inLayers / length)]![inLayers % length]!),
  );
  return values;
}

/** Returns a number as a GLSL float literal. */
export const float = (value: number): string =>
  Number.isInteger(value) ? value.toFixed(1) : String(value);

/** Returns GLSL that computes the fragment's `image`, `block` of channels, `row`, and `column`. */
export const locate = ([h, w]: Shape): string => `
  int image = at.x / ${ceil4(w!)}, block = at.y / ${h};
  int column = at.x - image * ${ceil4(w!)}, row = at.y - block * ${h};`;

/** Returns GLSL that writes zeros right of the maps, where the next layer reads its padding. */
export const clearEdge = ([, w]: Shape): string =>
  layers
    .slice(1)
    .filter((layer) => w! % 4 !== 0 && layer >= w! % 4)
    .map((layer) => `if (column == ${ceil4(w!) - 1}) y${layer} = vec4(0);`)
    .join('\n  ');

/** The windows of a convolution or a pooling, along a row. */
export interface RowWindow {
  size: number;
  stride: number;
  /** Padding on the left, in pixels. */
  pad: number;
}

/**
 * Returns GLSL that reads the pixels `x0`, `x1`, … that the windows of four neighboring output
 * pixels cover in row `textureRow` of the input. The layer of each is a constant, because windows
 * four pixels further right are whole columns further right.
 *
 * @param outside GLSL for pixels outside the image
 */
export function windowPixels(
  { size, stride, pad }: RowWindow,
  { input, output }: LayerShapes,
  outside = 'vec4(0)',
): string {
  const width = ceil4(input[1]!);
  const lastColumn = stride * (ceil4(output[1]!) - 1);
  return Array.from({ length: stride * (LAYERS - 1) + size }, (_, j) => {
    const [offset, layer] = [Math.floor((j - pad) / 4), (((j - pad) % 4) + 4) % 4];
    const column = `${stride} * column + ${offset}`;
    const checks = offset < 0 ? [`${column} >= 0`] : [];
    // Zeros follow the right edge within the last column; other values of `outside` need a check.
    if (outside !== 'vec4(0)') checks.push(`4 * (${column}) + ${layer} < ${input[1]}`);
    else if (lastColumn + offset >= width) checks.push(`${column} < ${width}`);
    const texel = `texelFetch(X, ivec3(image * ${width} + ${column}, textureRow, ${layer}), 0)`;
    const value = checks.length > 0 ? `${checks.join(' && ')} ? ${texel} : ${outside}` : texel;
    return `vec4 x${j} = ${value};`;
  }).join('\n      ');
}
