/** Tests of the page "Inside the network" in a browser. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { fileURLToPath } from 'node:url';
import { gallery, shoot } from '../testing/gallery';
import { coarseToFine } from '../gallery/attention/occlusion';

/** Output shapes of the layers shown. */
const SHAPES = {
  conv1: '55 × 55 × 96',
  norm1: '55 × 55 × 96',
  pool1: '27 × 27 × 96',
  conv2: '27 × 27 × 256',
  norm2: '27 × 27 × 256',
  pool2: '13 × 13 × 256',
  conv3: '13 × 13 × 384',
  conv4: '13 × 13 × 384',
  conv5: '13 × 13 × 256',
  pool5: '6 × 6 × 256',
  fc6: '4096',
  fc7: '4096',
  fc8: '293',
};

const overlayPixels = (page: Page) =>
  page
    .locator('#overlay canvas')
    .last()
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
const computed = (page: Page, layer: string) =>
  page.locator(`#${layer} [role=option]`).first().waitFor();

/** The ladybug of the samples, small, in the left half of a green picture. */
async function ladybugLeft() {
  const ladybug = await sharp(fileURLToPath(new URL('../images/ladybug.jpg', import.meta.url)))
    .resize(230, 230, { fit: 'cover' })
    .toBuffer();
  return sharp({ create: { width: 480, height: 480, channels: 3, background: '#808080' } })
    .composite([{ input: ladybug, left: 20, top: 125 }])
    .png()
    .toBuffer();
}

describe('inside', () => {
  const { inPage } = gallery();

  it('shows the maps of every layer and enlarges one', async () => {
    await inPage('inside/', async (page) => {
      await computed(page, 'conv1');
      for (const [layer, shape] of Object.entries(SHAPES)) {
        assert.equal(await page.textContent(`#${layer} .shape`), shape);
      }
      assert.equal(await page.locator('#conv1 [role=listbox]').count(), 2, 'a listbox per tower');
      const before = await overlayPixels(page);
      await page.locator('#conv1 [role=listbox]').last().locator('[role=option]').nth(3).click();
      await page
        .locator('#map-summary', {
          hasText:
            /^conv1, map \d+ of 96 \(tower 2\)\. Maximum \d+\.\d\d at row \d+, column \d+ \(55 × 55\)\.$/,
        })
        .waitFor();
      const after = await overlayPixels(page);
      assert.notEqual(after, before);
      // With the keyboard: arrow keys move, Enter enlarges.
      await page.keyboard.press('ArrowRight');
      assert.equal(await overlayPixels(page), after, 'moving does not enlarge');
      const name = await page.evaluate(() => document.activeElement!.getAttribute('aria-label')!);
      await page.keyboard.press('Enter');
      await page
        .locator('#map-summary', { hasText: name.split(',').slice(0, 2).join(',') })
        .waitFor();
      assert.notEqual(await overlayPixels(page), after);
      // Layers further down are computed when scrolled to.
      assert.equal(await page.locator('#conv5 [role=option]').count(), 0);
      await page.locator('#conv3').scrollIntoViewIfNeeded();
      await computed(page, 'conv3');
      assert.equal(await page.locator('#conv3 [role=option]').count(), 48);
      await page.click('text=Show all 384 maps');
      assert.equal(await page.locator('#conv3 [role=option]').count(), 384);
      await page.check('[value=number]');
      assert.match(
        (await page.locator('#conv3 [role=option]').nth(383).getAttribute('aria-label'))!,
        /^conv3, map 384 of 384/,
      );
      await page.locator('#fc7').scrollIntoViewIfNeeded();
      await page.locator('#fc7 canvas').waitFor();
      assert.match(
        (await page.textContent('#fc7 .body'))!,
        /^\d+ of 4096 units are active; the maximum is \d+\.\d\d\.$/,
      );
      await page.locator('#fc8').scrollIntoViewIfNeeded();
      await page.locator('#fc8 canvas').waitFor();
      const outputs = /^The 293 outputs range from (-[\d.]+) to (-?[\d.]+)\. Softmax/.exec(
        (await page.textContent('#fc8 .body'))!,
      )!;
      assert.ok(Number(outputs[2]) - Number(outputs[1]) > 5, outputs[0]);
      await page.locator('#predictions').scrollIntoViewIfNeeded();
      await page.locator('#predictions li:first-child', { hasText: 'school bus' }).waitFor();
      await page.check('[value=strength]');
      await shoot(page, 'inside');
    });
  });

  it('occlusion lowers the probability most where the object is', async () => {
    await inPage('inside/', async (page) => {
      await computed(page, 'conv1');
      await page.setInputFiles('#input input[type=file]', {
        name: 'left.png',
        mimeType: 'image/png',
        buffer: await ladybugLeft(),
      });
      await page.locator('#status', { hasText: 'left.png, on ' }).waitFor();
      await page.locator('#count').fill('7');
      await page.locator('#size').fill('60');
      await page.click('#run');
      await page
        .locator('#occlusion-status', { hasText: 'Done: 49 positions of left.png.' })
        .waitFor();
      const text = (await page.textContent('#worst'))!;
      const [, label, whole, left, right, least] =
        /square: (.+), ([\d.]+) %.*at x (\d+) to (\d+),.*: ([\d.]+) %/.exec(text)!;
      assert.equal(label, 'ladybug');
      assert.ok(Number(least) < Number(whole) / 2, text);
      assert.ok(
        (Number(left) + Number(right)) / 2 < 113,
        `${text} The object is in the left half of 227.`,
      );
      const map = page.locator('#occlusion-overlay canvas').last();
      const opacities = () =>
        map.evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, 7, 7);
          return Array.from({ length: 49 }, (_, i) => data[4 * i + 3]!);
        });
      const warm = await opacities();
      assert.ok(Math.max(...warm) > 150, 'warm where it matters');
      assert.ok(Math.min(...warm) < 60, 'the picture where it does not');
      await page.fill('#strength', '0');
      assert.equal(Math.max(...(await opacities())), 0);
      await page.fill('#strength', '80');
      await shoot(page, 'inside-occlusion');

      await page.locator('#count').fill('15');
      await page.click('#run');
      await page.locator('#occlusion-status', { hasText: /^\d+ of 225 positions/ }).waitFor();
      await page.click('#cancel');
      await page
        .locator('#occlusion-status', { hasText: /^Canceled after \d+ of 225 positions\.$/ })
        .waitFor();
      assert.ok(await page.isEnabled('#run'));

      await page.setInputFiles('#input input[type=file]', {
        name: 'notes.jpg',
        mimeType: 'image/jpeg',
        buffer: Buffer.from('no picture'),
      });
      await page
        .locator('#status', { hasText: 'notes.jpg is not a picture that this browser can read.' })
        .waitFor();
    });
  });

  it('Grad-CAM is warm where the object is, and another guess has another map', async () => {
    await inPage('inside/', async (page) => {
      await computed(page, 'conv1');
      await page.setInputFiles('#input input[type=file]', {
        name: 'left.png',
        mimeType: 'image/png',
        buffer: await ladybugLeft(),
      });
      await page.locator('#status', { hasText: 'left.png, on ' }).waitFor();
      await page
        .locator('#guess option', { hasText: /^ladybug, \d/ })
        .waitFor({ state: 'attached' });
      assert.equal(await page.locator('#guess option').count(), 5);
      await page.click('#show-grad-cam');
      const status = page.locator('#grad-cam-status');
      await status
        .filter({ hasText: 'Warm colors: evidence for “ladybug” in left.png.' })
        .waitFor();
      const opacities = () =>
        page
          .locator('#grad-cam-overlay canvas')
          .last()
          .evaluate((canvas: HTMLCanvasElement) => {
            const { data } = canvas.getContext('2d')!.getImageData(0, 0, 13, 13);
            return Array.from({ length: 169 }, (_, i) => data[4 * i + 3]!);
          });
      const warm = await opacities();
      const strong = [...warm.keys()].filter((cell) => warm[cell]! > 100);
      const left = strong.filter((cell) => cell % 13 < 7);
      assert.ok(strong.length > 3 && left.length > 0.8 * strong.length, String(strong));
      await page.selectOption('#guess', { index: 1 });
      await status.filter({ hasNotText: 'ladybug' }).filter({ hasText: 'left.png.' }).waitFor();
      assert.notDeepEqual(await opacities(), warm);
      await page.fill('#strength', '0');
      assert.equal(Math.max(...(await opacities())), 0);
      await page.fill('#strength', '80');
      // The next picture gets its map without a click.
      await page.click('button[title=obelisk]');
      await status.filter({ hasText: 'Warm colors: evidence for “obelisk” in obelisk.' }).waitFor();
      await page.click('#run');
      await page.locator('#occlusion-status', { hasText: /^Done/ }).waitFor();
      await shoot(page, 'inside-grad-cam');
    });
  });

  it('visits each position once, from coarse to fine', () => {
    for (const count of [5, 9, 15]) {
      const positions = coarseToFine(count);
      assert.equal(new Set(positions.map(String)).size, count ** 2);
      assert.equal(positions.length, count ** 2);
    }
    assert.deepEqual(coarseToFine(9).slice(0, 4), [[0, 0], [0, 8], [8, 0], [8, 8]]); // prettier-ignore
  });
});
