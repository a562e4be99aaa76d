/**
 * Writes dist/script-tags.html: script tags for a page without a bundler, with integrity hashes.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const CDN = 'https://cdn.jsdelivr.net/npm';

const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const require = createRequire(import.meta.url);

/** In the order in which a page loads them. */
const scripts = [
  installed('seedrandom', 'seedrandom.min.js'),
  ...['core', 'backend-cpu', 'backend-webgl', 'backend-wasm'].map((name) =>
    installed(`@tensorflow/tfjs-${name}`, `dist/tf-${name}.min.js`),
  ),
  {
    name: packageJson.name,
    version: packageJson.version,
    path: 'dist/alexnet.umd.js',
    file: join(root, 'dist/alexnet.umd.js'),
  },
];

function installed(name, path) {
  const manifest = require.resolve(`${name}/package.json`);
  return {
    name,
    version: JSON.parse(readFileSync(manifest, 'utf8')).version,
    path,
    file: join(dirname(manifest), path),
  };
}

const tags = scripts.map(({ name, version, path, file }) => {
  const hash = createHash('sha384').update(readFileSync(file)).digest('base64');
  return `<script src="${CDN}/${name}@${version}/${path}" integrity="sha384-${hash}" crossorigin="anonymous"></script>\n`;
});
writeFileSync(join(root, 'dist/script-tags.html'), tags.join(''));
