/**
 * checkManifest: sizes, hashes and paths of the shards; paths must stay in the folder of
 * model.json.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { WeightsError } from '../../errors';
import { tinySet } from '../../../test/support/tinySet';
import { checkManifest } from './checkTuning';
import { MAX_SHARD_BYTES, type Manifest } from './manifest';

let good: string;
before(async () => void (good = JSON.stringify((await tinySet()).manifest)));

/**
 * Returns the problems of the tiny set's manifest after `change`, which gets its shards and its
 * list of paths.
 */
function problemsAfter(
  change: (shards: Record<string, unknown>[], paths: string[], manifest: Manifest) => unknown,
): readonly string[] {
  const manifest = JSON.parse(good) as Manifest;
  change(
    manifest.shards as unknown as Record<string, unknown>[],
    manifest.weightsManifest[0]!.paths as string[],
    manifest,
  );
  try {
    checkManifest(manifest, 'tiny');
    return [];
  } catch (error) {
    assert.ok(error instanceof WeightsError, `a WeightsError, not ${String(error)}`);
    return error.problems;
  }
}

const rule = (i: number) =>
  `shards[${i}] must have path, bytes, sha256 (64 hexadecimal digits) and, for a .gz, inflated, got `;
const inflated = (shard: Record<string, unknown>) => shard.inflated as Record<string, unknown>;

describe('checkManifest: shards', () => {
  it('reports shards that are not a list', () => {
    const problems = problemsAfter(
      (_shards, _paths, manifest) => ((manifest as { shards: unknown }).shards = 4),
    );
    assert.deepEqual(problems, ['shards must be a list of { "path", "bytes", "sha256" }, got 4.']);
  });

  it('reports sizes that do not add up', () => {
    const problems = problemsAfter((shards) => ((inflated(shards[1]!).bytes as number) += 4));
    assert.deepEqual(problems, ['the shards must hold 6676 bytes in total, got 6680.']);
  });

  it('reports a shard larger than 4 MiB', () => {
    const problems = problemsAfter((shards) => (shards[0]!.bytes = MAX_SHARD_BYTES + 1));
    assert.deepEqual(problems, [
      `shard-01-of-04.bin.gz: must have at most 4194304 bytes, got 4194305.`,
    ]);
    assert.deepEqual(
      problemsAfter((shards) => (shards[0]!.bytes = MAX_SHARD_BYTES)),
      [],
    );
  });

  const halves: [string, (shard: Record<string, unknown>) => unknown][] = [
    ['a .gz without its inflated size and hash', (shard) => delete shard.inflated],
    ['a hash that is too short', (shard) => (shard.sha256 = String(shard.sha256).slice(1))],
    ['a hash in uppercase', (shard) => (shard.sha256 = 'A'.repeat(64))],
    ['a hash followed by more text', (shard) => (shard.sha256 = `${String(shard.sha256)}\n0`)],
    ['an inflated hash that is not a string', (shard) => (inflated(shard).sha256 = 5)],
    ['a size of 0', (shard) => (shard.bytes = 0)],
    ['a size that is not an integer', (shard) => (inflated(shard).bytes = 10.5)],
    ['a size that is a string', (shard) => (shard.bytes = '100')],
    ['a missing path', (shard) => delete shard.path],
  ];
  for (const [what, change] of halves) {
    it(`reports ${what}, with the shard's index`, () => {
      const problems = problemsAfter((shards) => change(shards[2]!));
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.ok(problems[0]!.startsWith(`${rule(2)}{`), problems[0]);
    });
  }

  it('reports every malformed shard', () => {
    const problems = problemsAfter((shards) => {
      shards[0] = null as never;
      shards[1]!.path = '../x.bin.gz';
      shards[3]!.bytes = -1;
    });
    assert.equal(problems.length, 3, problems.join('\n'));
    assert.equal(problems[0], `${rule(0)}null.`);
  });

  it('reports a wrong path, size and total together', () => {
    const problems = problemsAfter((shards) => {
      shards[0]!.path = '/x.bin.gz';
      shards[1]!.bytes = MAX_SHARD_BYTES * 2;
      inflated(shards[2]!).bytes = 1;
    });
    assert.equal(problems.length, 4, problems.join('\n'));
    assert.match(problems[0]!, /must stay in the folder/);
    assert.match(problems[1]!, /at most 4194304 bytes, got 8388608/);
    assert.match(problems[2]!, /^shards must list the paths/);
    assert.match(problems[3]!, /^the shards must hold 6676 bytes in total, got \d+\.$/);
  });

  it('reports paths that differ from those of weightsManifest, also in order', () => {
    const text = 'shards must list the paths of weightsManifest in the same order.';
    assert.deepEqual(
      problemsAfter((_shards, paths) => paths.reverse()),
      [text],
    );
    assert.deepEqual(
      problemsAfter((_shards, paths) => paths.pop()),
      [text],
    );
    assert.deepEqual(
      problemsAfter((_shards, paths) => (paths[0] = 'other.bin.gz')),
      [text],
    );
  });
});

describe('checkManifest: paths', () => {
  const withPath = (path: string) =>
    problemsAfter((shards, paths) => {
      shards[1]!.path = path;
      paths[1] = path;
    });

  const leaving = [
    ...['../shard.bin.gz', 'a/../../shard.bin.gz', 'a/..', '..'],
    ...[
      '/shard.bin.gz',
      '//evil.test/shard.bin.gz',
      '\\\\evil.test\\shard.bin.gz',
      'a\\..\\..\\b.bin.gz',
    ],
    ...[
      'http://evil.test/shard.bin.gz',
      'HTTPS://evil.test/x.gz',
      'data:,x',
      'blob:x',
      'web+set:x',
      'h2:x',
      'C:/x.bin.gz',
      'C|/x.bin.gz',
    ],
    ...[
      '%2e%2e/shard.bin.gz',
      'a/.%2E/../b.bin.gz',
      ' http://evil.test/x.bin.gz',
      '\thttp://evil.test/x.gz',
      '.\t./x.bin.gz',
      'a?../b.gz',
      '#x.gz',
    ],
  ];
  for (const path of leaving) {
    it(`rejects ${JSON.stringify(path)}, which leaves the folder`, () => {
      assert.deepEqual(withPath(path), [
        `shards[1].path must stay in the folder of model.json, got ${JSON.stringify(path)}.`,
      ]);
    });
  }

  for (const path of [
    'shard.bin.gz',
    'part/shard..1.bin.gz',
    'group1-shard1of4.bin.gz',
    'größe 3.bin.gz',
    './a.b.gz',
    '..a.gz',
  ]) {
    it(`accepts ${JSON.stringify(path)}, which stays in the folder`, () => {
      assert.deepEqual(withPath(path), []);
      assert.match(
        new URL(path, 'https://sets.test/tiny/model.json').href,
        /^https:\/\/sets\.test\/tiny\/./,
      );
    });
  }
});
