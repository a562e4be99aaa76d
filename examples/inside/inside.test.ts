/** The page "Inside the network", used as a person would. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { fileURLToPath } from 'node:url';
import { gallery, shoot } from '../testing/gallery';
import { coarseToFine } from './occlusion';

/** The table of the paper, as far as it is shown. */
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
  fc8: '200',
};

const stagePixels = (page: Page) =>
  page
    .locator('#stage canvas')
    .last()
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
const seen = (page: Page, layer: string) =>
  page.locator(`#${layer} [role=option]`).first().waitFor();

/** The ladybug of the samples, small, in the left half of a green picture. */
async function ladybugLeft() {
  const ladybug = await sharp(fileURLToPath(new URL('../images/ladybug.jpg', import.meta.url)))
    .resize(230, 230, { fit: 'cover' })
    .toBuffer();
  return sharp({ create: { width: 480, height: 480, channels: 3, background: '#3f6b35' } })
    .composite([{ input: ladybug, left: 20, top: 125 }])
    .png()
    .toBuffer();
}

describe('inside', () => {
  const { inPage } = gallery();

  it('shows the maps of every layer, and enlarges one', async () => {
    await inPage('inside/', async (page) => {
      await seen(page, 'conv1');
      for (const [layer, shape] of Object.entries(SHAPES)) {
        assert.equal(await page.textContent(`#${layer} .shape`), shape);
      }
      assert.equal(
        await page.locator('#conv1 [role=listbox]').count(),
        2,
        'a listbox for each tower',
      );
      const before = await stagePixels(page);
      await page.locator('#conv1 [role=listbox]').last().locator('[role=option]').nth(3).click();
      await page
        .locator('#said', {
          hasText:
            /^conv1, map \d+ of 96, of tower 2\. Strongest \d+\.\d\d, at row \d+, column \d+ of 55 × 55\.$/,
        })
        .waitFor();
      const after = await stagePixels(page);
      assert.notEqual(after, before);
      // With the keyboard: the arrows move, Enter enlarges.
      await page.keyboard.press('ArrowRight');
      assert.equal(await stagePixels(page), after, 'moving alone enlarges nothing');
      const name = await page.evaluate(() => document.activeElement!.getAttribute('aria-label')!);
      await page.keyboard.press('Enter');
      await page.locator('#said', { hasText: name.split(',').slice(0, 2).join(',') }).waitFor();
      assert.notEqual(await stagePixels(page), after);
      // A layer further down is computed when one gets there.
      assert.equal(await page.locator('#conv5 [role=option]').count(), 0);
      await page.locator('#conv3').scrollIntoViewIfNeeded();
      await seen(page, 'conv3');
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
        /^\d+ of 4096 are above 0; the largest is \d+\.\d\d\.$/,
      );
      await page.locator('#predictions').scrollIntoViewIfNeeded();
      await page.locator('#predictions li:first-child', { hasText: 'school bus' }).waitFor();
      await page.check('[value=strength]');
      await shoot(page, 'inside');
    });
  });

  it('covers a picture place by place: the object is what matters', async () => {
    await inPage('inside/', async (page) => {
      await seen(page, 'conv1');
      await page.setInputFiles('#input input[type=file]', {
        name: 'left.png',
        mimeType: 'image/png',
        buffer: await ladybugLeft(),
      });
      await page.locator('#status', { hasText: 'What the network makes of left.png' }).waitFor();
      await page.locator('#count').fill('7');
      await page.locator('#size').fill('60');
      await page.click('#cover');
      await page
        .locator('#occlusion-status', { hasText: 'Covered all 49 places of left.png.' })
        .waitFor();
      const text = (await page.textContent('#worst'))!;
      const [, label, whole, left, right, least] =
        /is (.+) at ([\d.]+) %.*pixels (\d+) to (\d+) across.*: ([\d.]+) %/.exec(text)!;
      assert.equal(label, 'ladybug');
      assert.ok(Number(least) < Number(whole) / 2, text);
      assert.ok(
        (Number(left) + Number(right)) / 2 < 113,
        `${text} The object lies in the left half of 227.`,
      );
      await shoot(page, 'inside-occlusion');

      await page.locator('#count').fill('15');
      await page.click('#cover');
      await page.locator('#occlusion-status', { hasText: /^Covered \d+ of 225/ }).waitFor();
      await page.click('#cancel');
      await page
        .locator('#occlusion-status', { hasText: /^Cancelled after \d+ of 225 places\.$/ })
        .waitFor();
      assert.ok(await page.isEnabled('#cover'));

      await page.setInputFiles('#input input[type=file]', {
        name: 'notes.jpg',
        mimeType: 'image/jpeg',
        buffer: Buffer.from('no picture'),
      });
      await page
        .locator('#status', { hasText: 'notes.jpg is no picture that this browser can read.' })
        .waitFor();
    });
  });

  it('goes from coarse to fine through each place once', () => {
    for (const count of [5, 9, 15]) {
      const places = coarseToFine(count);
      assert.equal(new Set(places.map(String)).size, count ** 2);
      assert.equal(places.length, count ** 2);
    }
    assert.deepEqual(coarseToFine(9).slice(0, 4), [[0, 0], [0, 8], [8, 0], [8, 8]]); // prettier-ignore
  });
});
