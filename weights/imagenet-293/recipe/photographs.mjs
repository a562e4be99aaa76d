/** Checks a set on photographs of cats and dogs, as users bring them: sharp, of any size and shape, not of the data set. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { alexnet } from 'alexnet-ts';
import sharp from 'sharp';

const USAGE = `node photographs.mjs <folder with cat/ and dog/> [--weights model.json]

  The probabilities of the set's 5 breeds and kinds of cat (lion and cougar among them) and 6 of dog are added up; a photograph is right when its
  sum is the larger. Each is tried as it is, enlarged four times, and at 64 pixels: the answers should agree.`;

const CATS = ['n02123045', 'n02123394', 'n02124075', 'n02125311', 'n02129165'];
const DOGS = ['n02085620', 'n02094433', 'n02099601', 'n02099712', 'n02106662', 'n02113799'];

const args = process.argv.slice(2);
const option = args.indexOf('--weights');
const weights = option < 0 ? undefined : args.splice(option, 2)[1];
if (args.length !== 1 || args.includes('--help')) {
  console.error(USAGE);
  process.exit(args.includes('--help') ? 0 : 2);
}

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
  'at 64 pixels': (file) => sharp(file).resize(64, 64, { fit: 'outside' }).png().toBuffer(),
};
const right = Object.fromEntries(Object.keys(versions).map((name) => [name, 0]));
const same = Object.fromEntries(Object.keys(versions).map((name) => [name, 0]));
let [count, animal] = [0, 0];
for (const [kind, own, other] of [
  ['cat', CATS, DOGS],
  ['dog', DOGS, CATS],
]) {
  for (const file of (await readdir(join(args[0], kind))).sort()) {
    const answers = [];
    for (const [name, version] of Object.entries(versions)) {
      const predictions = await model.classify(await version(join(args[0], kind, file)), {
        topK: model.labels.length,
      });
      const sum = (ids) =>
        predictions.reduce(
          (total, { id, probability }) => total + (ids.includes(id) ? probability : 0),
          0,
        );
      if (sum(own) > sum(other)) right[name]++;
      answers.push(predictions[0].id);
      if (answers.at(-1) === answers[0]) same[name]++;
    }
    count++;
    if (own.includes(answers[0])) animal++;
  }
}
const percent = (n) => `${((100 * n) / count).toFixed(1)} %`;
console.log(`${count} photographs of cats and dogs, ${model.name}`);
for (const name of Object.keys(versions)) {
  console.log(
    `  ${name.padEnd(20)} cat or dog right ${percent(right[name])}, the first guess of ${percent(same[name])} as it was`,
  );
}
console.log(
  `  the first guess (of ${model.labels.length}) is one of the right kind for ${percent(animal)}`,
);
model.dispose();
