/**
 * Files of other frameworks in the worker, as built: picked, as bytes, and at an address of another
 * origin; converted in a thread of their own, as on the page.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { root } from '../../test/support/child';
import { faultServer, faults } from '../../test/support/faultServer.mjs';
import { pagesForTests, workerPages, type Globals } from '../../test/support/workerPage';

const globals = globalThis as unknown as Globals & { other: string }; // of the page
const { onPage, visit } = pagesForTests();
let server: Awaited<ReturnType<typeof faultServer>>;
before(async () => {
  const model = await readFile(join(root, 'test/fixtures/converters/torchvision.pth'));
  server = await faultServer({ '/alexnet.pth': model, '/cut.pth': model.subarray(0, -2000) });
});
after(() => server.close());

describe('a file of another framework in the worker', () => {
  it('makes the same model as on the page, from a File, a Blob and bytes', async () => {
    const [expected, found, size] = await onPage(async () => {
      const { main, worker, picture } = globals;
      const model = await (await fetch('/test/fixtures/converters/torchvision.pth')).arrayBuffer();
      const inputs = [
        new File([model], 'mine.pth'),
        [new File([model], 'mine.pth')],
        new Blob([model]),
        model,
        new Uint8Array(model),
      ];
      const found = [];
      const options = { backend: 'cpu', cache: false } as const;
      const here = await main.load({ weights: inputs[0] as File, ...options });
      const expected = JSON.stringify(await here.classify(picture(1)));
      for (const weights of inputs) {
        const phases = new Set<string>();
        const there = await worker.load({
          ...{ weights, ...options },
          onProgress: ({ phase }) => void phases.add(phase),
        });
        found.push([there.name, JSON.stringify(await there.classify(picture(1))), [...phases][0]]);
        there.dispose();
      }
      return [expected, found, model.byteLength] as const;
    });
    const all = ['mine', 'mine', 'the file', 'the file', 'the file'];
    assert.deepEqual(
      found,
      all.map((name) => [name, expected, 'convert']),
    );
    assert.ok(size > 0, 'the bytes were transferred');
  });

  it('is converted once, and leaves nothing when it is stopped', async () => {
    const found = await onPage(async () => {
      const { worker } = globals;
      const model = await (await fetch('/test/fixtures/converters/torchvision.pth')).blob();
      const stop = new AbortController();
      const kept = async () => (await (await caches.open('alexnet-ts')).keys()).length;
      const stopped = await worker
        .load({
          ...{ weights: model, backend: 'cpu', signal: stop.signal },
          onProgress: ({ loaded, total }) => loaded > total / 2 && stop.abort(new Error('enough')),
        })
        .then(() => 'loaded', String);
      const after = await kept();
      const phases = [];
      for (let i = 0; i < 2; i++) {
        const seen = new Set<string>();
        const onProgress = ({ phase }: { phase: string }) => void seen.add(phase);
        (await worker.load({ weights: model, backend: 'cpu', onProgress })).dispose();
        phases.push(seen.has('convert'));
      }
      return { stopped, after, phases, kept: (await kept()) > 0 };
    });
    assert.deepEqual(found, {
      stopped: 'Error: enough',
      after: 0,
      phases: [true, false],
      kept: true,
    });
  });

  it('has the same errors as on the page', async () => {
    const [here, there] = await onPage(async () => {
      const { main, worker } = globals;
      const model = await (await fetch('/test/fixtures/converters/torchvision.pth')).arrayBuffer();
      const said = async (load: (options: object) => Promise<unknown>) => {
        const all = [];
        for (const weights of [
          new File([model.slice(0, -2000)], 'cut.pth'),
          new File(['neither'], 'photo.jpg'),
          new File([new Uint8Array(model).fill(0, 2000, 9000)], 'zeros.pth'),
        ])
          for (const cache of ['auto', false])
            all.push(
              await load({ weights, cache, backend: 'cpu' }).then(
                () => 'loaded',
                (error: Error) => [error.name, error.message],
              ),
            );
        return all;
      };
      return [await said(main.load), await said(worker.load)];
    });
    assert.deepEqual(there, here);
    for (const [name] of there!) assert.equal(name, 'WeightsError');
  });

  it('may come from another origin that allows it', async () => {
    await visit(async (page) => {
      await page.evaluate(
        `globalThis.globals = globalThis; globalThis.other = '${server.address}'`,
      );
      const { labels, refused, cut, names } = await page.evaluate(async () => {
        const { worker, other } = globals;
        const load = (path: string) =>
          worker.load({ weights: `${other}${path}`, backend: 'cpu', retries: 0 });
        const one = await load('/alexnet.pth');
        const again = await load('/alexnet.pth');
        const error = (path: string) =>
          load(path).then(
            () => 'loaded',
            ({ name, message }: Error) => `${name}: ${message}`,
          );
        return {
          labels: [one.labels.length, again.labels.length],
          cut: await error('/cut.pth'),
          refused: await error('/missing.pth'),
          names: [one.name],
        };
      });
      assert.deepEqual([labels, names], [[5, 5], ['alexnet']]);
      assert.match(cut, /^WeightsError: .*cut\.pth/);
      assert.match(refused, /^WeightsError: .*missing\.pth.*404/s);
      server.fail('/alexnet.pth', faults.noCors!(), faults.noCors!());
      const blocked = await page.evaluate(async () => {
        await caches.delete('alexnet-ts');
        const weights = `${globals.other}/alexnet.pth`;
        return globals.worker.load({ weights, backend: 'cpu', retries: 0 }).then(
          () => 'loaded',
          ({ name, message }: Error) => `${name}: ${message}`,
        );
      });
      assert.match(blocked, /^WeightsError: .*does the server send Access-Control-Allow-Origin\?/s);
    });
  });

  it('names convertThread.js if it does not run', async () => {
    const broken = await workerPages({
      '/dist/convertThread.js': 'throw new Error("another file")',
    });
    try {
      await broken.visit(async (page) => {
        await page.evaluate('globalThis.globals = globalThis');
        const said = await page.evaluate(async () => {
          const model = await (await fetch('/test/fixtures/converters/torchvision.pth')).blob();
          return globals.worker.load({ weights: model, backend: 'cpu' }).then(
            () => 'loaded',
            ({ name, message }: Error) => `${name}: ${message}`,
          );
        });
        assert.match(
          said,
          /^BackendError: load: the converter could not be started \(.*another file\)\. Is convertThread\.js served from the same folder as workerThread\.js/,
        );
      });
    } finally {
      await broken.close();
    }
  });
});
