/** The script tags of a page without a bundler, as test/support/serve.mjs serves the tree: TensorFlow.js, then the script-tag bundle. */
const tfjs = (name: string) => `/node_modules/@tensorflow/tfjs-${name}/dist/tf-${name}.min.js`;

export const SCRIPT_TAGS = [
  '/node_modules/seedrandom/seedrandom.min.js',
  tfjs('core'),
  ...['cpu', 'webgl', 'wasm'].map((name) => tfjs(`backend-${name}`)),
  '/dist/alexnet.umd.js',
]
  .map((src) => `<script src="${src}"></script>`)
  .join('\n');
