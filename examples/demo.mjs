/** `npm run demo`: classifies the sample pictures and fine-tunes on others, in the terminal, as a user of the package would. No browser needed. */
import { readFile, readdir } from 'node:fs/promises';
import { styleText } from 'node:util';
import { alexnet } from 'alexnet-ts';
import { shapePictures } from './shapes.mjs';

const folder = new URL('./images/', import.meta.url);
const expected = JSON.parse(await readFile(new URL('expected.json', folder), 'utf8'));
const pictures = (await readdir(folder)).filter((file) => file.endsWith('.jpg')).sort();

const style = (name, text) => (process.stdout.isTTY ? styleText(name, text) : text);
const bar = (share) => '█'.repeat(Math.round(40 * share)).padEnd(40);

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

let right = 0;
let milliseconds = 0;
for (const file of pictures) {
  const start = performance.now();
  const predictions = await model.classify(new URL(file, folder), { topK: 5 });
  milliseconds += performance.now() - start;
  const { label } = expected[file];
  if (predictions[0].label === label) right++;
  console.log(style('bold', `examples/images/${file}`));
  for (const { label: name, probability } of predictions) {
    const line = `  ${name.padEnd(20)} ${bar(probability)} ${(100 * probability).toFixed(1).padStart(5)} %`;
    console.log(name === label ? style('green', `${line}  ✓`) : line);
  }
  console.log();
}
console.log(
  `${right} of ${pictures.length} right at the first guess, ${Math.round(milliseconds / pictures.length)} ms a picture, decoding included.`,
);
console.log(
  'The pictures were rendered for this network, which is a small one: on photographs it is right about one time in three (README).',
);

const [each, kept] = [20, 0.3];
console.log(
  style(
    'bold',
    `\nFine-tuning a new last layer on ${4 * each} drawn pictures, of which ${100 * kept} % are kept back:`,
  ),
);
const begin = performance.now();
const run = model.fineTune(shapePictures(each), {
  epochs: 20,
  validationSplit: kept,
  seed: 1,
  onProgress({ phase, loaded, total }) {
    if (process.stderr.isTTY)
      process.stderr.write(`\r${phase} ${Math.round((100 * loaded) / total)} %        `);
  },
});
const tuned = await run;
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
const seconds = ((performance.now() - begin) / 1000).toFixed(1);

/** One block character a value, from 0 to `top`. */
const curve = (values, top) =>
  values.map((value) => '▁▂▃▄▅▆▇█'[Math.min(7, Math.floor((8 * value) / top))]).join('');
for (const what of ['loss', 'accuracy']) {
  for (const [name, of] of [
    ['training', (epoch) => epoch],
    ['validation', (epoch) => epoch.validation],
  ]) {
    const values = tuned.history.map((epoch) => of(epoch)[what]);
    const top =
      what === 'loss'
        ? Math.max(...tuned.history.flatMap((epoch) => [epoch.loss, epoch.validation.loss]))
        : 1;
    console.log(
      `  ${what.padEnd(8)}  ${name.padEnd(10)}  ${curve(values, top)}  ${values[0].toFixed(2)} → ${values.at(-1).toFixed(2)}`,
    );
  }
}
console.log(style('bold', '\nOn 40 others, drawn from another seed:'));
console.log(String(await tuned.evaluate(shapePictures(10, 2))));
console.log(
  `\n${tuned.history.length} epochs in ${seconds} s, most of it the ${4 * each} pictures' way through the frozen layers, once.`,
);
tuned.dispose();
model.dispose();
