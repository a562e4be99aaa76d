/** The files of this set, for `load({ weights })` in CommonJS. The same text fits every set. */
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const manifest = require('./model.json');

Object.defineProperty(exports, '__esModule', { value: true });
exports.default = {
  manifest,
  shards: Object.fromEntries(
    manifest.shards.map(({ path }) => [path, pathToFileURL(join(__dirname, path))]),
  ),
};
