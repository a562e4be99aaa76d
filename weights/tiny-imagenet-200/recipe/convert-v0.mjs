/** Makes the set of this folder from the first trained file, tiny-imagenet-200-v0.safetensors. See README.md beside it. */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { paperAlexNet } from 'alexnet-ts';
import { encodeCodes, encodeFloat32, indexModule, writeSet } from 'alexnet-ts/convert';
import { readSafetensors } from './safetensors.mjs';

const USAGE = `node convert-v0.mjs <tiny-imagenet-200-v0.safetensors> <classes.json> [-o <folder>]

  <classes.json>  [{ "wnid": "n01443537", "names": "goldfish, Carassius auratus" }, …], by class index
  -o <folder>     where model.json and its shards go; default: the folder above this script`;

const args = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const option = args.indexOf('-o');
const folder = resolve(option < 0 ? join(here, '..') : args.splice(option, 2)[1]);
if (args.length !== 2 || args.includes('--help')) {
  console.error(USAGE);
  process.exit(args.includes('--help') ? 0 : 2);
}
const [weightsFile, classesFile] = args;

const tensors = await readSafetensors(weightsFile);
const classes = JSON.parse(await readFile(classesFile, 'utf8'));
// The alpha is the paper's 1e-4 at the scale of this network's activations.
const net = paperAlexNet(classes.length, { lrn: { n: 5, k: 2, alpha: 0.0373778, beta: 0.75 } });

const encoded = [];
console.log('tensor in the file        as                      shape               stored as');
for (const layer of net.names.filter((name) => tensors.has(`${name}.kernel`))) {
  const { shape, values } = tensors.get(`${layer}.kernel`);
  const bias = tensors.get(`${layer}.bias`);
  const scale = tensors.get(`${layer}.kernel.scale`);
  encoded.push(...encodeCodes(`${layer}/kernel`, shape, values, scale.values), encodeFloat32(`${layer}/bias`, bias.shape, bias.values));
  for (const [from, to, sides, as] of [
    [`${layer}.kernel`, `${layer}/kernel`, shape, 'uint8 codes'],
    [`${layer}.kernel.scale`, `${layer}/kernel/scale`, scale.shape, 'float32'],
    [`${layer}.bias`, `${layer}/bias`, bias.shape, 'float32'],
  ]) {
    console.log(`${from.padEnd(26)}${to.padEnd(24)}${sides.join(' × ').padEnd(20)}${as}`);
  }
}

const { manifest, shards } = await writeSet(
  {
    name: 'tiny-imagenet-200',
    variant: 'paper',
    network: net.toJSON(),
    labels: classes.map(({ wnid, names }) => ({ label: (Array.isArray(names) ? names : names.split(','))[0].trim(), id: wnid })),
    preprocessing: { resize: 64, crop: 56, inputSize: 227, mean: [122.46, 114.26, 101.37] },
    licence: 'MIT for the weights; trained on ImageNet pictures, whose terms allow research and education: see README.md',
    provenance:
      'Trained from scratch by this project on Tiny ImageNet (200 classes of ImageNet, 100,000 pictures of 64 x 64), then fc6-fc8 pruned and rounded to 15 levels. A placeholder: see README.md.',
    accuracy: JSON.parse(await readFile(join(here, 'accuracy.json'), 'utf8')),
  },
  encoded,
  { compress: (bytes) => gzipSync(bytes, { level: 9, memLevel: 9 }) },
);

await mkdir(folder, { recursive: true });
for (const old of await readdir(folder)) if (old.startsWith('shard-')) await rm(join(folder, old));
for (const [path, bytes] of shards) await writeFile(join(folder, path), bytes);
await writeFile(join(folder, 'model.json'), `${JSON.stringify(manifest)}\n`);
await writeFile(join(folder, 'index.js'), indexModule(manifest));
const total = [...shards.values()].reduce((sum, bytes) => sum + bytes.length, 0);
console.log(`${folder}: model.json and ${shards.size} shards, ${(total / 1e6).toFixed(2)} MB.`);
