/** The files that `npm pack` would publish. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../package.json';
import { root } from './support/child';

const MEANT = [
  /^(README|CHANGELOG|SECURITY)\.md$/,
  /^docs\/reliability\.md$/,
  /^dist\/script-tags\.html$/,
  /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  /^LICENSE$/,
  /^package\.json$/,
  /^dist\/(index|api|layers|training|convert|worker|errors|split)\.js$/,
  /^dist\/(chunk|cli|worker)-[\w.]+\.js$/,
  /^dist\/(cli|wasmThread|inferenceThread|alexnet\.umd)\.js$/,
  /^dist\/(workerThread|convertThread)\.js$/,
  /^dist\/node\/(index|layers|training|convert|worker|inferenceThread|chunk-[\w.]+)\.c?js$/,
  /^types\/(api|index|layers|training|convert|worker|worker-api|shared)\.d\.c?ts$/,
  /^weights\/README\.md$/,
  /^weights\/imagenet-293\/(README\.md|model\.json|index\.c?js|index\.d\.c?ts|shard-\d\d-of-\d\d\.bin\.gz)$/,
];

/** Names that banners use. */
const NPM_NAMES: Record<string, string> = {
  'TensorFlow.js': '@tensorflow/tfjs-core',
  'long.js': 'long',
};

/** Size limit of the tarball in bytes, mostly weights. */
const LIMIT = 11_200_000;

/** Returns every file that package.json names. */
const named = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value.replace('./', '')]
    : Object.values(value as object).flatMap(named);

describe('the tarball', () => {
  let size: number;
  let files: string[];
  before(async () => {
    const { stdout } = await promisify(execFile)(
      'npm',
      ['pack', '--dry-run', '--json', '--ignore-scripts'],
      { cwd: root, maxBuffer: 1e7 },
    );
    const [pack] = JSON.parse(stdout) as [{ size: number; files: { path: string }[] }];
    size = pack.size;
    files = pack.files.map(({ path }) => path);
  });

  it('contains only files for users', () => {
    assert.deepEqual(
      files.filter((file) => !MEANT.some((pattern) => pattern.test(file))),
      [],
    );
  });

  it('contains files of every kind', () => {
    assert.deepEqual(
      MEANT.filter((pattern) => !files.some((file) => pattern.test(file))),
      [],
    );
  });

  it('contains every file that package.json names', () => {
    const { exports, bin, main, module, types, unpkg, jsdelivr } = packageJson;
    const wanted = named({ exports, bin, main, module, types, unpkg, jsdelivr }).filter(
      (file) => !file.includes('*'),
    );
    assert.ok(wanted.length > 20);
    assert.deepEqual(
      wanted.filter((file) => !files.includes(file)),
      [],
    );
  });

  it('has the text of a permissive license for each bundled package', async () => {
    const licences = (await readFile(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')).split(
      '-'.repeat(80),
    );
    const read = (pattern: RegExp) =>
      Promise.all(
        files
          .filter((file) => pattern.test(file))
          .map((file) => readFile(join(root, file), 'utf8')),
      );
    // Maps are built but not published. The worker has none; its banner lists what it contains.
    const built = await readdir(join(root, 'dist'), { recursive: true });
    const mapFiles = built.filter((file) => /^(node\/)?[^/]+\.map$/.test(file));
    const texts = mapFiles.map((file) => readFile(join(root, 'dist', file), 'utf8'));
    const maps = (await Promise.all(texts)).flatMap(
      (text) => (JSON.parse(text) as { sources: string[] }).sources,
    );
    const mapped = maps.flatMap(
      (source) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? [],
    );
    const banners = (await read(/^dist\/.*\.c?js$/)).flatMap(
      (text) => /^\/\* alexnet-ts, MIT\.(.*) \*\/$/m.exec(text)?.[1] ?? [],
    );
    const named = banners.flatMap((text) =>
      [...text.matchAll(/Holds (\S+) \(/g)].map(([, name]) => NPM_NAMES[name!] ?? name!),
    );
    const wordNet = licences.find((text) => text.trim().startsWith('WordNet 3.0 (WordNet)'));
    assert.match(wordNet ?? '', /WordNet 3\.0 Copyright 2006 by Princeton University/);
    for (const held of [mapped, named]) assert.ok(new Set(held).size >= 4, held.join());
    for (const name of new Set([...mapped, ...named])) {
      const part = licences.find((text) => text.trim().startsWith(`${name} `)) ?? '';
      assert.match(part, /^\s*\S+ [\d.]+ \((MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0)\)$/m, name);
      assert.match(
        part,
        /Permission is hereby granted|TERMS AND CONDITIONS FOR USE|Redistribution and use/,
        name,
      );
    }
  });

  it(`is smaller than ${LIMIT / 1e6} MB`, () => {
    assert.ok(size < LIMIT, `${size} bytes`);
  });
});
