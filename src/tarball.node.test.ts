/** What `npm pack` would publish: every file that package.json names, and nothing that is not meant for users. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../package.json';
import { root } from './testing/child';

const MEANT = [
  /^(README|CHANGELOG|SECURITY)\.md$/,
  /^docs\/reliability\.md$/,
  /^dist\/script-tags\.html$/,
  /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  /^LICENSE$/,
  /^package\.json$/,
  /^dist\/(index|layers|training|convert|worker|errors|split)\.js(\.map)?$/,
  /^dist\/(chunk|cli|worker)-[\w.]+\.js(\.map)?$/,
  /^dist\/(cli|wasmThread|alexnet\.umd)\.js(\.map)?$/,
  /^dist\/(workerThread|thread-[\w-]+)\.js$/,
  /^dist\/node\/(index|layers|training|convert|worker|chunk-[\w.]+)\.c?js(\.map)?$/,
  /^types\/(index|layers|training|convert|worker|shared)\.d\.c?ts$/,
  /^weights\/README\.md$/,
  /^weights\/tiny-imagenet-200\/(README\.md|model\.json|index\.js|index\.d\.ts|shard-\d\d-of-\d\d\.bin\.gz)$/,
];

/** Packed, in bytes: the weights are 7.9 MB of it. */
const LIMIT = 11_000_000;

/** Every file that a value in package.json names. */
const named = (value: unknown): string[] =>
  typeof value === 'string' ? [value.replace('./', '')] : Object.values(value as object).flatMap(named);

describe('the tarball', () => {
  let size: number;
  let files: string[];
  before(async () => {
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, maxBuffer: 1e7 });
    const [pack] = JSON.parse(stdout) as [{ size: number; files: { path: string }[] }];
    size = pack.size;
    files = pack.files.map(({ path }) => path);
  });

  it('holds nothing but what is meant for users', () => {
    assert.deepEqual(
      files.filter((file) => !MEANT.some((pattern) => pattern.test(file))),
      [],
    );
  });

  it('holds something of every kind that it should', () => {
    assert.deepEqual(
      MEANT.filter((pattern) => !files.some((file) => pattern.test(file))),
      [],
    );
  });

  it('holds every file that package.json names', () => {
    const { exports, bin, main, module, types, unpkg, jsdelivr } = packageJson;
    const wanted = named({ exports, bin, main, module, types, unpkg, jsdelivr }).filter((file) => !file.includes('*'));
    assert.ok(wanted.length > 20);
    assert.deepEqual(
      wanted.filter((file) => !files.includes(file)),
      [],
    );
  });

  it('has the licence of each package that a file of it names as held', async () => {
    const licences = await readFile(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    const scripts = files.filter((file) => /^dist\/.*\.c?js$/.test(file));
    const banners = await Promise.all(
      scripts.map(async (file) => /^\/\* alexnet-ts, MIT\.(.*) \*\/$/m.exec(await readFile(join(root, file), 'utf8'))),
    );
    const held = new Set(
      banners.flatMap((found) => [...(found?.[1] ?? '').matchAll(/Holds (\S+) \(([^,]+),/g)].map(([, name, id]) => `${name} ${id}`)),
    );
    assert.ok(held.size >= 5, [...held].join());
    const names: Record<string, string> = { 'TensorFlow.js': '@tensorflow/tfjs-core', 'long.js': 'long' };
    for (const each of held) {
      const [name, id] = each.split(' ') as [string, string];
      const at = licences.search(new RegExp(`^${names[name] ?? name} [\\d.]+ \\(${id}\\)$`, 'm'));
      assert.ok(at > 0, each);
      assert.ok(licences.slice(at).split('-'.repeat(80))[0]!.length > 900, `${each} has no text`);
    }
  });

  it(`is smaller than ${LIMIT / 1e6} MB`, () => {
    assert.ok(size < LIMIT, `${size} bytes`);
  });
});
