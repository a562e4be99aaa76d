/** Shared by the pages: reading pictures, and turning scores into predictions. */
const SIDE = 227;

/** Returns `count` decoded pictures, repeating the eight prepared ones. */
export async function readPictures(count) {
  const different = await Promise.all(
    Array.from({ length: Math.min(count, 8) }, async (_, i) => {
      const answer = await fetch(`/bench/pictures/${i}.rgba`);
      return new ImageData(new Uint8ClampedArray(await answer.arrayBuffer()), SIDE, SIDE);
    }),
  );
  return Array.from({ length: count }, (_, i) => different[i % different.length]);
}

/** Returns the rows of `[count, classes]`. */
export function rowsOf(scores, count) {
  const classes = scores.length / count;
  return Array.from({ length: count }, (_, i) =>
    Array.from(scores.subarray(i * classes, (i + 1) * classes)),
  );
}

/** Returns the top 5 classes of each row with probabilities. */
export const bestOf = (rows) =>
  rows.map((row) => {
    const largest = Math.max(...row);
    const exponentials = row.map((score) => Math.exp(score - largest));
    const sum = exponentials.reduce((a, b) => a + b);
    return exponentials
      .map((value, index) => ({ index, probability: value / sum }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, 5);
  });

/** Exposes the functions that the benchmark calls. */
export const expose = (side) => Object.assign(globalThis, { side });
