/** The accuracy that examples/things/README.md states, measured with the commands that it lists. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { node, root } from './support/child';

const THINGS = 'examples/things';

async function json<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await node(['dist/cli.js', ...args, '--json']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as T;
}

describe('a new last layer for the things', () => {
  let folder: string;
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-things-'))));
  after(() => rm(folder, { recursive: true }));

  it('is as accurate as examples/things/README.md says', async () => {
    const readme = await readFile(join(root, THINGS, 'README.md'), 'utf8');
    assert.match(
      readme,
      /classifies nearly all held-out pictures correctly and\s+most of those in `try`/,
    );
    const model = join(folder, 'model');
    const fineTune = ['fine-tune', `${THINGS}/pictures`, '--validation', '0.25', '--seed', '0'];
    assert.ok(readme.includes('alexnet fine-tune examples/things/pictures -o things-model --val'));
    const { evaluation, on } = await json<{
      on: string;
      evaluation: { top1: number; images: number };
    }>(...fineTune, '-o', model);
    assert.deepEqual([on, evaluation.images], ['validation', 24]);
    assert.ok(evaluation.top1 > 0.95, `${evaluation.top1}, stated: nearly all`);

    const images = (await readdir(join(root, THINGS, 'try'))).filter((name) =>
      name.endsWith('.jpg'),
    );
    const classified = await json<{ file: string; predictions: { label: string }[] }[]>(
      'classify',
      ...['--weights', join(model, 'model.json')],
      ...images.map((name) => `${THINGS}/try/${name}`),
    );
    const right = classified.filter(({ file, predictions }) =>
      file.includes(`/try/${predictions[0]!.label}-`),
    );
    assert.equal(classified.length, images.length);
    assert.ok(right.length > images.length / 2, `${right.length} of ${images.length}`);
  });
});
