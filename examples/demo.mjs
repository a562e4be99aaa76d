/** `npm run demo`: classifies the sample pictures and fine-tunes on generated ones, in Node. */
import { readFile, readdir } from 'node:fs/promises';
import { styleText } from 'node:util';
import { alexnet } from 'alexnet-ts';
import { figures } from './gallery/figures.mjs';
import { shapePictures } from './shapes.mjs';

const folder = new URL('./images/', import.meta.url);
const expected = JSON.parse(await readFile(new URL('expected.json', folder), 'utf8'));
const pictures = (await readdir(folder)).filter((file) => file.endsWith('.jpg')).sort();

const style = (name, text) => (process.stdout.isTTY ? styleText(name, text) : text);
const bar = (probability) => '█'.repeat(Math.round(40 * probability)).padEnd(40);

const model = await alexnet.load({
  onProgress({ phase, loaded, total }) {
    if (process.stderr.isTTY)
      process.stderr.write(`\r${phase} ${Math.round((100 * loaded) / total)} %        `);
  },
});
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
console.log(
  `${model.name}: ${model.labels.length} classes, ${model.summary().parameters.toLocaleString('en-US')} parameters, on ${model.backend}\n`,
);

let correct = 0;
let milliseconds = 0;
for (const file of pictures) {
  const start = performance.now();
  const predictions = await model.classify(new URL(file, folder), { topK: 5 });
  milliseconds += performance.now() - start;
  const { label } = expected[file];
  if (predictions[0].label === label) correct++;
  console.log(style('bold', `examples/images/${file}`));
  for (const { label: name, probability } of predictions) {
    const line = `  ${name.padEnd(20)} ${bar(probability)} ${(100 * probability).toFixed(1).padStart(5)} %`;
    console.log(name === label ? style('green', `${line}  ✓`) : line);
  }
  console.log();
}
console.log(
  `${correct} of ${pictures.length} correct (top-1), ${Math.round(milliseconds / pictures.length)} ms per picture including decoding.`,
);
console.log(
  `These pictures were rendered for this network. On other photographs, its top-1 accuracy is ${figures['photos.top1']}.`,
);

const [perClass, validationSplit] = [20, 0.3];
console.log(
  style(
    'bold',
    `\nFine-tuning a new last layer on ${4 * perClass} generated pictures, ${100 * validationSplit} % of them for validation:`,
  ),
);
const begin = performance.now();
const run = model.fineTune(shapePictures(perClass), {
  epochs: 20,
  validationSplit,
  seed: 1,
  onProgress({ phase, loaded, total }) {
    if (process.stderr.isTTY)
      process.stderr.write(`\r${phase} ${Math.round((100 * loaded) / total)} %        `);
  },
});
const tuned = await run;
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
const seconds = ((performance.now() - begin) / 1000).toFixed(1);

/** Returns a block character per value, from 0 to `max`. */
const sparkline = (values, max) =>
  values.map((value) => '▁▂▃▄▅▆▇█'[Math.min(7, Math.floor((8 * value) / max))]).join('');
for (const what of ['loss', 'accuracy']) {
  for (const [name, metricsOf] of [
    ['training', (epoch) => epoch],
    ['validation', (epoch) => epoch.validation],
  ]) {
    const values = tuned.history.map((epoch) => metricsOf(epoch)[what]);
    const max =
      what === 'loss'
        ? Math.max(...tuned.history.flatMap((epoch) => [epoch.loss, epoch.validation.loss]))
        : 1;
    console.log(
      `  ${what.padEnd(8)}  ${name.padEnd(10)}  ${sparkline(values, max)}  ${values[0].toFixed(2)} → ${values.at(-1).toFixed(2)}`,
    );
  }
}
console.log(style('bold', '\nEvaluation on 40 pictures from another seed:'));
console.log(String(await tuned.evaluate(shapePictures(10, 2))));
console.log(
  `\n${tuned.history.length} epochs in ${seconds} s, mostly for computing the features of ${4 * perClass} pictures once.`,
);
tuned.dispose();
model.dispose();
