/** bench/results.json: its ratios, the tables made of it, and the statistics of its samples. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { updateFigures, withFigures } from '../build/figures.mjs';
import { ratiosOf, table, throughputTable } from './report.mjs';
import { difference, spread } from './statistics.mjs';

const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('bench/results.json', () => {
  const results = JSON.parse(text('results.json'));

  it('is what the tables and figures of the documents show', async () => {
    assert.ok(text('../README.md').includes(table(results)));
    assert.ok(text('../docs/performance.md').includes(throughputTable(results)));
    assert.deepEqual(await updateFigures({ check: true }), []);
  });

  it('has the ratios of its own measurements', () => {
    assert.deepEqual(results.ratios, ratiosOf(results));
  });

  it('has streamed first visits on WASM and WebGL with features before classes', () => {
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
      'converted-b1-vs-ort',
      'converted-b8-vs-ort',
      'converted-int8-b1-vs-ort',
      'converted-int8-b8-vs-ort',
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

  it('compares with the faster library', () => {
    assert.deepEqual(ratiosOf({ inference }), {
      'wasm-1t-b1-vs-tfjs': 0.5,
      'wasm-1t-b1-vs-ort': 0.6,
    });
  });

  it('omits what was not measured', () => {
    assert.deepEqual(ratiosOf({}), {});
  });
});

describe('withTable', () => {
  it('replaces what is between the markers, and nothing else', () => {
    const readme = 'a\n<!-- bench -->\nold\n<!-- /bench -->\nb <!--=top1-->1 %<!--/-->.\n';
    assert.equal(
      withFigures(readme, { top1: '2 %' }, { bench: 'new $& one' }),
      'a\n<!-- bench -->\nnew $& one\n<!-- /bench -->\nb <!--=top1-->2 %<!--/-->.\n',
    );
  });

  it('fills markers with nothing between them', () => {
    assert.equal(
      withFigures('<!-- bench -->\n<!-- /bench -->', {}, { bench: 'new' }),
      '<!-- bench -->\nnew\n<!-- /bench -->',
    );
  });

  it('names a figure or table that does not exist', () => {
    const unknown = (text: string) => () => withFigures(text, {}, {}, 'README.md');
    assert.throws(unknown('<!--=top2-->1<!--/-->'), /README\.md: there is no figure called top2/);
    assert.throws(unknown('<!-- a -->\n<!-- /a -->'), /README\.md: there is no table called a/);
  });
});

describe('spread', () => {
  it('is the median and the range of the central 80 %', () => {
    assert.deepEqual(spread([11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), {
      median: 6,
      from: 2,
      to: 10,
      count: 11,
    });
  });
});

describe('difference', () => {
  it('is relative to the largest score, and ignores a common offset', () => {
    assert.deepEqual(difference([[11, 9]], [[1, -1]]), { relative: 0, sameBest: true });
    assert.deepEqual(difference([[1.5, -1.5]], [[1, -1]]), { relative: 0.5, sameBest: true });
  });

  it('detects a different top class', () => {
    assert.equal(difference([[-1, 1]], [[1, -1]]).sameBest, false);
  });
});
