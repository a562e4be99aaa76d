/** Script tags for TensorFlow.js and the script-tag bundle, as served by serve.mjs. */
const tfjs = (name: string) => `/node_modules/@tensorflow/tfjs-${name}/dist/tf-${name}.min.js`;

export const SCRIPT_TAGS = [
  '/node_modules/seedrandom/seedrandom.min.js',
  tfjs('core'),
  ...['cpu', 'webgl', 'wasm'].map((name) => tfjs(`backend-${name}`)),
  '/dist/alexnet.umd.js',
]
  .map((src) => `<script src="${src}"></script>`)
  .join('\n');
