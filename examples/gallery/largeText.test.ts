/**
 * Pages in use, with text at 200 %: nothing overflows, and axe reports nothing, light or dark.
 * `npm test -- --long` checks all pages, `npm test` the four with the most controls.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { torchvisionFile } from '../../test/support/torchvisionFile.mjs';
import { gallery } from '../testing/gallery';
import { addTwo, says } from '../testing/teachPage';

const isVisible = (page: Page, selector: string) => page.locator(selector).first().waitFor();
const predicts = (page: Page) => isVisible(page, '#predictions li:not(.empty)');

const weights = {
  name: 'alexnet.safetensors',
  mimeType: '',
  buffer: Buffer.from(torchvisionFile()),
};

const QUICK = ['', 'inside/', 'crops/', 'teach/'];

/** How each page is used before it is checked. */
const USED: Record<string, (page: Page) => Promise<unknown>> = {
  '': predicts,
  'classify/': async (page) => {
    await predicts(page);
    await page.click('.class-list summary');
  },
  'filters/': (page) => isVisible(page, '#excites li'),
  'inside/': async (page) => {
    await page.locator('#conv1 [role=option]').first().click();
    await page.click('#show-grad-cam');
    await says(page, 'grad-cam-status', /./);
  },
  'crops/': (page) => isVisible(page, '#average li:not(.empty)'),
  'compose/': async (page) => {
    await page.click('#train');
    await isVisible(page, '#accuracy');
    await page.click('#stop');
    await isVisible(page, '#predictions li');
  },
  'relu-tanh/': async (page) => {
    await page.click('#train');
    await isVisible(page, '#curves canvas');
    await page.click('#stop');
  },
  'look-alikes/': async (page) => {
    await page.click('#add-samples');
    await isVisible(page, '#nearest li:nth-child(5)');
  },
  'backends/': (page) => isVisible(page, 'h1'),
  'imagenet/': async (page) => {
    await page.setInputFiles('#file', weights);
    await predicts(page);
    await page.click('#tensors summary');
  },
  'webcam/': async (page) => {
    await page.click('#slides');
    await predicts(page);
  },
  'teach/': async (page) => {
    await addTwo(page, 10);
    await page.click('#train');
    await says(page, 'validation-summary', /^Accuracy on/);
    await page.click('#draw-map');
    await says(page, 'map-status', /placed in/);
    await page.locator('#map [role=option]').first().click();
    await says(page, 'map-detail-status', /^Warm colors/);
  },
};

/** Returns the elements that are wider than the window, and how far they extend. */
const overflowing = (page: Page) =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('main *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .filter((element) => {
        for (let box = element.parentElement; box; box = box.parentElement)
          if (getComputedStyle(box).overflowX !== 'visible' && box !== document.body) return false;
        return true; // not in a box that scrolls separately
      })
      .slice(0, 8)
      .map(
        (element) => `${scrollWidth} of ${clientWidth} pixels: ${element.outerHTML.slice(0, 100)}`,
      );
  });

describe('text at 200 %', () => {
  const { inPage } = gallery();
  for (const [path, use] of Object.entries(USED)) {
    const skip = process.env.ALEXNET_LONG || QUICK.includes(path) ? false : 'npm test -- --long';
    it(`fits on ${path || 'the index'}`, { skip }, async () => {
      await inPage(
        path,
        async (page) => {
          await use(page);
          await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
          const found: string[] = [];
          for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: 900 });
            await page.waitForTimeout(150); // charts resize
            found.push(...(await overflowing(page)));
          }
          assert.deepEqual(found, []);
        },
        { reducedMotion: 'reduce' },
      );
    });
  }
});
