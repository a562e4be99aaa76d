/** Weights that detect only colors, so that their predictions are known. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode, writeSet } from 'alexnet-ts/convert';
import { dense, flatten, sequential } from 'alexnet-ts/layers';

/** Scores red, green and blue, and four constants. For red: ant, dog, elk, bee, cat, fox, gnu. */
const LABELS = ['ant', 'bee', 'cat', 'guide dog', 'elk', 'fox', 'gnu'];
const BIASES = [0, 0, 0, 1, 0.5, -1, -2];

/** Writes the weights into a folder. Returns the path of model.json. */
export async function writeColorSet(folder: string): Promise<string> {
  const net = sequential(
    { flatten: flatten(), fc: dense({ units: 7 }) },
    { inputShape: [8, 8, 3] },
  );
  const kernel = new Float32Array(8 * 8 * 3 * 7);
  // 64 pixels of one color give 6.4.
  for (let i = 0; i < 8 * 8 * 3; i++) kernel[i * 7 + (i % 3)] = 0.1 / 255;
  const { manifest, shards } = await writeSet(
    {
      name: 'colors',
      variant: 'colors',
      network: net.toJSON(),
      labels: LABELS.map((label, i) => ({ label, id: `n0000000${i}` })),
      preprocessing: { resize: 8, crop: 8, inputSize: 8, mean: [0, 0, 0] },
    },
    [
      ...encode('fc/kernel', [192, 7], kernel, 'float32'),
      ...encode('fc/bias', [7], Float32Array.from(BIASES), 'float32'),
    ],
  );
  const weights = join(folder, 'model.json');
  await writeFile(weights, JSON.stringify(manifest));
  for (const [path, bytes] of shards) await writeFile(join(folder, path), bytes);
  return weights;
}
