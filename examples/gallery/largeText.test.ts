/**
 * Every page in use with text at 200 %: nothing overflows, and axe finds nothing in light and dark
 * mode.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery } from '../testing/gallery';
import { addTwo } from '../testing/teachPage';

const isVisible = (page: Page, selector: string) => page.locator(selector).first().waitFor();
const predicts = (page: Page) => isVisible(page, '#predictions li:not(.empty)');

/** How each page is used before it is checked. */
const USED: Record<string, (page: Page) => Promise<unknown>> = {
  '': predicts,
  'classify/': async (page) => {
    await predicts(page);
    await page.click('.class-list summary');
  },
  'filters/': (page) => isVisible(page, '#excites li'),
  'inside/': (page) => isVisible(page, '#conv1 [role=option]'),
  'crops/': (page) => isVisible(page, '#average li:not(.empty)'),
  'compose/': async (page) => {
    await page.click('#train');
    await isVisible(page, '#accuracy');
    await page.click('#stop');
    await isVisible(page, '#predictions li');
  },
  'relu-tanh/': (page) => isVisible(page, 'h1'),
  'look-alikes/': (page) => isVisible(page, '#status'),
  'backends/': (page) => isVisible(page, 'h1'),
  'imagenet/': (page) => isVisible(page, '#drop'),
  'webcam/': async (page) => {
    await page.click('#slides');
    await predicts(page);
  },
  'teach/': (page) => addTwo(page, 4),
};

/** Returns the elements that are wider than the window, and how far they extend. */
const overflowing = (page: Page) =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('main *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .slice(0, 4)
      .map((element) => `${element.outerHTML.slice(0, 80)} (${scrollWidth} of ${clientWidth})`);
  });

describe('text at 200 %', () => {
  const { inPage } = gallery();
  for (const [path, use] of Object.entries(USED)) {
    it(`fits on ${path || 'the index'}`, async () => {
      await inPage(
        path,
        async (page) => {
          await use(page);
          await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
          for (const width of [1280, 768]) {
            await page.setViewportSize({ width, height: 900 });
            await page.waitForTimeout(150);
            assert.deepEqual(await overflowing(page), [], `${width} pixels`);
          }
        },
        { reducedMotion: 'reduce' },
      );
    });
  }
});
