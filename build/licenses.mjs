/** Licenses of bundled packages: a banner in each file, and all texts in one file of the build. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import license from 'rollup-plugin-license';

const require = createRequire(import.meta.url);

/** Licenses of packages that a package under MIT may bundle, as long as it names them. */
const ALLOWED = '(MIT OR ISC OR 0BSD OR BSD-2-Clause OR BSD-3-Clause OR Apache-2.0)';

/** What a file's banner says of each package that may be in it. */
const BUNDLED = {
  '@noble/hashes': '@noble/hashes (MIT, Paul Miller: for pages without crypto.subtle)',
  fflate: 'fflate (MIT, Arjun Barrett: for zips)',
  unzipit: 'unzipit (MIT, Gregg Tavares: for the zips that PyTorch writes)',
  'env-paths': 'env-paths (MIT, Sindre Sorhus: for the cache folder in Node)',
  'is-safe-filename': 'is-safe-filename (MIT, Sindre Sorhus: for env-paths)',
  comlink: 'comlink (Apache-2.0, Google: to call the worker)',
  '@tensorflow': 'TensorFlow.js (Apache-2.0, Google)',
  seedrandom: 'seedrandom (MIT, David Bau)',
  long: 'long.js (Apache-2.0, Daniel Wirtz)',
};

/** The first line of a built file: its license and the packages that are bundled in it. */
export function banner({ moduleIds }) {
  const packages = moduleIds
    .map((id) => id.replaceAll('\\', '/'))
    .filter((id) => id.includes('/node_modules/'));
  const bundled = Object.entries(BUNDLED).filter(([name]) =>
    packages.some((id) => id.includes(`/${name}/`)),
  );
  return `/* alexnet-ts, MIT.${bundled.map(([, text]) => ` Holds ${text}.`).join('')} */`;
}

/**
 * The license of a package without a license file: from its README, else the license's own text.
 */
function licenseText({ license: id, author, name }) {
  const readme = join(dirname(require.resolve(`${name}/package.json`)), 'README.md');
  const text =
    existsSync(readme) &&
    /^Copyright.*\s+Permission is hereby granted[^]*/m.exec(readFileSync(readme, 'utf8'))?.[0];
  if (text) return text;
  const standard = JSON.parse(
    readFileSync(require.resolve(`spdx-license-list/licenses/${id}.json`), 'utf8'),
  );
  return standard.licenseText.replace(
    /<year> <copyright holders>/,
    author?.name ?? `the authors of ${name}`,
  );
}

/** What is bundled without being a package: the names of ImageNet's classes. */
function wordNet() {
  const file = require.resolve('spdx-license-list/licenses/WordNet.json');
  const { licenseText: text } = JSON.parse(readFileSync(file, 'utf8'));
  const title = "WordNet 3.0 (WordNet), Princeton University: the names of ImageNet's classes";
  return `${title}\n\nhttps://wordnet.princeton.edu\n\n${text.trim()}`;
}

/**
 * Collects the licenses of all bundled packages in `file`. Returns a function that makes a plugin
 * for each bundle. A package whose license is not allowed fails the build.
 */
export function licensePlugin(file) {
  const packages = new Map();
  const write = (dependencies) => {
    for (const each of dependencies)
      packages.set(`${each.name} ${each.version} (${each.license})`, each);
    const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
    const texts = sorted.map(([title, each]) => {
      const text = (each.licenseText ?? licenseText(each)).trim();
      return [title, each.homepage, each.noticeText, text].filter(Boolean).join('\n\n');
    });
    const parts = ['Packages that are bundled in files of this folder.', ...texts, wordNet()];
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
  };
  return () =>
    license({
      thirdParty: {
        multipleVersions: true,
        allow: { test: ALLOWED, failOnUnlicensed: true, failOnViolation: true },
        output: write,
      },
    });
}
