/** Tests of what all pages share: index, source tabs, hosting under a path, and offline use. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readExamples } from './readExamples.mjs';
import { gallery, shootParts } from '../testing/gallery';

const examples = await readExamples();

describe('the index', () => {
  const { inPage } = gallery();

  it('has a card for each example that links to it', async () => {
    await inPage(
      '',
      async (page) => {
        const cards = page.locator('.cards a');
        assert.equal(await cards.count(), examples.length);
        for (const [i, { title, description }] of examples.entries()) {
          assert.equal(await cards.nth(i).locator('strong').textContent(), title);
          assert.equal(await cards.nth(i).locator('.description').textContent(), description);
        }
        for (const image of await page.locator('.cards img').all()) {
          await image.scrollIntoViewIfNeeded();
          assert.ok(
            await image.evaluate((each: HTMLImageElement) =>
              each.decode().then(() => each.naturalWidth > 0),
            ),
          );
        }
        await shootParts(page, 'index', ['tools']);
        await cards.first().click();
        await page.locator('h1', { hasText: examples[0]!.title }).waitFor();
      },
      { reducedMotion: 'reduce' }, // the article's race does not start by itself
    );
  });

  it('shows the source of a page in tabs with keyboard support', async () => {
    await inPage('classify/', async (page) => {
      await page.click('.source summary');
      await page.locator('[role=tab]').first().focus();
      await page.keyboard.press('ArrowRight');
      assert.equal(
        await page.locator('[role=tab][aria-selected=true]').textContent(),
        'index.html',
      );
      assert.match(
        (await page.locator('[role=tabpanel]:visible').textContent())!,
        /id="predictions"/,
      );
      await page.keyboard.press('ArrowLeft');
      assert.match(
        (await page.locator('[role=tabpanel]:visible').textContent())!,
        /from 'alexnet-ts/,
      );
    });
  });
});

describe('a static host', () => {
  const site = gallery({ under: '/some/where/', bare: true });

  it('is cross-origin isolated by the service worker, and works offline', async () => {
    await site.inPage(
      'classify/',
      async (page) => {
        const hosts = new Set<string>();
        page.on(
          'request',
          (request) => request.url().startsWith('blob:') || hosts.add(new URL(request.url()).host),
        );
        const context = page.context();
        await page.waitForFunction(
          () => crossOriginIsolated && navigator.serviceWorker.controller !== null,
        );
        const prediction = page.locator('#predictions li:first-child');
        await prediction.filter({ hasText: /^school bus/ }).waitFor();
        // All pages must work offline, not only those visited.
        await page.waitForFunction(
          async () => (await caches.match('../index.html', { ignoreSearch: true })) !== undefined,
        );
        await site.close();
        await context.setOffline(true);
        await page.reload();
        await page.click('button[title=lemon]');
        await prediction.filter({ hasText: /^lemon/ }).waitFor();
        await page.click('text=All tools');
        await page.locator('.cards a').last().waitFor();
        assert.equal(await page.locator('.cards a').count(), examples.length);
        for (const image of await page.locator('.cards img').all()) {
          assert.ok(
            await image.evaluate((each: HTMLImageElement) =>
              each.decode().then(() => each.naturalWidth > 0),
            ),
          );
        }
        assert.deepEqual([...hosts], [new URL(site.address).host]);
      },
      { serviceWorkers: 'allow' },
    );
  });
});
