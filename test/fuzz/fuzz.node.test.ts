/** Reads malformed files, the same in every run. `npm run fuzz` searches for new ones. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzz, line } from './fuzz';
import { readers } from './readers';

const SEED = 2012;
/** Number of files per reader. */
const INPUTS = 200;

describe(`malformed files (seed ${SEED}, ${INPUTS} per reader)`, () => {
  for (const reader of Object.keys(readers)) {
    it(`of kind "${reader}" are read or rejected in bounded time and memory`, async (test) => {
      const { report, found } = await fuzz({
        reader,
        inputs: INPUTS,
        seconds: 30,
        seed: SEED,
        quick: true,
      });
      test.diagnostic(line(report));
      assert.equal(found?.problem, undefined);
      assert.equal(report.inputs, INPUTS);
      assert.ok(report.refused > 0, 'none was broken');
    });
  }
});
