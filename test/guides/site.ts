/** Tests of the documentation site: width on phones, and search. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { root } from '../support/child';
import { serve } from '../support/serve.mjs';
import { openBrowser, visit } from './page';

const folder = join(root, 'dist/docs');
const PHONE = { width: 360, height: 800 };

describe('the documentation site', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serve>>;
  before(async () => {
    browser = await openBrowser();
    server = await serve({ folder });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('fits a phone and logs no errors', async () => {
    const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^(index|(documents|modules|classes)\/.*)\.html$/.test(file),
    );
    assert.ok(pages.length >= 25, `${pages.length} pages`);
    await visit(browser, `${server.address}/index.html`, async ({ page }) => {
      await page.setViewportSize(PHONE);
      const wide: string[] = [];
      for (const path of pages) {
        await page.goto(`${server.address}/${path}`);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (over > 0) wide.push(`${path}: ${over} pixels too wide`);
      }
      assert.deepEqual(wide, []);
    });
  });

  for (const word of ['fineTune', 'Troubleshooting']) {
    it(`finds ${word}`, () =>
      visit(browser, `${server.address}/index.html`, async ({ page }) => {
        await page.locator('#tsd-search-trigger').click();
        await page.locator('#tsd-search-input').fill(word);
        await page.locator('#tsd-search-results li', { hasText: word }).first().waitFor();
      }));
  }
});
