/**
 * Figure 1 of the paper, as a test of everything together: layers, gradients, update rule, loop.
 * The numbers are those of examples/figure1.mjs.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { printed } from '../../test/support/child';

it('ReLU reaches 25 % training error in less than half the epochs of tanh', async () => {
  const program = `
    import { epochsTo25 } from './examples/figure1.mjs';
    const withRelu = await epochsTo25('relu', { learningRate: 0.0003, epochs: 25 });
    const withTanh = await epochsTo25('tanh', { learningRate: 0.0003, epochs: 2 * withRelu.epochs });
    console.log(JSON.stringify([withRelu, withTanh]));`;
  const [relu, tanh] = (await printed(program)) as { epochs: number | null; errors: number[] }[];
  assert.ok(relu!.epochs !== null && relu!.epochs <= 20, `ReLU: ${relu!.errors.join(' ')}`);
  assert.equal(tanh!.epochs, null, `tanh: ${tanh!.errors.join(' ')}`);
  assert.ok(tanh!.errors.at(-1)! < 0.7, 'tanh learns, too');
});
