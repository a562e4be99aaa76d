/**
 * Saves to folders on disk with the built package: round trips, replaced sets, and failed writes.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { OptionsError, WeightsError, create, load, remove, saved, type Model } from 'alexnet-ts';
import { conv2d, dense, flatten, relu, sequential } from 'alexnet-ts/layers';
import { BLUE, GREEN, RED, flat } from '../../../test/support/files';

let folder: string;
let base: Model;
let pictures: Record<'red' | 'blue', Buffer[]>;

const at = (...parts: string[]) => join(folder, ...parts);
const png = (color: readonly [number, number, number], side: number) =>
  flat(color, side).png().toBuffer();
const network = () =>
  sequential(
    {
      conv1: conv2d({ filters: 4, size: 3 }),
      relu1: relu(),
      flatten: flatten(),
      fc: dense({ units: 3 }),
    },
    { inputShape: [8, 8, 3] },
  );
const tune = (model: Model, seed = 0) =>
  model.fineTune(pictures, { epochs: 2, augment: false, seed });
const problems = (work: Promise<unknown>) =>
  work.then(
    () => assert.fail('it was not refused'),
    (error: Error) => (assert.ok(error instanceof WeightsError, String(error)), error.problems),
  );

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-ts-save-'));
  pictures = {
    red: await Promise.all([8, 9, 10].map((side) => png(RED, side))),
    blue: await Promise.all([8, 9, 10].map((side) => png(BLUE, side))),
  };
  const preprocessing = { resize: 8, crop: 8, inputSize: 8, mean: [0, 0, 0] as const };
  const made = await create(network(), {
    labels: ['a', 'b', 'c'],
    seed: 1,
    preprocessing,
    backend: 'cpu',
  });
  await made.save(at('base'));
  made.dispose();
  base = await load({ weights: at('base/model.json'), backend: 'cpu' });
});
after(async () => {
  base.dispose();
  await rm(folder, { recursive: true });
});

describe('model.save in Node', () => {
  it('writes a folder that load() reads by path, file: URL and model.json, and creates parent folders', async () => {
    const tuned = await tune(base);
    const expected = await tuned.classify(pictures.red);
    for (const where of [
      at('new/deep/pets'),
      pathToFileURL(at('by-url')),
      pathToFileURL(at('with-slash/')).href,
      at('named/model.json'),
    ]) {
      const { layers, bytes, base: under } = await tuned.save(where);
      assert.deepEqual([layers, bytes, under?.name], [['fc'], (144 * 2 + 2) * 4, 'created']);
      const path = String(where).startsWith('file:')
        ? new URL(String(where)).pathname
        : String(where);
      const manifest = path.endsWith('model.json') ? path : join(path, 'model.json');
      const again = await load({ weights: manifest, base: at('base/model.json'), backend: 'cpu' });
      assert.deepEqual(await again.classify(pictures.red), expected);
      assert.deepEqual(again.labels, ['red', 'blue']);
      assert.ok(again.isTuned());
      assert.deepEqual(again.history, tuned.history);
      again.dispose();
    }
    tuned.dispose();
  });

  it('replaces an earlier set, and leaves none of its files and no temporary files', async () => {
    const place = at('twice');
    await mkdir(place);
    await writeFile(join(place, 'notes.txt'), "the user's own");
    for (const seed of [0, 1]) {
      const tuned = await tune(base, seed);
      await tuned.save(place, seed === 0 ? { whole: true } : {});
      tuned.dispose();
    }
    const files = (await readdir(place)).sort();
    assert.equal(files.length, 3);
    assert.deepEqual([files[0], files[1]], ['model.json', 'notes.txt']);
    assert.match(files[2]!, /^shard-01-of-01-[0-9a-f]{8}\.bin$/);
    assert.equal(
      (
        JSON.parse(await readFile(join(place, 'model.json'), 'utf8')) as {
          shards: { path: string }[];
        }
      ).shards[0]!.path,
      files[2],
    );
  });

  it('keeps the earlier set when writing fails', async () => {
    const place = at('kept');
    const first = await tune(base);
    await first.save(place);
    const before = (await readdir(place)).sort();
    const expected = await first.classify(pictures.blue);
    const second = await first.fineTune(
      { x: [await png(GREEN, 8)], y: [await png(RED, 9)] },
      { epochs: 1, augment: false },
    );
    const lock = join(place, '.alexnet-ts.lock');
    await mkdir(lock); // so that no file can be moved into place
    const [problem] = await problems(second.save(place));
    assert.match(problem!, /^cannot be written to \(.+\)\. Existing files are unchanged\./);
    await rm(lock, { recursive: true });
    assert.deepEqual((await readdir(place)).sort(), before);
    const again = await load({ weights: join(place, 'model.json'), base, backend: 'cpu' });
    assert.deepEqual(await again.classify(pictures.blue), expected);
    for (const model of [again, first, second]) model.dispose();
  });

  it('rejects an invalid target with the reason', async () => {
    const tuned = await tune(base);
    await writeFile(at('a-file'), '');
    assert.match((await problems(tuned.save(at('a-file'))))[0]!, /^cannot be written to/);
    assert.match(
      (await problems(tuned.save('indexeddb://pets')))[0]!,
      /^there is no IndexedDB here: it is for browsers\. In Node, pass a path such as/,
    );
    await assert.rejects(
      tuned.save('downloads://pets'),
      (error) =>
        error instanceof OptionsError &&
        /works in pages only\. In Node pass a path/.test(error.message),
    );
    assert.deepEqual(await saved(), []);
    assert.match((await problems(remove('indexeddb://pets')))[0]!, /^there is no IndexedDB here/);
    tuned.dispose();
  });

  it('names a missing base', async () => {
    const tuned = await tune(base);
    await tuned.save(at('alone'));
    const [problem] = await problems(load({ weights: at('alone/model.json'), backend: 'cpu' }));
    assert.match(
      problem!,
      /^contains only fc and needs the base "created" \(SHA-256 \w{12}…\), but the shipped set is "imagenet-293"/,
    );
    tuned.dispose();
  });

  it('says where the former shipped set is, for a model that was trained on it', async () => {
    const tuned = await tune(base);
    await tuned.save(at('former'));
    tuned.dispose();
    const manifest = JSON.parse(await readFile(at('former/model.json'), 'utf8')) as {
      base: { name: string };
    };
    manifest.base.name = 'tiny-imagenet-200';
    await writeFile(at('former/model.json'), JSON.stringify(manifest));
    const [problem] = await problems(load({ weights: at('former/model.json'), backend: 'cpu' }));
    assert.match(
      problem!,
      /needs the base "tiny-imagenet-200" .+ Pass that set as load\(\{ base \}\), .+ Earlier versions of alexnet-ts have it as weights\/tiny-imagenet-200: keep that folder\.$/,
    );
    const loaded = await load({ weights: at('former/model.json'), base, backend: 'cpu' });
    assert.deepEqual(loaded.labels, tuned.labels);
    loaded.dispose();
  });
});
