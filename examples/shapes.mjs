/** Generates pictures of simple shapes on noise from a seed: a dataset that needs no files. */

const SIDE = 128;

/** Returns a seeded generator of uniform numbers in [0, 1): mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whether a point is inside the shape; x and y are relative to its center and size. */
const shapes = {
  disc: (x, y) => x * x + y * y < 1,
  ring: (x, y) => x * x + y * y < 1 && x * x + y * y > 0.35,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  stripes: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.floor((y + 1) * 3) % 2 === 0,
};

/** Draws a picture, in the format of ImageData. */
function draw(inside, uniform) {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4);
  const color = () => [0, 1, 2].map(() => 255 * uniform());
  const [background, gradient] = [color(), color()];
  // Contrasts with any background.
  const ink = background.map((value) => (value + 100 + 55 * uniform()) % 255);
  const size = SIDE * (0.25 + 0.15 * uniform());
  const [left, top, angle] = [
    SIDE * (0.4 + 0.2 * uniform()),
    SIDE * (0.4 + 0.2 * uniform()),
    0.5 * (uniform() - 0.5),
  ];
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [dx, dy] = [((i % SIDE) - left) / size, (Math.floor(i / SIDE) - top) / size];
    const shape = inside(
      dx * Math.cos(angle) - dy * Math.sin(angle),
      dx * Math.sin(angle) + dy * Math.cos(angle),
    );
    const slope = i / (SIDE * SIDE); // a gradient from top to bottom
    const noise = 40 * (uniform() - 0.5);
    for (let c = 0; c < 3; c++)
      data[4 * i + c] =
        (shape ? ink[c] : background[c] + 0.3 * slope * (gradient[c] - background[c])) + noise;
    data[4 * i + 3] = 255;
  }
  return { width: SIDE, height: SIDE, data };
}

/**
 * Returns `{ disc: pictures, ring: pictures, … }` with `count` per class, determined by the seed.
 */
export function shapePictures(count, seed = 1) {
  const uniform = random(seed);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, inside]) => [
      name,
      Array.from({ length: count }, () => draw(inside, uniform)),
    ]),
  );
}
