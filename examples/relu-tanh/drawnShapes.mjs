/** drawnShapes: small pictures of four shapes, of random place, size, turn and colour on noise, drawn from a seed. */
import { random } from '../shapes.mjs';

export const SHAPES = ['disc', 'triangle', 'cross', 'stripes'];

/** Of a picture, in pixels. */
export const SIDE = 32;

/** Half of the range of levels, 0..255. */
const MIDDLE = 127;

/** Whether a point, with the shape's middle at 0 and its size 1, lies on the shape. */
const covers = {
  disc: (x, y) => x * x + y * y < 1,
  triangle: (x, y) => y < 0.7 && y > -1 + 2 * Math.abs(x),
  cross: (x, y) =>
    Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.min(Math.abs(x), Math.abs(y)) < 0.3,
  stripes: (x, y) =>
    Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.abs(y * 3 - Math.round(y * 3)) < 0.25,
};

/**
 * `count` pictures, the shapes by turns: `values` is `[count, 32, 32, 3]` flat, levels of 0..255 less their mean as the paper's, `classes`
 * the index of the shape on each.
 *
 * @param {number} count
 * @param {number} seed
 */
export function drawnShapes(count, seed = 1) {
  const uniform = random(seed);
  const values = new Float32Array(count * SIDE * SIDE * 3);
  const classes = Array.from({ length: count }, (_, i) => i % SHAPES.length);
  classes.forEach((index, i) => {
    const size = 6 + 7 * uniform();
    const [left, top] = [
      size + (SIDE - 2 * size) * uniform(),
      size + (SIDE - 2 * size) * uniform(),
    ];
    const turn = (uniform() - 0.5) * 1.2;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const [ground, ink] = [0, 1].map(() => [0, 1, 2].map(() => uniform() * 1.4 - 0.7));
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        const [dx, dy] = [(column + 0.5 - left) / size, (row + 0.5 - top) / size];
        const on = covers[SHAPES[index]](dx * cos + dy * sin, dy * cos - dx * sin);
        for (let c = 0; c < 3; c++) {
          values[((i * SIDE + row) * SIDE + column) * 3 + c] =
            MIDDLE * ((on ? ink : ground)[c] + (uniform() - 0.5) * 0.6);
        }
      }
    }
  });
  return { values, classes };
}

/**
 * One of the pictures as red, green, blue and opacity of 0..255, to be looked at.
 *
 * @param {Float32Array} values
 * @param {number} picture
 */
export function pixelsOf(values, picture) {
  const pixels = new Uint8ClampedArray(SIDE * SIDE * 4).fill(255);
  for (let i = 0; i < SIDE * SIDE; i++) {
    for (let c = 0; c < 3; c++)
      pixels[4 * i + c] = values[(picture * SIDE * SIDE + i) * 3 + c] + MIDDLE;
  }
  return pixels;
}
