/** Tests of the page "Crops and colors" in a browser. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery, shoot } from '../testing/gallery';

/** Positions of the frames of a figure, in pixels of the square. */
const frames = (page: Page, figure: string) =>
  page
    .locator(`#${figure} rect`)
    .evaluateAll((rects) =>
      rects.map((rect) => (rect as SVGElement).style.transform.match(/[\d.]+/g)!.map(Number)),
    );

/** Data URLs of canvases, for comparison. */
const pictures = (page: Page, selector: string) =>
  page
    .locator(selector)
    .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));

/** Mean change of red over a canvas, ignoring pixels that may be clipped. */
const meanRed = (page: Page, selector: string, of: string) =>
  page.evaluate(
    ([shown, plain]) => {
      const [own, base] = [shown!, plain!].map(
        (each) =>
          document
            .querySelector<HTMLCanvasElement>(each)!
            .getContext('2d')!
            .getImageData(0, 0, 227, 227).data,
      ) as [Uint8ClampedArray, Uint8ClampedArray];
      const red = Array.from({ length: 227 * 227 }, (_, i) => 4 * i).filter(
        (at) => base[at]! > 20 && base[at]! < 235,
      );
      return red.reduce((sum, at) => sum + own[at]! - base[at]!, 0) / red.length;
    },
    [selector, of],
  );

/**
 * Repeats a check until it passes: a worker draws the pictures, possibly after the captions appear.
 * Give `assert.ok` a message here: without one, Node spends a minute looking for the source of a
 * failed assertion.
 */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 30_000; ;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((waited) => setTimeout(waited, 50));
    }
  }
}

const slide = (page: Page, selector: string, value: string) => page.locator(selector).fill(value);
const classified = (page: Page) => page.locator('#status p').filter({ hasText: /^Showing / });

describe('crops', () => {
  const { inPage } = gallery();

  it('draws random crops and shifts colors', async () => {
    await inPage('crops/', async (page) => {
      await classified(page).waitFor();
      const before = await frames(page, 'training-frames');
      assert.equal(before.length, 6);
      assert.ok(before.flat().every((at) => at >= 0 && at <= 29)); // 256 − 227
      const views = await pictures(page, '#training-views canvas');
      assert.equal(views.length, 6);
      const captions = await page.locator('#training-views li').allTextContents();
      before.forEach(([left, top], i) =>
        assert.match(captions[i]!, new RegExp(`^${left}, ${top}( mirrored)?$`)),
      );
      await page.click('#draw');
      assert.notDeepEqual(await frames(page, 'training-frames'), before);
      await eventually(async () => {
        const drawn = await pictures(page, '#training-views canvas');
        assert.ok(
          drawn.every((url, i) => url !== views[i]),
          'all views must be redrawn',
        );
      });

      await page.emulateMedia({ reducedMotion: 'no-preference' });
      await page.click('text=Play');
      const played = await frames(page, 'training-frames');
      await page.waitForTimeout(2000);
      assert.notDeepEqual(await frames(page, 'training-frames'), played);
      await page.click('text=Pause');
      const paused = await frames(page, 'training-frames');
      await page.waitForTimeout(2000);
      assert.deepEqual(await frames(page, 'training-frames'), paused);

      const swatches = await page.locator('.slide small').allTextContents();
      const deviations = swatches
        .slice(0, 3)
        .map((text) => Number(text.match(/^standard deviation ([\d.]+) of 255$/)![1]));
      assert.ok(
        deviations[0]! > deviations[1]! && deviations[1]! > deviations[2]! && deviations[0]! < 128,
        String(deviations),
      );
      const [plain, ...drawn] = await pictures(page, '#shifts canvas');
      assert.equal(drawn.length, 5);
      assert.deepEqual(await pictures(page, '.pair canvas'), [plain, plain]); // no shift
      await slide(page, '#strengths input >> nth=0', '0.5');
      await page.locator('#shift-values').filter({ hasNotText: 'red 0,' }).waitFor();
      const [, red] = (await page.textContent('#shift-values'))!.match(
        /red\s\+([\d.]+), green\s\+[\d.]+, blue\s\+[\d.]+\.$/,
      )!;
      await eventually(async () => {
        const moved = await meanRed(page, '#shifted', '#shifts canvas');
        assert.ok(
          Number(red) > 1 && Math.abs(moved - Number(red)) < 0.6,
          `${moved}, expected ${red}`,
        );
      });
      await page.click('#reset');
      await page.locator('#shift-values').filter({ hasText: 'red 0, green 0, blue 0' }).waitFor();
      await eventually(async () => assert.deepEqual(await pictures(page, '#shifted'), [plain]));
      await slide(page, '#deviation', '0');
      await page
        .locator('#shifts li')
        .filter({ hasText: 'red 0, green 0, blue 0' })
        .nth(4)
        .waitFor();
      await eventually(async () => {
        for (const url of await pictures(page, '#shifts canvas')) assert.equal(url, plain);
      });
      await slide(page, '#deviation', '2');
      await page
        .locator('#shifts li')
        .filter({ hasText: 'red 0, green 0, blue 0' })
        .first()
        .waitFor({ state: 'detached' });
      let strong: string[] = [];
      await eventually(async () => {
        strong = await pictures(page, '#shifts canvas');
        assert.equal(strong[0], plain);
        assert.ok(
          strong.slice(1).every((url) => url !== plain),
          'all shifts must be visible',
        );
      });
      await page.click('#draw-shifts');
      await eventually(async () => {
        const [first, ...others] = await pictures(page, '#shifts canvas');
        assert.equal(first, plain);
        assert.ok(
          others.every((url, i) => url !== strong[i + 1]),
          'all shifts must be redrawn',
        );
      });
      await shoot(page, 'crops');
    });
  });

  it('averages the predictions of the ten crops, as classify() does', async () => {
    await inPage('crops/', async (page) => {
      await classified(page).waitFor();
      const five = [[0, 0], [29, 0], [0, 29], [29, 29], [14, 14]]; // prettier-ignore
      assert.deepEqual(await frames(page, 'ten-frames'), [...five, ...five]);
      assert.equal(await page.locator('#ten canvas').count(), 10);
      const each = await page.locator('#ten strong').allTextContents();
      const average = (await page.locator('#average li:first-child').textContent())!.match(
        /^(.+?)([\d.]+) %$/,
      )!;
      assert.equal(average[1], 'school bus');
      const shares = each.map((answer) => answer.match(/^school bus ([\d.]+) %$/)?.[1]);
      assert.ok(shares.every((share) => share !== undefined), String(each)); // prettier-ignore
      const mean = shares.reduce((sum, share) => sum + Number(share), 0) / 10;
      assert.ok(Math.abs(mean - Number(average[2])) < 0.3, `${mean} and ${average[2]}`);
      assert.match(
        (await page.textContent('#summary'))!,
        /^All ten crops rank school bus first\. Its probability ranges from [\d.]+ % to [\d.]+ %, /,
      );

      await page.click('button[title=jellyfish]');
      await page.locator('#status p').filter({ hasText: 'Showing jellyfish' }).waitFor();
      assert.doesNotMatch((await page.textContent('#average'))!, /school bus/);
    });
  });

  it('reports a file that is not a picture, and continues', async () => {
    await inPage('crops/', async (page) => {
      await classified(page).waitFor();
      const input = '#input input[type=file]';
      await page.setInputFiles(input, {
        name: 'notes.jpg',
        mimeType: 'image/jpeg',
        buffer: Buffer.from('no picture'),
      });
      await page
        .locator('#status')
        .filter({ hasText: 'notes.jpg is not a picture that this browser can read.' })
        .waitFor();
      const drawing =
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="60" height="60" fill="#e53"/></svg>';
      await page.setInputFiles(input, {
        name: 'drawing.svg',
        mimeType: 'image/svg+xml',
        buffer: Buffer.from(drawing),
      });
      await page.locator('#status p').filter({ hasText: 'Showing drawing.svg' }).waitFor();
      assert.equal(await page.locator('#ten-frames svg').getAttribute('viewBox'), '0 0 90 60');
    });
  });
});
