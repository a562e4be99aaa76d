/** Saves and loads tuned models with every target that a browser offers. */
import { io } from '@tensorflow/tfjs-core';
import { OptionsError, WeightsError } from '../../errors';
import { load } from '../../model/load';
import type { Model } from '../../model/model';
import { tensorCount } from '../../../test/support/backends';
import { answers, tinyTuned, type Tuned } from '../../../test/support/tunedModel';
import { flipBit, pickedFiles, problemsOf, tinySet } from '../../../test/support/tinySet';
import { readWithBase } from '../read/base';
import { remove, saved } from './browserModels';
import { noCache } from '../read/cache';
import type { CheckedManifest } from '../format/manifest';
import { readManifest } from '../read/read';
import { setHash } from '../format/tuning';
import { weightSource, type WeightsInput } from '../read/source';
import type { BaseReference } from '../format/tuning';

const PLACE = 'indexeddb://save-test';

describe('model.save', () => {
  let made: Tuned;
  const loaded: Model[] = [];
  const open = async (options: Parameters<typeof load>[0]) => {
    const model = await load({ backend: 'cpu', ...options });
    loaded.push(model);
    return model;
  };

  beforeAll(async () => {
    made = await tinyTuned();
  });
  afterAll(() => made.dispose());
  afterEach(async () => {
    for (const model of loaded.splice(0)) model.dispose();
    for (const { where } of await saved()) await remove(where);
  });

  /** Everything that a round trip keeps. */
  async function expectTheSame(model: Model): Promise<void> {
    expect(await answers(model)).toEqual(await answers(made.tuned));
    expect(model.labels).toEqual(['yes', 'no']);
    expect(model.preprocessing).toEqual(made.tuned.preprocessing);
    expect(model.origin).toEqual(made.tuned.origin);
    expect(model.net.toJSON()).toEqual(made.tuned.net.toJSON());
    if (!model.isTuned()) return fail('it does not know that it was tuned');
    expect(model.history).toEqual(made.tuned.history);
    expect(model.history.length).toBe(2);
  }

  it("stores only the head in 'indexeddb://…', and loads the rest from its base", async () => {
    const result = await made.tuned.save(PLACE);
    const hash = await setHash(made.set.manifest);
    expect(result).toEqual({
      bytes: (8 * 6 * 6 * 2 + 2) * 4,
      layers: ['fc2'],
      base: { name: 'tiny', hash },
    });
    await expectTheSame(await open({ weights: PLACE, base: pickedFiles(made.set) }));
  });

  it('streams a tensor of the base only if the head does not replace it', async () => {
    await made.tuned.save(PLACE);
    const source = weightSource(PLACE);
    const manifest = (await readManifest(source)) as CheckedManifest & { base: BaseReference };
    const asked: string[] = [];
    const options = {
      cache: noCache(),
      sinkFor: ({ name }: { name: string }) => void asked.push(name) as undefined,
    };
    await readWithBase({ source, manifest }, pickedFiles(made.set), options, () => {});
    expect(asked).toEqual(['conv1/kernel', 'conv1/bias', 'fc2/kernel', 'fc2/bias']); // the base has fc2 too
  });

  it("downloads one zip with 'downloads://…', which load() reads", async () => {
    const links: { name: string; href: string }[] = [];
    spyOn(HTMLAnchorElement.prototype, 'click').and.callFake(function (this: HTMLAnchorElement) {
      links.push({ name: this.download, href: this.href });
    });
    await made.tuned.save('downloads://pets');
    expect(links.map(({ name }) => name)).toEqual(['pets.zip']);
    const blob = await (await fetch(links[0]!.href)).blob();
    const file = new File([blob], 'pets (1).zip');
    for (const weights of [file, blob, [file]])
      await expectTheSame(await open({ weights, base: pickedFiles(made.set) }));
  });

  it('saves with an IO handler, and loads with it', async () => {
    let artifacts: io.ModelArtifacts | undefined;
    const keeper: io.IOHandler = {
      async save(given) {
        artifacts = given;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      },
    };
    await made.tuned.save(keeper);
    await expectTheSame(
      await open({ weights: io.fromMemory(artifacts!), base: pickedFiles(made.set) }),
    );
    await made.tuned.save('localstorage://save-test');
    await expectTheSame(
      await open({ weights: 'localstorage://save-test', base: pickedFiles(made.set) }),
    );
    await io.removeModel('localstorage://save-test');
  });

  it('stores every layer with `whole`, and then needs no base', async () => {
    const result = await made.tuned.save(PLACE, { whole: true });
    expect(result.layers).toEqual(['conv1', 'fc2']);
    expect(result.base).toBeUndefined();
    await expectTheSame(await open({ weights: PLACE }));
  });

  it('stores every layer of a model that has trained all of them, or none', async () => {
    const all = await tinyTuned({ train: 'all' });
    try {
      expect((await all.tuned.save(PLACE)).layers).toEqual(['conv1', 'fc2']);
      expect(await answers(await open({ weights: PLACE }))).toEqual(await answers(all.tuned));
    } finally {
      all.dispose();
    }
    await made.base.save(PLACE);
    const again = await open({ weights: PLACE });
    expect(again.isTuned()).toBeFalse();
    expect(await answers(again)).toEqual(await answers(made.base));
  });

  it('stores the types that `as` requests', async () => {
    const { bytes } = await made.tuned.save(PLACE, { as: 'float16' });
    expect(bytes).toBe(8 * 6 * 6 * 2 * 2 + 2 * 4);
    const [exact, halved] = [
      await answers(made.tuned),
      await answers(await open({ weights: PLACE, base: pickedFiles(made.set) })),
    ];
    expect(halved).not.toEqual(exact);
    expect(halved[0]![2] as number).toBeCloseTo(exact[0]![2] as number, 3);
  });

  it('shares the weights of a model that is passed as base, which may be disposed afterwards', async () => {
    await made.tuned.save(PLACE);
    const base = await load({ weights: pickedFiles(made.set), backend: 'cpu' });
    const before = tensorCount();
    const pets = await open({ weights: PLACE, base });
    expect(tensorCount() - before).toBe(2); // fc2's kernel and bias
    base.dispose();
    await expectTheSame(pets);
    await expectAsync(
      open({ weights: PLACE, base: made.base, backend: 'wasm' }),
    ).toBeRejectedWithError(
      OptionsError,
      /backend must be 'cpu', that of the model passed as base/,
    );
  });

  it('tunes a loaded model further, and saves it with the same base', async () => {
    await made.tuned.save(PLACE);
    const pets = await open({ weights: PLACE, base: pickedFiles(made.set) });
    const fewer = await pets.fineTune(
      { a: [new ImageData(20, 20)], b: [new ImageData(30, 20)] },
      { epochs: 1 },
    );
    loaded.push(fewer);
    const { layers, base } = await fewer.save(PLACE);
    expect([layers, base?.name]).toEqual([['fc2'], 'tiny']);
    expect((await open({ weights: PLACE, base: made.base })).labels).toEqual(['a', 'b']);
  });

  it('keeps the origin of a model that was loaded without its base', async () => {
    await made.tuned.save(PLACE, { whole: true });
    const pets = await open({ weights: PLACE });
    expect((await pets.save(PLACE)).base?.hash).toBe(await setHash(made.set.manifest)); // unchanged
  });

  it('names a missing base, and fetches none of its shards', async () => {
    await made.tuned.save(PLACE);
    const hash = (await setHash(made.set.manifest)).slice(0, 12);
    const needs = `contains only fc2 and needs the base "tiny" (SHA-256 ${hash}…), but `;
    const advice = 'Pass that set as load({ base }), or save the model with { whole: true }.';
    const refused = (base?: WeightsInput | Model) =>
      problemsOf(load({ weights: PLACE, backend: 'cpu', ...(base ? { base } : {}) }));

    const [shipped] = await refused();
    expect(shipped).toMatch(
      /but the shipped set is "imagenet-293" \(SHA-256 [0-9a-f]{12}…\)\. Pass that set as load/,
    );
    expect(shipped!.startsWith(needs)).toBeTrue();
    const other = await tinySet({ seed: 'other' });
    const otherHash = (await setHash(other.manifest)).slice(0, 12);
    expect(await refused(pickedFiles(other))).toEqual([
      `${needs}the one given is "tiny" (SHA-256 ${otherHash}…). ${advice}`,
    ]);
    expect((await refused('https://nowhere.test/model.json'))[0]).toMatch(
      /but the one given cannot be read \(https:\/\/nowhere.+\)\. Pass that set as load/,
    );
    const stranger = await load({ weights: pickedFiles(other), backend: 'cpu' });
    loaded.push(stranger);
    expect((await refused(stranger))[0]).toMatch(/but the model given is of "tiny"/);
    const trained = await tinyTuned({ train: 'all', set: made.set });
    expect((await refused(trained.tuned))[0]).toMatch(
      /but the model given has trained its conv1 since\. Pass/,
    );
    trained.dispose();
  });

  it('leaks no tensor when the base is rejected', async () => {
    await made.tuned.save(PLACE);
    const before = tensorCount();
    const broken = pickedFiles(made.set).map((file, i) =>
      i === 2 ? new File(['short'], file.name) : file,
    );
    expect((await problemsOf(load({ weights: PLACE, base: broken, backend: 'cpu' })))[0]).toMatch(
      /is cut short/,
    );
    expect(tensorCount()).toBe(before);
  });

  it('reports the bytes of both sets as progress', async () => {
    await made.tuned.save(PLACE);
    const reported: { phase: string; loaded: number; total: number }[] = [];
    await open({
      weights: PLACE,
      base: pickedFiles(made.set),
      onProgress: (progress) => reported.push(progress),
    });
    for (const phase of ['fetch', 'verify', 'decode', 'upload']) {
      const own = reported.filter((entry) => entry.phase === phase);
      expect(new Set(own.map(({ total }) => total)).size).toBe(1);
      expect(own.map(({ loaded: at }) => at)).toEqual(
        own.map(({ loaded: at }) => at).sort((a, b) => a - b),
      );
      expect(own.at(-1)!.loaded).toBe(own[0]!.total);
    }
  });

  it('rejects invalid targets and options before it computes', async () => {
    const refuse = async (where: never, text: RegExp, options = {}) =>
      expectAsync(made.tuned.save(where, options)).toBeRejectedWithError(OptionsError, text);
    await refuse('indexeddb://' as never, /must be 'indexeddb:\/\/' and a name/);
    await refuse('downloads://a/b' as never, /without slashes/);
    await refuse(
      'https://example.test/' as never,
      /save: the target must be 'indexeddb:\/\/name', .+ got "https:\/\/example\.test\/"/,
    );
    await refuse({ load: async () => ({}) } as never, /this IO handler can only load/);
    await refuse('models/pets' as never, /models\/pets is a path, which only Node can write to/);
    await refuse(PLACE as never, /whole must be true or false, got 1/, { whole: 1 });
    await refuse(PLACE as never, /as must be 'float32', 'float16' or 'uint8', got "int4"/, {
      as: 'int4',
    });
    const reason = new Error('enough');
    await expectAsync(
      made.tuned.save(PLACE, { signal: AbortSignal.abort(reason) }),
    ).toBeRejectedWith(reason);
    expect(await saved()).toEqual([]);
  });

  it('rejects a zip that is broken, altered or contains no set', async () => {
    const { zipSet } = await import('./browserDownload');
    const zip = new Uint8Array(await (await zipSet(made.set)).arrayBuffer());
    const refused = (bytes: Uint8Array) =>
      problemsOf(
        load({ weights: new File([bytes as Uint8Array<ArrayBuffer>], 'pets.zip'), backend: 'cpu' }),
      );
    expect((await refused(zip.slice(0, 2000)))[0]).toMatch(/^must be a complete zip file/);
    expect((await refused(flipBit(zip, zip.length - 1500))).join()).toMatch(/SHA-256 must be/);
    const { zipSync } = await import('fflate');
    expect((await refused(zipSync({ 'notes.txt': Uint8Array.of(1) })))[0]).toMatch(
      /^must hold one model\.json .+ got 0\./,
    );
  });

  it('disposes all tensors', async () => {
    const before = tensorCount();
    await made.tuned.save(PLACE);
    await expectAsync(
      made.tuned.save({ save: () => Promise.reject(new Error('no room')) }),
    ).toBeRejectedWithError(WeightsError, /no room/);
    expect(tensorCount()).toBe(before);
  });
});
