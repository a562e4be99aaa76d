/** website: a zip with a page that runs the model by itself, and programs that use it. */
import type { Model } from 'alexnet-ts/worker';
import shipped from 'alexnet-ts/weights/imagenet-293';
import { usesOwnWeights } from '../../gallery/ownWeights';
import { modelFiles } from '../project/modelFiles';
import { ZipWriter } from '../project/zipWriter';
import { appJs, indexHtml, nodeProgram, reactComponent, readme, styleCss } from './programs';

/** The scripts of the page, by the names that they need there. */
const LIBRARY: Record<string, URL> = {
  'seedrandom.min.js': new URL(
    '../../../node_modules/seedrandom/seedrandom.min.js',
    import.meta.url,
  ),
  'tf-core.min.js': new URL(
    '../../../node_modules/@tensorflow/tfjs-core/dist/tf-core.min.js',
    import.meta.url,
  ),
  'tf-backend-cpu.min.js': new URL(
    '../../../node_modules/@tensorflow/tfjs-backend-cpu/dist/tf-backend-cpu.min.js',
    import.meta.url,
  ),
  'alexnet.umd.js': new URL('../../../dist/alexnet.umd.js', import.meta.url),
  'chunk-inferenceBinary.js': new URL('../../../dist/chunk-inferenceBinary.js', import.meta.url),
  'LICENSES.txt': new URL('../../../dist/THIRD-PARTY-LICENSES.txt', import.meta.url),
};

async function fetchBytes(url: string | URL): Promise<Uint8Array> {
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok)
    throw new Error('A file of the page could not be downloaded. Check your connection.');
  return new Uint8Array(await response.arrayBuffer());
}

/** Stores kernels in 8 bits if several layers were trained, which are large. */
const precisionOf = (model: Model) =>
  (model.origin?.trained.length ?? 0) > 1 ? ('uint8' as const) : ('float32' as const);

/** Packs the model, the network that it was trained from, and the programs. */
export async function websiteZip(model: Model, name: string): Promise<Blob> {
  const hasBase = !usesOwnWeights();
  const facts = { name, labels: model.labels, hasBase };
  const zip = new ZipWriter();
  const addText = (path: string, text: string) => zip.add(path, new TextEncoder().encode(text));
  const files = await modelFiles(
    model,
    hasBase ? { as: precisionOf(model) } : { whole: true, as: 'uint8' },
  );
  for (const { name: file, bytes } of files) zip.add(`model/${file}`, bytes);
  if (hasBase) {
    addText('base/model.json', JSON.stringify(shipped.manifest));
    for (const [path, url] of Object.entries(shipped.shards))
      zip.add(`base/${path}`, await fetchBytes(url));
  }
  for (const [path, url] of Object.entries(LIBRARY)) zip.add(`lib/${path}`, await fetchBytes(url));
  addText('index.html', indexHtml());
  addText('style.css', styleCss());
  addText('app.js', appJs(facts));
  addText('react/Classifier.jsx', reactComponent(facts));
  addText('node/classify.mjs', nodeProgram(facts));
  addText('README.md', readme(facts));
  return zip.end();
}
