/**
 * Classifies the sample pictures with the shipped weights and updates the table of README.md, the
 * field `correctAtTop1` of expected.json and the output in the project's README.
 *
 *     npm run build && node examples/images/predictions.mjs
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { load } from 'alexnet-ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const rootReadme = fileURLToPath(new URL('../../README.md', import.meta.url));
const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** Rank, probability and strongest other class of the expected class, as the table shows them. */
export function describePrediction(id, predictions) {
  const rank = predictions.findIndex((prediction) => prediction.id === id) + 1;
  const other = predictions.find((prediction) => prediction.id !== id);
  return [
    String(rank),
    percent(predictions[rank - 1].probability),
    `${other.label} ${percent(other.probability)}`,
  ];
}

async function main() {
  const expected = JSON.parse(await readFile(`${here}expected.json`, 'utf8'));
  const names = Object.keys(expected);
  const model = await load();
  const predictions = await model.classify(
    names.map((name) => here + name),
    { topK: model.labels.length },
  );
  model.dispose();

  let table = await readFile(`${here}README.md`, 'utf8');
  for (const [i, name] of names.entries()) {
    const { id, label } = expected[name];
    const [rank, ...rest] = describePrediction(id, predictions[i]);
    expected[name].correctAtTop1 = rank === '1';
    const row = new RegExp(`^(\\| \\[${name}\\]\\(${name}\\) \\| [^|]+ \\|).*$`, 'm');
    table = table.replace(row, `$1 ${[label, id, rank, ...rest].join(' | ')} |`);
  }
  await writeFile(`${here}README.md`, table);
  await writeFile(`${here}expected.json`, `${JSON.stringify(expected, null, 2)}\n`);

  const [best] = predictions[names.indexOf('school-bus.jpg')];
  const readme = await readFile(rootReadme, 'utf8');
  const output = `// ${best.label} ${best.probability.toFixed(3)}`;
  await writeFile(rootReadme, readme.replace(/\/\/ school bus 0\.\d+/, output));
  const right = names.filter((name) => expected[name].correctAtTop1);
  console.log(`${right.length} of ${names.length} are correct at top 1.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
