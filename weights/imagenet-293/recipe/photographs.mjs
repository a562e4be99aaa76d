/** Measures a set on photographs of cats and dogs, with the packaged library. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { alexnet } from 'alexnet-ts';
import sharp from 'sharp';

const USAGE = `node photographs.mjs <folder with cat/ and dog/> [--weights model.json]

  Adds up the probabilities of the set's kinds of cat (lion and cougar among them) and of its
  breeds of dog. A photograph counts as right if the larger sum is that of its folder. Every
  photograph is measured as it is, enlarged four times, and reduced to 64 pixels: the predictions
  should agree.`;

// ImageNet's positions 281 to 293 are cats, 151 to 268 domestic dogs
const CATS = new Set(['n02123045', 'n02123394', 'n02124075', 'n02125311', 'n02129165']);
const DOGS = new Set([
  ...['n02085620', 'n02086240', 'n02087394', 'n02088364', 'n02089867', 'n02089973', 'n02091244'],
  ...['n02091831', 'n02093754', 'n02094433', 'n02096294', 'n02099601', 'n02099712', 'n02101006'],
  ...['n02102040', 'n02105505', 'n02105641', 'n02106662', 'n02108089', 'n02108551', 'n02108915'],
  ...['n02110063', 'n02110341', 'n02111277', 'n02111889', 'n02113712', 'n02113799'],
]);

const args = process.argv.slice(2);
const option = args.indexOf('--weights');
const weights = option < 0 ? undefined : args.splice(option, 2)[1];
if (args.length !== 1 || args.includes('--help')) {
  console.error(USAGE);
  process.exit(args.includes('--help') ? 0 : 2);
}
const [folder] = args;

const model = await alexnet.load(weights === undefined ? {} : { weights });
const versions = {
  'as they are': (file) => file,
  'enlarged four times': async (file) => {
    const { width } = await sharp(file).metadata();
    return sharp(file)
      .resize(4 * width)
      .jpeg({ quality: 95 })
      .toBuffer();
  },
  'reduced to 64 pixels': (file) => sharp(file).resize(64, 64, { fit: 'outside' }).png().toBuffer(),
};
const correct = Object.fromEntries(Object.keys(versions).map((name) => [name, 0]));
const unchanged = { ...correct };
let [count, top1] = [0, 0];
for (const [kind, expected, other] of [
  ['cat', CATS, DOGS],
  ['dog', DOGS, CATS],
]) {
  for (const file of (await readdir(join(folder, kind))).sort()) {
    let first;
    for (const [name, version] of Object.entries(versions)) {
      const predictions = await model.classify(await version(join(folder, kind, file)), {
        topK: model.labels.length,
      });
      const sum = (ids) =>
        predictions
          .filter(({ id }) => ids.has(id))
          .reduce((total, { probability }) => total + probability, 0);
      if (sum(expected) > sum(other)) correct[name]++;
      first ??= predictions[0].id;
      if (predictions[0].id === first) unchanged[name]++;
    }
    count++;
    if (expected.has(first)) top1++;
  }
}
const percent = (n) => `${((100 * n) / count).toFixed(1)} %`;
console.log(`${model.name}: ${count} photographs of cats and dogs`);
for (const name of Object.keys(versions)) {
  console.log(
    `  ${name.padEnd(20)} cat or dog right: ${percent(correct[name])}; ` +
      `same top-1 class: ${percent(unchanged[name])}`,
  );
}
console.log(
  `  top-1 class (of ${model.labels.length}) is a cat or a dog as it should: ${percent(top1)}`,
);
model.dispose();
