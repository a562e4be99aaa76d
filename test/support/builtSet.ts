/** builtSet: a small set with every layer type, written by the built package, as files to serve. */
import { encode, writeSet } from 'alexnet-ts/convert';
import { conv2d, dense, flatten, lrn, maxPool, relu, sequential } from 'alexnet-ts/layers';

/**
 * Three classes of images of 16 × 16 pixels, in two shards.
 *
 * @param folder the folder to serve it from, such as `/small`
 */
export async function builtSet(folder: string): Promise<Record<string, string | Uint8Array>> {
  const net = sequential(
    {
      conv1: conv2d({ filters: 8, size: 3 }),
      relu1: relu(),
      norm1: lrn(),
      pool1: maxPool(),
      flatten: flatten(),
      fc2: dense({ units: 3 }),
    },
    { inputShape: [16, 16, 3] },
  );
  const tensors = Object.entries(net.params()).flatMap(([name, { shape }]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return encode(
      name,
      shape,
      Float32Array.from({ length: count }, (_, i) => 0.1 * Math.sin(1 + i * i)),
      'float32',
    );
  });
  const labels = ['ant', 'bee', 'cat'].map((label, i) => ({ label, id: `n0000000${i}` }));
  const preprocessing = { resize: 20, crop: 16, inputSize: 16, mean: [124, 116, 104] as const };
  const { manifest, shards } = await writeSet(
    { name: 'small', variant: 'small', network: net.toJSON(), labels, preprocessing },
    tensors,
    { maxShardBytes: 2000 },
  );
  if (shards.size < 2) throw new Error(`builtSet: must have two shards, got ${shards.size}`);
  return {
    [`${folder}/model.json`]: JSON.stringify(manifest),
    ...Object.fromEntries([...shards].map(([path, bytes]) => [`${folder}/${path}`, bytes])),
  };
}
