/** Tests of the article, which is the gallery's index, as a visitor reads it. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { cameraVideo } from '../testing/cameraVideo';
import { gallery, shootParts } from '../testing/gallery';
import { SECTIONS } from './sections.mjs';

const image = (name: string) => fileURLToPath(new URL(`../images/${name}.jpg`, import.meta.url));
const video = await cameraVideo([image('lemon')]);
const best = (page: Page, label: string) =>
  page.locator('#predictions li:first-child', { hasText: label }).waitFor();

/** Scrolls to a section, and waits until its figure shows the picture. */
async function figureShows(page: Page, section: string, picture: string) {
  await page.locator(`#${section}`).evaluate((each) => each.scrollIntoView());
  await page
    .locator(`#${section} .figure[data-picture="${picture}"]:not(.waiting)`)
    .waitFor({ timeout: 60_000 });
}

/** The race uses two cores. It starts by itself unless the visitor prefers reduced motion. */
const QUIET = { reducedMotion: 'reduce' } as const;

const FIGURES = [
  'convolution',
  'filters',
  'normalization',
  'network',
  'augmentation',
  'dropout',
  'results',
  'similar',
  'cost',
];
const text = async (page: Page, id: string) => (await page.textContent(`#${id}`))!.trim();
const pixels = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

describe('the article', () => {
  const { inPage } = gallery();

  it('classifies without a click, and shows a newly chosen picture in every figure', async () => {
    await inPage(
      '',
      async (page) => {
        await best(page, 'school bus');
        assert.match(
          await text(page, 'status'),
          /^school bus: \d+ ms on this device’s processor \(WebAssembly\)\.$/,
        );
        for (const section of FIGURES) await figureShows(page, section, 'school bus');
        const before = {
          convolution: await pixels(page, '#conv-map'),
          filters: await pixels(page, '#filter-overlay canvas:last-of-type'),
          normalization: await pixels(page, '#lrn-after canvas'),
          network: await pixels(page, '#towers .layer button canvas'),
          augmentation: await pixels(page, '#training-views canvas'),
          dropout: await pixels(page, '#dropout-units'),
          results: await text(page, 'answers'),
          similar: await text(page, 'nearest'),
        };
        // The tray is in view below the hero.
        await page.click('.tray button[title=ladybug]');
        await page.locator('.tray .answer', { hasText: 'ladybug' }).waitFor();
        for (const section of FIGURES) await figureShows(page, section, 'ladybug');
        const after: typeof before = {
          convolution: await pixels(page, '#conv-map'),
          filters: await pixels(page, '#filter-overlay canvas:last-of-type'),
          normalization: await pixels(page, '#lrn-after canvas'),
          network: await pixels(page, '#towers .layer button canvas'),
          augmentation: await pixels(page, '#training-views canvas'),
          dropout: await pixels(page, '#dropout-units'),
          results: await text(page, 'answers'),
          similar: await text(page, 'nearest'),
        };
        for (const [figure, value] of Object.entries(before))
          assert.notEqual(after[figure as keyof typeof after], value, figure);
        assert.equal(await page.locator('#answers > li:visible').count(), 9);
        await page.setInputFiles('#input input[type=file]', image('obelisk'));
        await page.locator('.tray .answer', { hasText: 'obelisk' }).waitFor();
        await figureShows(page, 'network', 'obelisk.jpg');
        assert.match(
          await text(page, 'cost-time'),
          /^\d+ ms: \d+\.\d billion multiply-adds a second$/,
        );
        await shootParts(page, 'article', ['picture-figure', ...SECTIONS.map(({ id }) => id)]);
      },
      QUIET,
    );
  });

  it('computes a number of a map as the sum of its products', async () => {
    await inPage(
      '#convolution',
      async (page) => {
        await figureShows(page, 'convolution', 'school bus');
        const check = async () => {
          const sum = (await text(page, 'conv-sum')).replaceAll('−', '-');
          const [red, green, blue, bias, total, own] =
            /red (\S+) \+ green (\S+) \+ blue (\S+) \+ a constant (\S+) = (\S+)\. .* number: (\S+)\.$/
              .exec(sum)!
              .slice(1)
              .map(Number) as [number, number, number, number, number, number];
          assert.ok(Math.abs(red + green + blue + bias - total) < 0.003, sum);
          assert.ok(Math.abs(Math.max(total, 0) - own) < 0.0015, sum);
          return total;
        };
        assert.ok((await check()) > 0, 'starts where the kernel fires most');
        const positions = new Set<string>();
        for (const [x, y] of [
          [20, 20],
          [150, 90],
          [60, 210],
        ] as const) {
          await page.click('#conv-map', { position: { x, y } });
          await check();
          positions.add(
            await page.locator('#conv-overlay .frame').evaluate((each) => each.style.cssText),
          );
        }
        assert.equal(positions.size, 3, 'the frame moves over the picture');
        await page.locator('#conv-numbers button').nth(3).click();
        await check();
        await page.fill('#conv-filter', '50');
        assert.equal(await text(page, 'conv-filter-name'), '50');
        await page.hover('#conv-products');
        assert.match(
          await text(page, 'conv-pixel'),
          /^Row \d+, column \d+, minus the mean color: red/,
        );
        await page.click('#conv-slide');
        await page.click('text=Stop');
        await page.locator('#conv-slide', { hasText: 'Slide the kernel' }).waitFor();
      },
      QUIET,
    );
  });

  it('switches normalization and pooling, enlarges maps, and drops units', async () => {
    await inPage(
      '',
      async (page) => {
        await figureShows(page, 'normalization', 'school bus');
        assert.equal(await text(page, 'lrn-after-shape'), '27 × 27');
        const normalized = await pixels(page, '#lrn-after canvas');
        await page.check('[name=lrn][value="1000"]');
        assert.match(
          await text(page, 'lrn-note'),
          /^Normalization divided each number by 1\.68 to [2-9]/,
        );
        assert.notEqual(await pixels(page, '#lrn-after canvas'), normalized);
        await page.check('[name=lrn][value=off]');
        await page.check('[name=pool][value=off]');
        assert.equal(await text(page, 'lrn-after-shape'), '55 × 55');
        assert.equal(
          await pixels(page, '#lrn-after canvas'),
          await pixels(page, '#lrn-before canvas'),
        );

        await figureShows(page, 'network', 'school bus');
        assert.equal(await page.locator('#towers .layer').count(), 9);
        await page.locator('#towers button[aria-label^="conv3,"]').last().click();
        await page.locator('#map-text', { hasText: /^Map \d+ of 384 of conv3: 13 × 13/ }).waitFor();
        assert.equal(await page.getAttribute('#map-link', 'href'), 'inside/#conv3');

        await figureShows(page, 'dropout', 'school bus');
        await page.click('#dropout-next');
        const [, on] = /^Step 1: ([\d,]+) of 4,096 units/.exec(await text(page, 'dropout-note'))!;
        const count = Number(on!.replace(',', ''));
        assert.ok(count > 1850 && count < 2250, on);
      },
      QUIET,
    );
  });

  it('opens at a section, and is readable on a phone', async () => {
    await inPage(
      '#dropout',
      async (page) => {
        await best(page, 'school bus');
        const top = await page
          .locator('#dropout-title')
          .evaluate((h) => h.getBoundingClientRect().top);
        assert.ok(Math.abs(top) < 200, `the section is at ${top}`);
        for (const { id } of SECTIONS)
          assert.equal(await page.locator(`nav.contents a[href="#${id}"]`).count(), 1);
        for (const section of FIGURES) await figureShows(page, section, 'school bus');
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(overflow, 0);
      },
      { ...QUIET, viewport: { width: 360, height: 740 } },
    );
  });

  it('starts the race when it comes into view', async () => {
    await inPage('', async (page) => {
      await page.locator('#race-figure').scrollIntoViewIfNeeded();
      await page
        .locator('#race-result', { hasText: /^ReLU reached 25 %/ })
        .waitFor({ timeout: 90_000 });
      assert.equal(await page.isEnabled('#race-start'), true);
      await shootParts(page, 'article', ['relu']);
    });
  });
});

describe('the article with a camera', () => {
  const { inPage } = gallery({
    args: [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
    ],
  });
  after(() => rmSync(dirname(video), { recursive: true }));

  it('takes a picture', async () => {
    await inPage('', async (page) => {
      await best(page, 'school bus');
      await page.click('#input button:text-is("Camera")');
      await page.click('text=Take the picture');
      await best(page, 'lemon');
      assert.equal(await page.locator('dialog').count(), 0);
    });
  });
});
