import { it } from 'node:test'; import assert from 'node:assert'; import { ShapeError } from '../errors';
it('works', () => assert.equal(new ShapeError('x').name, 'ShapeError'));
it.skip('later', () => {});
