/**
 * The program of every fixture: classifies a picture, fine-tunes a head, and says with what. Run
 * in pages, workers, tests and Node.
 */
import { load } from 'alexnet-ts';

/** A picture of one color with some noise, as pixels: the same in browsers and in Node. */
export function colored(color, seed) {
  const [width, height] = [64, 64];
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < data.length; i++)
    data[i] = i % 4 === 3 ? 255 : color[i % 4] + ((i * 7 + seed * 31) % 23);
  return typeof ImageData === 'undefined'
    ? { width, height, data }
    : new ImageData(data, width, height);
}
export const pictures = (color) => [1, 2, 3, 4].map((seed) => colored(color, seed));

/** @returns {Promise<string>} `obelisk wasm red`: the label, the backend, the head's label */
export async function check(picture, options = {}, training = {}) {
  const model = await load(options);
  const [best] = await model.classify(picture);
  const tuned = await model.fineTune(
    { red: pictures([220, 20, 20]), blue: pictures([20, 20, 220]) },
    { seed: 1, ...training },
  );
  const [color] = await tuned.classify(colored([220, 20, 20], 9));
  const threads = options.threads ? ` ${model.threads} threads` : '';
  const said = `${best?.label} ${model.backend} ${color?.label}${threads}`;
  const why = model.backend === 'cpu' ? ` ${JSON.stringify(model.passedOver)}` : '';
  tuned.dispose();
  model.dispose();
  return said + why;
}

/** Converts a file of another framework, which has five classes. */
export async function convert(address) {
  const model = await load({ weights: address, cache: false });
  const classes = model.labels.length;
  model.dispose();
  if (classes !== 5) throw new Error(`${address}: ${classes} classes`);
}
