/** Tests of the page "How fast is your device?" in a browser. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery, shoot } from '../testing/gallery';

const PHASES = ['start', 'fetch', 'decode', 'upload', 'compile', 'first prediction'];

/** Selects only these backends and runs the benchmark. */
async function measure(page: Page, ...names: RegExp[]) {
  const labels = page.locator('#cases label');
  await labels.nth(4).waitFor();
  for (const label of await labels.all()) {
    const text = (await label.textContent())!;
    await label.locator('input').setChecked(names.some((name) => name.test(text)));
  }
  await page.click('#run');
}
const done = (page: Page) => page.locator('#run:enabled').waitFor();
const cells = (page: Page, name: string) =>
  page.locator('tbody tr').filter({ hasText: name }).locator('th, td').allInnerTexts();

describe('backends', () => {
  const { inPage } = gallery();

  it('measures WASM with and without threads, names the choice of auto, and copies the table', async () => {
    await inPage(
      'backends/',
      async (page) => {
        await page.locator('#machine').filter({ hasText: 'WebGL' }).waitFor();
        assert.match(
          (await page.textContent('#machine'))!,
          /: \d+ cores?, .*WebGL: .*SwiftShader.*, \S.* on Linux\.$/,
        );
        await measure(page, /WASM/, /WebGPU/);
        await page.locator('#status').filter({ hasText: 'WASM, one thread: picture' }).waitFor();
        await done(page);
        const said = (await page.textContent('#status'))!;
        assert.match(
          said,
          /^Fastest: WASM, \w+ threads?, \d+ ms per picture\. “auto” selects WASM\. It skips WebGL: its renderer is software/,
        );
        const [name, picture, coldStart, memory] = await cells(page, 'WASM, one thread');
        assert.match(name!, /selected by “auto”/);
        const [, milliseconds, times] = picture!.match(/^(\d+) ms\s+median of (\d+)$/)!;
        assert.ok(Number(milliseconds) > 5 && Number(times) >= 3, picture);
        const seconds = Number(coldStart!.match(/^([\d.]+) s/)![1]);
        const parts = PHASES.map((phase) =>
          Number(coldStart!.match(new RegExp(`${phase} ([\\d.]+)`))![1]),
        );
        assert.ok(
          seconds > 0 && Math.abs(parts.reduce((sum, part) => sum + part) - seconds) < 0.04,
          coldStart,
        );
        assert.ok(
          [0, 2, 4, 5].every((i) => parts[i]! > 0),
          coldStart,
        ); // fetch may take no time, and WASM uploads while it decodes
        const widths = await page
          .locator('.parts span')
          .evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect().width));
        assert.equal(widths.length % 6, 0);
        assert.ok(widths[4]! > 2, String(widths));
        assert.ok(Number(memory!.match(/^(\d+) MB\s+WASM heap$/)![1]) > 20, memory);
        assert.match(
          (await cells(page, 'threads'))[1]!,
          /^(\d+ ms\s+median of|This machine has one core\.)/,
        );
        assert.match(
          (await cells(page, 'WebGPU'))[1]!,
          /^This browser has (no WebGPU\.|WebGPU, but no GPU is available)/,
        );
        await shoot(page, 'backends');

        await page.click('#copy');
        await page
          .locator('#status')
          .filter({ hasText: 'Table copied to the clipboard.' })
          .waitFor();
        const lines = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
        assert.match(
          lines[0]!,
          /^\| backend \| per picture, ms \| cold start, ms \| start \| .*\| first prediction \| memory \|$/,
        );
        assert.match(lines[1]!, /^\| --- (\| --: ){9}\|$/);
        assert.match(lines[2]!, /^\| WASM, one thread (\| [\d.]+ ){8}\| \d+ MB, WASM heap \|$/);
        assert.match(lines[4]!, /^\| WebGPU \| – \| This browser has /);
        assert.match(lines.at(-1)!, /^alexnet-ts on \d+ cores?, .*SwiftShader.* on Linux\.$/);
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    );
  });

  it('can be canceled, and copies without the Clipboard API', async () => {
    await inPage('backends/', async (page) => {
      await measure(page, /WASM, one thread/, /CPU/);
      await page
        .locator('#status')
        .filter({ hasText: /^CPU, plain JavaScript: compile/ })
        .waitFor();
      await page.click('#cancel');
      await page
        .locator('#status')
        .filter({ hasText: 'Canceled. Earlier results are kept.' })
        .waitFor();
      assert.match((await cells(page, 'WASM, one thread'))[1]!, /^\d+ ms/);
      assert.equal((await cells(page, 'CPU'))[1], 'Canceled.');
      assert.equal(await page.locator('#cancel').isDisabled(), true);

      await page.evaluate(() => {
        navigator.clipboard.writeText = () =>
          Promise.reject(new DOMException('no', 'NotAllowedError'));
        document.addEventListener(
          'copy',
          () =>
            (document.title =
              getSelection()!.toString() || (document.activeElement as HTMLTextAreaElement).value),
        );
      });
      await page.click('#copy');
      await page.locator('#status').filter({ hasText: 'Table copied to the clipboard.' }).waitFor();
      assert.match(await page.title(), /^\| backend \|/);
      await page.evaluate(() => (document.execCommand = () => false));
      await page.click('#copy');
      await page
        .locator('#status')
        .filter({ hasText: 'The browser does not let pages write to the clipboard.' })
        .waitFor();
      assert.match(
        await page.inputValue('#markdown'),
        /\| CPU, plain JavaScript \| – \| Canceled\. \|/,
      );
      await measure(page);
      await page.locator('#status').filter({ hasText: 'No backend is selected.' }).waitFor();
    });
  });

  it('measures the memory of the worker where the browser supports it', async () => {
    await inPage('backends/', async (page) => {
      // As a string: the test bundler adds calls to helpers that the page does not have.
      await page.addInitScript(`
        const entry = (bytes, scope) => ({ bytes, attribution: [{ scope }] });
        const breakdown = [entry(7e8, 'DedicatedWorkerGlobalScope'), entry(1e6, 'Window'), entry(1e6, 'DedicatedWorkerGlobalScope')];
        let asked = 0;
        performance.measureUserAgentSpecificMemory = async () => {
          if (asked++) throw new DOMException('not available', 'SecurityError');
          return { breakdown };
        };
      `);
      await page.reload();
      await page.check('#worker-memory');
      await measure(page, /WASM, one thread/);
      await done(page);
      assert.match(
        (await cells(page, 'WASM, one thread'))[3]!,
        /^\d+ MB\s+WASM heap\s+701 MB\s+whole worker$/,
      );
      await page.click('#run');
      await done(page);
      assert.match(
        (await cells(page, 'WASM, one thread'))[3]!,
        /^\d+ MB\s+WASM heap\s+whole worker: not reported$/,
      );
    });
  });
});

describe('backends, without WebGL and isolation', () => {
  const { inPage } = gallery({
    args: ['--disable-gpu', '--disable-software-rasterizer'],
    bare: true,
  });

  it('shows why a backend is not available', async () => {
    await inPage('backends/', async (page) => {
      await page.locator('#machine').filter({ hasText: ', no WebGL, ' }).waitFor();
      await measure(page, /WebGL/, /several threads/);
      await done(page);
      assert.equal((await cells(page, 'WebGL'))[1], 'Not available: this browser offers no WebGL.');
      assert.match(
        (await cells(page, 'several threads'))[1]!,
        /^(Threads require cross-origin isolation|This machine has one core\.)/,
      );
      assert.match(
        (await page.textContent('#status'))!,
        /^No backend could be measured\. “auto” selects WASM\. It skips WebGL: no WebGL\.$/,
      );
    });
  });
});
