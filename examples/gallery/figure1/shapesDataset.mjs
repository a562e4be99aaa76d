/** shapesDataset: images of four shapes with random position, size, rotation and color on noise. */
import { random } from '../../shapes.mjs';

export const SHAPES = ['disc', 'triangle', 'cross', 'stripes'];

/** Width and height of an image, in pixels. */
export const SIDE = 32;

/** Half of the value range, 0 to 255. */
const MIDDLE = 127;

/** Whether a point is inside a shape of size 1 centered at 0. */
const contains = {
  disc: (x, y) => x * x + y * y < 1,
  triangle: (x, y) => y < 0.7 && y > -1 + 2 * Math.abs(x),
  cross: (x, y) =>
    Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.min(Math.abs(x), Math.abs(y)) < 0.3,
  stripes: (x, y) =>
    Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.abs(y * 3 - Math.round(y * 3)) < 0.25,
};

/**
 * Returns `count` images: `values` is `[count, 32, 32, 3]` flat, pixels minus the mean as in the
 * paper; `classes` are indices into SHAPES, which alternate.
 *
 * @param {number} count
 * @param {number} seed
 */
export function shapesDataset(count, seed = 1) {
  const uniform = random(seed);
  const values = new Float32Array(count * SIDE * SIDE * 3);
  const classes = Array.from({ length: count }, (_, i) => i % SHAPES.length);
  classes.forEach((index, i) => {
    const size = 6 + 7 * uniform();
    const [left, top] = [
      size + (SIDE - 2 * size) * uniform(),
      size + (SIDE - 2 * size) * uniform(),
    ];
    const angle = (uniform() - 0.5) * 1.2;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [background, foreground] = [0, 1].map(() => [0, 1, 2].map(() => uniform() * 1.4 - 0.7));
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        const [dx, dy] = [(column + 0.5 - left) / size, (row + 0.5 - top) / size];
        const inside = contains[SHAPES[index]](dx * cos + dy * sin, dy * cos - dx * sin);
        for (let c = 0; c < 3; c++) {
          values[((i * SIDE + row) * SIDE + column) * 3 + c] =
            MIDDLE * ((inside ? foreground : background)[c] + (uniform() - 0.5) * 0.6);
        }
      }
    }
  });
  return { values, classes };
}

/**
 * Returns the RGBA pixels of an image.
 *
 * @param {Float32Array} values
 * @param {number} index
 */
export function pixelsOf(values, index) {
  const pixels = new Uint8ClampedArray(SIDE * SIDE * 4).fill(255);
  for (let i = 0; i < SIDE * SIDE; i++) {
    for (let c = 0; c < 3; c++)
      pixels[4 * i + c] = values[(index * SIDE * SIDE + i) * 3 + c] + MIDDLE;
  }
  return pixels;
}
