/** Tests of the article while the network is loading, and when it cannot be loaded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery } from '../testing/gallery';
import { SECTIONS } from './sections.mjs';

const best = (page: Page, label: string) =>
  page.locator('#predictions li:first-child', { hasText: label }).waitFor();

describe('the article without the network', () => {
  const { inPage } = gallery();

  it('is readable before any weight has arrived, and does not move when they do', async () => {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    await inPage(
      '',
      async (page) => {
        await page.locator('#status', { hasText: 'Downloading' }).waitFor();
        for (const { id } of SECTIONS) {
          assert.equal(await page.locator(`#${id} h2`).isVisible(), true, id);
          const text = page.locator(`#${id} .text`).first();
          assert.ok((await text.innerText()).length > 100, `${id} has text`);
        }
        release();
        await best(page, 'school bus');
        const shift = await page.evaluate(
          () =>
            new Promise<number>((resolve) => {
              type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean };
              new PerformanceObserver((list) =>
                resolve((list.getEntries() as Shift[]).reduce((sum, { value }) => sum + value, 0)),
              ).observe({ type: 'layout-shift', buffered: true });
              setTimeout(() => resolve(0), 1000);
            }),
        );
        assert.ok(shift < 0.1, `the content moved by ${shift}`);
      },
      {
        reducedMotion: 'reduce',
        prepare: (context) =>
          context.route('**/*.gz', async (route) => {
            await released;
            await route.continue();
          }),
      },
    );
  });

  it('waits for a click if the browser is set to save data', async () => {
    const shards = new Set<string>();
    await inPage(
      '',
      async (page) => {
        await page
          .locator('#status', {
            hasText: /set to save data\. The figures need the network, \d+\.\d MB\./,
          })
          .waitFor();
        await page.waitForTimeout(500);
        assert.equal(shards.size, 0);
        await page.click('text=Download it');
        await best(page, 'school bus');
        assert.ok(shards.size > 0);
      },
      {
        prepare: async (context) => {
          context.on(
            'request',
            (request) => request.url().endsWith('.gz') && shards.add(request.url()),
          );
          await context.addInitScript(() =>
            Object.defineProperty(navigator, 'connection', { value: { saveData: true } }),
          );
        },
      },
    );
  });

  it('says what to do offline, and retries', async () => {
    await inPage(
      '',
      async (page) => {
        await page
          .locator('#status', {
            hasText: /^You are offline; this page needs to download \d+\.\d MB once\./,
          })
          .waitFor();
        assert.equal(await page.locator('#convolution .text').isVisible(), true);
        await page.context().unroute('**/*.gz');
        await page.evaluate(() => Object.defineProperty(navigator, 'onLine', { value: true }));
        await page.click('#status button');
        await best(page, 'school bus');
      },
      {
        expected: /Failed to load resource/,
        prepare: async (context) => {
          await context.route('**/*.gz', (route) => route.abort());
          await context.addInitScript(() =>
            Object.defineProperty(navigator, 'onLine', { value: false, configurable: true }),
          );
        },
      },
    );
  });

  it('can be read without its scripts', async () => {
    await inPage(
      '',
      async (page) => {
        for (const { id } of SECTIONS)
          assert.equal(await page.locator(`#${id} h2`).isVisible(), true, id);
        assert.match(await page.content(), /<noscript>\s*<p class="note">The figures/);
        assert.equal(await page.locator('.still').isVisible(), true);
      },
      {
        expected: /Failed to load resource/,
        prepare: (context) => context.route('**/*.js', (route) => route.abort()),
      },
    );
  });
});
