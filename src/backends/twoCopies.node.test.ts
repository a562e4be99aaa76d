/** Two copies of TensorFlow.js' core in one program: told once, in a sentence that says what to do, and the answers are right. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printed } from '../testing/child';

const CORE = '@tensorflow/tfjs-core';

/** Loads and runs a small network twice, and prints its answer and what was warned of. */
const use = `
  const warned = [];
  console.warn = (text) => warned.push(text);
  const { create } = require('alexnet-ts');
  const { dense, flatten, sequential } = require('alexnet-ts/layers');
  const answers = async () => {
    const net = sequential({ flatten: flatten(), fc: dense({ units: 2 }) }, { inputShape: [8, 8, 3] });
    const model = await create(net, { labels: ['a', 'b'], seed: 1, backend: 'cpu' });
    const data = Uint8ClampedArray.from({ length: 256 }, (_, i) => (i * 37) % 256);
    return (await model.classify({ width: 8, height: 8, data })).map(({ label, probability }) => [label, probability.toFixed(6)]);
  };
  (async () => {
    const first = await answers();
    const again = await answers();
    console.log(JSON.stringify({ first, again, warned: warned.filter((text) => /^alexnet-ts: /.test(text)) }));
  })();`;
const forget = `delete require.cache[require.resolve('${CORE}')];`;

interface Said {
  first: unknown;
  again: unknown;
  warned: string[];
}
const run = async (before: string) => (await printed(`${before}\n${use}`, { type: 'commonjs' })) as Said;

describe('two copies of @tensorflow/tfjs-core', () => {
  it('are told of when the app began with another one than ours', async () => {
    const one = await run('');
    assert.deepEqual(one.warned, []);
    const two = await run(`require('${CORE}'); ${forget}`);
    assert.equal(two.warned.length, 1);
    assert.match(two.warned[0]!, /two copies of @tensorflow\/tfjs-core here: [\d.]+, and the one that the app uses\. .+"npm dedupe"/);
    assert.deepEqual([two.first, two.again], [one.first, one.again]);
  });

  it('are told of when a backend brings its own', async () => {
    const { warned } = await run(`require('${CORE}'); const ours = require.cache[require.resolve('${CORE}')]; ${forget}
      require('@tensorflow/tfjs-backend-cpu'); require.cache[require.resolve('${CORE}')] = ours;`);
    assert.equal(warned.length, 1);
    assert.match(warned[0]!, /and the one that the backend "\S+" uses\./);
  });
});
