/** `npm run demo`: classifies the sample pictures in the terminal, as a user of the package would. No browser needed. */
import { readFile, readdir } from 'node:fs/promises';
import { styleText } from 'node:util';
import { alexnet } from 'alexnet-ts';

const folder = new URL('./images/', import.meta.url);
const expected = JSON.parse(await readFile(new URL('expected.json', folder), 'utf8'));
const pictures = (await readdir(folder)).filter((file) => file.endsWith('.jpg')).sort();

const style = (name, text) => (process.stdout.isTTY ? styleText(name, text) : text);
const bar = (share) => '█'.repeat(Math.round(40 * share)).padEnd(40);

const model = await alexnet.load({
  onProgress({ phase, loaded, total }) {
    if (process.stderr.isTTY) process.stderr.write(`\r${phase} ${Math.round((100 * loaded) / total)} %        `);
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
  'The pictures were rendered for this network, which is a small one: on photographs it is right about one time in four (README).',
);
model.dispose();
