/** The licences of all that a build holds of other packages, in one file beside it. A package with a licence that may not be shipped fails the build. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import license from 'rollup-plugin-license';

const require = createRequire(import.meta.url);

/** What may be bundled by a package under MIT, as long as it is named. */
const ALLOWED = '(MIT OR ISC OR 0BSD OR BSD-2-Clause OR BSD-3-Clause OR Apache-2.0)';

/** For a package that has no file of its licence: the end of its README, if that is the text, else the text by the licence's name. */
function textElsewhere({ license: id, author, name }) {
  const readme = join(dirname(require.resolve(`${name}/package.json`)), 'README.md');
  const own =
    existsSync(readme) &&
    /^Copyright.*\s+Permission is hereby granted[^]*/m.exec(readFileSync(readme, 'utf8'))?.[0];
  if (own) return own;
  const { licenseText } = JSON.parse(
    readFileSync(require.resolve(`spdx-license-list/licenses/${id}.json`), 'utf8'),
  );
  return licenseText.replace(
    /<year> <copyright holders>/,
    author?.name ?? `the authors of ${name}`,
  );
}

/** A plugin for each bundle of a build; what they hold comes into `file` together. */
export function licences(file) {
  const held = new Map();
  const write = (dependencies) => {
    for (const each of dependencies)
      held.set(`${each.name} ${each.version} (${each.license})`, each);
    const parts = [...held].sort(([a], [b]) => (a < b ? -1 : 1));
    const texts = parts.map(([title, each]) => {
      const text = (each.licenseText ?? textElsewhere(each)).trim();
      return [title, each.homepage, each.noticeText, text].filter(Boolean).join('\n\n');
    });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      `${['What files of this folder hold of other packages.', ...texts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`,
    );
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
