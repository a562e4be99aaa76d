/** Small pictures of simple shapes on rough ground, drawn from a seed: a data set to fine-tune on that needs no files. */

const SIDE = 128;

/** A seeded generator of uniform numbers in [0, 1): mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whether a point is inside, x and y in units of the shape's size, from its centre. */
const shapes = {
  disc: (x, y) => x * x + y * y < 1,
  ring: (x, y) => x * x + y * y < 1 && x * x + y * y > 0.35,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  stripes: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.floor((y + 1) * 3) % 2 === 0,
};

/** One picture, as ImageData has it. */
function draw(inside, uniform) {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4);
  const colour = () => [0, 1, 2].map(() => 255 * uniform());
  const [ground, light] = [colour(), colour()];
  const ink = ground.map((value) => (value + 100 + 55 * uniform()) % 255); // stands out, whatever the ground
  const size = SIDE * (0.25 + 0.15 * uniform());
  const [left, top, turn] = [
    SIDE * (0.4 + 0.2 * uniform()),
    SIDE * (0.4 + 0.2 * uniform()),
    0.5 * (uniform() - 0.5),
  ];
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [dx, dy] = [((i % SIDE) - left) / size, (Math.floor(i / SIDE) - top) / size];
    const shape = inside(
      dx * Math.cos(turn) - dy * Math.sin(turn),
      dx * Math.sin(turn) + dy * Math.cos(turn),
    );
    const slope = i / (SIDE * SIDE); // the ground changes colour from top to bottom
    const grain = 40 * (uniform() - 0.5);
    for (let c = 0; c < 3; c++)
      data[4 * i + c] = (shape ? ink[c] : ground[c] + 0.3 * slope * (light[c] - ground[c])) + grain;
    data[4 * i + 3] = 255;
  }
  return { width: SIDE, height: SIDE, data };
}

/** `{ disc: pictures, ring: pictures, … }`, so many of each: the same seed, the same pictures. */
export function shapePictures(count, seed = 1) {
  const uniform = random(seed);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, inside]) => [
      name,
      Array.from({ length: count }, () => draw(inside, uniform)),
    ]),
  );
}
