/** The page "Backends", used as a person would. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery, shoot } from '../testing/gallery';

const PHASES = ['start', 'fetch', 'decode', 'upload', 'compile', 'first answer'];

/** Leaves only these ticked, and presses the button. */
async function measure(page: Page, ...names: RegExp[]) {
  const labels = page.locator('#contenders label');
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

  it('measures WASM with and without threads, says what auto takes, and copies the table', async () => {
    await inPage(
      'backends/',
      async (page) => {
        assert.match(
          (await page.textContent('#machine'))!,
          /: \d+ cores?, .*WebGL by .*SwiftShader.*, \S.* on Linux\.$/,
        );
        await measure(page, /WASM/, /WebGPU/);
        await page.locator('#status').filter({ hasText: 'WASM, one thread: picture' }).waitFor();
        await done(page);
        const said = (await page.textContent('#status'))!;
        assert.match(
          said,
          /^Fastest here: WASM, \w+ threads?, \d+ ms a picture\. “auto” takes WASM\. It passes over WebGL: its renderer is software/,
        );
        const [name, picture, coldStart, memory] = await cells(page, 'WASM, one thread');
        assert.match(name!, /“auto” takes this/);
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
        ); // the cache may give the weights in no time, and on WASM they are put where they are needed as they are decoded
        const widths = await page
          .locator('.parts span')
          .evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect().width));
        assert.equal(widths.length % 6, 0);
        assert.ok(widths[4]! > 2, String(widths));
        assert.ok(Number(memory!.match(/^(\d+) MB\s+WASM heap$/)![1]) > 60, memory); // the network's own is 55
        assert.match(
          (await cells(page, 'threads'))[1]!,
          /^(\d+ ms\s+median of|This machine has one core\.)/,
        );
        assert.match(
          (await cells(page, 'WebGPU'))[1]!,
          /^This browser has (no WebGPU\.|WebGPU, but no GPU)/,
        );
        await shoot(page, 'backends');

        await page.click('#copy');
        await page
          .locator('#status')
          .filter({ hasText: 'The table is in the clipboard.' })
          .waitFor();
        const lines = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
        assert.match(
          lines[0]!,
          /^\| backend \| a picture, ms \| cold start, ms \| start \| .*\| first answer \| memory \|$/,
        );
        assert.match(lines[1]!, /^\| --- (\| --: ){9}\|$/);
        assert.match(lines[2]!, /^\| WASM, one thread (\| [\d.]+ ){8}\| \d+ MB, WASM heap \|$/);
        assert.match(lines[4]!, /^\| WebGPU \| – \| This browser has /);
        assert.match(lines.at(-1)!, /^alexnet-ts on \d+ cores?, .*SwiftShader.* on Linux\.$/);
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    );
  });

  it('is cancelled, and copies in the old way where the new one is denied', async () => {
    await inPage('backends/', async (page) => {
      await measure(page, /WASM, one thread/, /CPU/);
      await page
        .locator('#status')
        .filter({ hasText: /^CPU, plain JavaScript: compile/ })
        .waitFor();
      await page.click('#cancel');
      await page
        .locator('#status')
        .filter({ hasText: 'Cancelled. What was measured before stays.' })
        .waitFor();
      assert.match((await cells(page, 'WASM, one thread'))[1]!, /^\d+ ms/);
      assert.equal((await cells(page, 'CPU'))[1], 'Cancelled.');
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
      await page.locator('#status').filter({ hasText: 'The table is in the clipboard.' }).waitFor();
      assert.match(await page.title(), /^\| backend \|/);
      await page.evaluate(() => (document.execCommand = () => false));
      await page.click('#copy');
      await page
        .locator('#status')
        .filter({ hasText: 'The browser lets no page write to the clipboard.' })
        .waitFor();
      assert.match(
        await page.inputValue('#markdown'),
        /\| CPU, plain JavaScript \| – \| Cancelled\. \|/,
      );
      await measure(page);
      await page.locator('#status').filter({ hasText: 'Nothing is chosen.' }).waitFor();
    });
  });

  it('has the browser count a worker’s memory where it can, and goes on where it cannot after all', async () => {
    await inPage('backends/', async (page) => {
      // As a string: what bundles the tests puts calls into functions that the page does not know.
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
      await page.check('#weigh');
      await measure(page, /WASM, one thread/);
      await done(page);
      assert.match(
        (await cells(page, 'WASM, one thread'))[3]!,
        /^\d+ MB\s+WASM heap\s+701 MB\s+the whole worker$/,
      );
      await page.click('#run');
      await done(page);
      assert.match(
        (await cells(page, 'WASM, one thread'))[3]!,
        /^\d+ MB\s+WASM heap\s+the browser tells no more$/,
      );
    });
  });
});

describe('backends, without WebGL and isolation', () => {
  const { inPage } = gallery({
    args: ['--disable-gpu', '--disable-software-rasterizer'],
    bare: true,
  });

  it('tells in a row what cannot be, and why', async () => {
    await inPage('backends/', async (page) => {
      assert.match((await page.textContent('#machine'))!, /, no WebGL, /);
      await measure(page, /WebGL/, /several threads/);
      await done(page);
      assert.equal(
        (await cells(page, 'WebGL'))[1],
        'It cannot be used here: this browser offers no WebGL.',
      );
      assert.match(
        (await cells(page, 'several threads'))[1]!,
        /^(Threads need a page that is cross-origin isolated|This machine has one core\.)/,
      );
      assert.match(
        (await page.textContent('#status'))!,
        /^None of these could be measured\. “auto” takes WASM\. It passes over WebGL: no WebGL\.$/,
      );
    });
  });
});
