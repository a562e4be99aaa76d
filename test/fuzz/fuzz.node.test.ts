/** Each reader of files against broken and hostile ones, the same in each run; `npm run fuzz` looks for new ones. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzz, line } from './fuzz';
import { readers } from './readers';

const SEED = 2012;
/** Files for each reader. */
const INPUTS = 200;

describe(`files from strangers (seed ${SEED}, ${INPUTS} for each reader)`, () => {
  for (const reader of Object.keys(readers)) {
    it(`of the kind "${reader}" are read or refused, in bounded time and memory`, async (test) => {
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
