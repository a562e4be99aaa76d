/**
 * Puts measured figures into the Markdown files, so that each is stated in one place only: the
 * manifest of the shipped set (`accuracy`, sizes of shards), bench/results.json, and the bundles of
 * dist/.
 *
 *     node build/figures.mjs          rewrites every <!--=name-->…<!--/--> and every generated table
 *     node build/figures.mjs --check  fails if one of them is out of date (part of `npm run lint`)
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import {
  convertedTable,
  float32Times,
  precisionTable,
  table,
  throughputTable,
} from '../bench/report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const json = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** The set that `load()` takes when none is named. */
export const DEFAULT_SET = 'weights/imagenet-293';

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const count = (number) => number.toLocaleString('en-US');

/** The figures that follow from the manifest of a set, by name, as text. */
export function weightFigures({ labels, shards, weightsManifest, accuracy }) {
  const weights = weightsManifest.flatMap((group) => group.weights);
  const learned = weights.filter(({ name }) => /\/(kernel|bias)$/.test(name));
  const parameters = sum(learned.map(({ shape }) => shape.reduce((a, b) => a * b, 1)));
  const { tenCrops, photographs } = accuracy;
  return {
    'weights.classes': count(labels.length),
    'weights.size': `${(sum(shards.map(({ bytes }) => bytes)) / 1e6).toFixed(1)} MB`,
    'weights.firstShard': `${(shards[0].bytes / 1e6).toFixed(2)} MB`,
    'weights.floatSize': `${Math.round((4 * parameters) / 1e6)} MB`,
    'weights.float16Size': `${Math.round((2 * parameters) / 1e6)} MB`,
    'weights.uint8Size': `${Math.round(parameters / 1e6)} MB`,
    'weights.parameters': count(parameters),
    'weights.images': count(accuracy.images),
    'weights.top1': percent(accuracy.top1),
    'weights.top5': percent(accuracy.top5),
    'weights.tenCrops.images': count(tenCrops.images),
    'weights.tenCrops.top1': percent(tenCrops.top1),
    'weights.tenCrops.top5': percent(tenCrops.top5),
    'photos.images': count(photographs.images),
    'photos.top1': percent(photographs.top1),
    'photos.top5': percent(photographs.top5),
  };
}

/** The gzipped sizes of what a page downloads; none before the first build. */
async function bundleFigures() {
  if (!existsSync(join(root, 'dist/index.js'))) return {};
  const { default: limits } = await import('../.size-limit.js');
  const names = ['bundle.classify', 'bundle.worker', 'bundle.script'];
  return Object.fromEntries(
    limits.map(({ path }, i) => {
      const files = [path]
        .flat()
        .map((file) => gzipSync(readFileSync(join(root, file)), { level: 9 }).length);
      return [names[i], `${Math.ceil(sum(files) / 1000)} kB`];
    }),
  );
}

/** The Markdown files that may state figures. */
function documents() {
  const below = (folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((file) => `${folder}/${file}`);
  const files = [...readdirSync(root), ...below('docs'), ...below('weights'), ...below('examples')];
  return files.filter((file) => file.endsWith('.md') && !file.includes('node_modules'));
}

/** `text` with every figure and every generated table as it should be; unknown names throw. */
export function withFigures(text, figures, tables, where = '') {
  const filled = text.replace(/<!--=([\w.]+)-->[^<]*<!--\/-->/g, (now, name) => {
    if (name.startsWith('bundle.') && !(name in figures)) return now;
    if (!(name in figures)) throw new Error(`${where}: there is no figure called ${name}.`);
    return `<!--=${name}-->${figures[name]}<!--/-->`;
  });
  return filled.replace(/<!-- (\w+) -->\n[^]*?<!-- \/\1 -->/g, (now, name) => {
    if (!(name in tables)) throw new Error(`${where}: there is no table called ${name}.`);
    return `<!-- ${name} -->\n${tables[name]}\n<!-- /${name} -->`;
  });
}

export async function updateFigures({ check = false } = {}) {
  const results = json('bench/results.json');
  const figures = {
    ...weightFigures(json(`${DEFAULT_SET}/model.json`)),
    ...(await bundleFigures()),
    ...float32Times(results),
  };
  const tables = {
    bench: table(results),
    precision: precisionTable(results),
    converted: convertedTable(results),
    throughput: throughputTable(results),
  };
  const stale = [];
  for (const path of documents()) {
    const text = readFileSync(join(root, path), 'utf8');
    const updated = withFigures(text, figures, tables, path);
    if (updated === text) continue;
    stale.push(path);
    if (!check) writeFileSync(join(root, path), updated);
  }
  return stale;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  const stale = await updateFigures({ check });
  if (stale.length > 0)
    console.log(
      `${check ? 'Out of date (run node build/figures.mjs)' : 'Updated'}: ${stale.join(', ')}`,
    );
  if (check && stale.length > 0) process.exitCode = 1;
}
