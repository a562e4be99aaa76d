/** The table in README.md against bench/results.json, and the ratios and spreads that both are made of. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ratiosOf, table, tableIn, throughputTable, withTable } from './report.mjs';
import { difference, spread } from './statistics.mjs';

const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('bench/results.json', () => {
  const results = JSON.parse(text('results.json'));

  it('is what the tables in README.md show', () => {
    assert.equal(tableIn(text('../README.md')), table(results));
    assert.equal(tableIn(text('../README.md'), 'throughput'), throughputTable(results));
  });

  it('has the ratios of its own measurements', () => {
    assert.deepEqual(results.ratios, ratiosOf(results));
  });

  it('has a first visit that is streamed, on WASM and on WebGL, whose features come before its classes', () => {
    for (const name of ['alexnet-ts streamed', 'alexnet-ts webgl streamed']) {
      const { features, answer } = results.cold.sides[name];
      assert.ok(features.median > 0 && features.median < answer.median);
    }
  });

  it('has every ratio that has a goal', () => {
    const names = [
      'wasm-1t-b1-vs-tfjs',
      'wasm-1t-b1-vs-ort',
      'wasm-2t-b1-vs-best',
      'wasm-b8-vs-best',
      'webgl-b1-vs-tfjs',
    ];
    assert.deepEqual(Object.keys(results.ratios), [
      ...names,
      'memory-vs-tfjs',
      'cold-vs-tfjs',
      'bytes-vs-uint8',
      'top1-drop',
    ]);
  });
});

describe('ratiosOf', () => {
  const took = (call: number) => ({ call: spread([call]), forward: spread([1]) });
  const inference = {
    'wasm-1t': {
      batches: {
        1: {
          'alexnet-ts': took(30),
          tfjs: took(60),
          'ort float32': took(75),
          'ort int8': took(50),
        },
      },
    },
  };

  it('takes the better of the peers', () => {
    assert.deepEqual(ratiosOf({ inference }), {
      'wasm-1t-b1-vs-tfjs': 0.5,
      'wasm-1t-b1-vs-ort': 0.6,
    });
  });

  it('leaves out what was not measured', () => {
    assert.deepEqual(ratiosOf({}), {});
  });
});

describe('withTable', () => {
  it('replaces what stands between the markers, and nothing else', () => {
    const readme = 'a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n';
    assert.equal(
      withTable(readme, 'new $& one'),
      'a\n<!-- bench -->\nnew $& one\n<!-- /bench -->\nb\n',
    );
  });

  it('fills markers with nothing between them', () => {
    assert.equal(
      withTable('<!-- bench -->\n<!-- /bench -->', 'new'),
      '<!-- bench -->\nnew\n<!-- /bench -->',
    );
  });

  it('says which markers are missing', () => {
    assert.throws(() => withTable('a', 'new'), /README\.md: has no <!-- bench -->/);
  });
});

describe('spread', () => {
  it('is the median, with the values that 80 % lie between', () => {
    assert.deepEqual(spread([11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), {
      median: 6,
      from: 2,
      to: 10,
      count: 11,
    });
  });
});

describe('difference', () => {
  it('is relative to the largest score, and takes no notice of what is added to all', () => {
    assert.deepEqual(difference([[11, 9]], [[1, -1]]), { relative: 0, sameBest: true });
    assert.deepEqual(difference([[1.5, -1.5]], [[1, -1]]), { relative: 0.5, sameBest: true });
  });

  it('tells when another class is the best', () => {
    assert.equal(difference([[-1, 1]], [[1, -1]]).sameBest, false);
  });
});
