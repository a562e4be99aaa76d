/** Tests of the page "What conv1 learned" in a browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { load, type Model } from 'alexnet-ts';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { gallery, shoot } from '../testing/gallery';

/** Stripes above a red disc on blue; PNG, which every decoder reads identically. */
const scene = () =>
  sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="320" height="320"><rect width="320" height="320" fill="#235"/>
      ${Array.from({ length: 10 }, (_, i) => `<rect x="${32 * i}" width="16" height="150" fill="#fff"/>`).join('')}
      <circle cx="210" cy="240" r="60" fill="#e32"/></svg>`),
  )
    .png()
    .toBuffer();

const found = (page: Page) => page.locator('#found');
const option = (page: Page, filter: number) =>
  page.getByRole('option', { name: `filter ${filter} of 96, tower ${filter > 48 ? 2 : 1}` });
const overlay = (page: Page) =>
  page
    .locator('#overlay canvas')
    .last()
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

/** Counts the different colors under each option of a tower, when all are drawn. */
async function colorsIn(page: Page, tower: number): Promise<number[]> {
  for (let attempt = 0; ; attempt++) {
    const colors = await drawnColors(page, tower);
    if (Math.min(...colors) > 0 || attempt === 50) return colors;
    await page.waitForTimeout(100);
  }
}

const drawnColors = (page: Page, tower: number) =>
  page.locator(`#tower-${tower}`).evaluate((box) => {
    const canvas = box.querySelector('canvas')!;
    const scale = canvas.width / box.clientWidth;
    const origin = box.getBoundingClientRect();
    return [...box.querySelectorAll('[role=option]')].map((cell) => {
      const { left, top, width } = cell.getBoundingClientRect();
      const [x, y] = [(left - origin.left + 2) * scale, (top - origin.top + 2) * scale];
      const pixels = new Uint32Array(
        canvas.getContext('2d')!.getImageData(x, y, (width - 4) * scale, (width - 4) * scale).data
          .buffer,
      );
      return pixels.includes(0) ? 0 : new Set(pixels).size; // 0: partly not drawn
    });
  });

describe('filters', () => {
  const { inPage } = gallery();
  let model: Model;
  before(async () => void (model = await load()));
  after(() => model.dispose());

  it('draws the 96 filters and where each is active', async () => {
    await inPage('filters/', async (page) => {
      await found(page).filter({ hasText: 'Strongest activation' }).waitFor();
      for (const tower of [1, 2]) {
        const colors = await colorsIn(page, tower);
        assert.equal(colors.length, 48);
        assert.ok(Math.min(...colors) >= 60, `tower ${tower}: ${colors}`);
      }
      // The samples are searched for what excites each filter most.
      await page.locator('#excites-note', { hasText: /in 11 pictures/ }).waitFor();
      const names = await page.locator('#excites li').allTextContents();
      assert.equal(names.length, 6);
      assert.equal(new Set(names).size, 6, 'one patch of each picture');
      const activations = await page
        .locator('#excites li')
        .evaluateAll((items) =>
          items.map((item) => Number(/[\d.]+/.exec((item as HTMLElement).title)![0])),
        );
      assert.deepEqual(
        activations,
        activations.toSorted((a, b) => b - a),
      );
      const inSample = await model.activations(
        readFileSync(new URL(`../images/${names[0]!.replace(' ', '-')}.jpg`, import.meta.url)),
        'conv1',
      );
      const most = inSample.data.reduce((a, b, i) => (i % 96 ? a : Math.max(a, b)), 0);
      assert.ok(Math.abs(most - activations[0]!) < 0.05 * most, `${most} ${activations[0]}`);
      const tiles = () =>
        page.locator('#tower-1 canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      const weights = await tiles();
      await page.check('[value=patches]');
      assert.notEqual(await tiles(), weights);
      const patches = await colorsIn(page, 1);
      assert.ok(patches.filter((colors) => colors >= 20).length > 36, String(patches));
      await shoot(page, 'filters-patches');
      await page.check('[value=weights]');
      const medians = /median share of color is (\d+) % in tower 1 and (\d+) % in tower 2/.exec(
        (await page.textContent('#medians'))!,
      )!;
      // Both towers of the shipped set learned color and edges: neither is gray, neither all color.
      for (const median of medians.slice(1).map(Number))
        assert.ok(median >= 5 && median <= 20, `${median} %`);
      const first = await overlay(page);
      await option(page, 60).hover();
      await page.locator('#look-title', { hasText: 'Where filter 60 is active' }).waitFor();
      assert.notEqual(await overlay(page), first);
      await page.locator('h1').hover();
      await page.locator('#look-title', { hasText: 'Where filter 1 is active' }).waitFor();
      assert.equal(await overlay(page), first, 'the pinned filter is back');
      await option(page, 60).click();
      await page.locator('h1').hover();
      await page.locator('#look-title', { hasText: 'Where filter 60 is active' }).waitFor();
      await shoot(page, 'filters');
    });
  });

  it('names the position of the strongest activation', async () => {
    const buffer = await scene();
    const { shape, data } = await model.activations(buffer, 'conv1');
    await inPage('filters/', async (page) => {
      await found(page).filter({ hasText: 'Strongest activation' }).waitFor();
      await page.setInputFiles('#input input[type=file]', {
        name: 'scene.png',
        mimeType: 'image/png',
        buffer,
      });
      await page
        .locator('#status', { hasText: 'Activations of conv1 for scene.png: 55 × 55 × 96.' })
        .waitFor();
      for (const filter of [6, 53, 82]) {
        const map = data.filter((_, i) => i % shape[2]! === filter - 1);
        const at = map.indexOf(Math.max(...map));
        const [row, column] = [Math.floor(at / 55), at % 55];
        await option(page, filter).click();
        const text = (await found(page).textContent())!;
        assert.ok(
          text.includes(`row ${row}, column ${column} of its 55 × 55 map`),
          `filter ${filter}: ${text}, not ${row}, ${column}`,
        );
        assert.ok(
          text.includes(`x ${4 * column} to ${4 * column + 10}, y ${4 * row} to ${4 * row + 10}`),
          text,
        );
      }
      // Sorted by activation, each tower starts with its most active filter.
      await page.check('[value=response]');
      const most = (from: number) => {
        const values = Array.from({ length: 48 }, (_, i) =>
          Math.max(...data.filter((_, at) => at % 96 === from + i)),
        );
        return from + values.indexOf(Math.max(...values)) + 1;
      };
      for (const tower of [1, 2]) {
        const name = await page
          .locator(`#tower-${tower} [role=option]`)
          .first()
          .getAttribute('aria-label');
        assert.equal(name, `filter ${most(48 * (tower - 1))} of 96, tower ${tower}`);
      }
    });
  });

  it('works with the keyboard and reports files that are not pictures', async () => {
    await inPage('filters/', async (page) => {
      await found(page).filter({ hasText: 'Strongest activation' }).waitFor();
      await page.focus('[name=order]');
      await page.keyboard.press('Tab');
      const focused = () => page.evaluate(() => document.activeElement!.getAttribute('aria-label'));
      assert.equal(await focused(), 'filter 1 of 96, tower 1');
      await page.keyboard.press('ArrowRight');
      assert.equal(await focused(), 'filter 2 of 96, tower 1');
      await page.locator('#look-title', { hasText: 'Where filter 2 is active' }).waitFor();
      await page.keyboard.press('ArrowDown');
      assert.equal(await focused(), 'filter 14 of 96, tower 1', 'twelve per row');
      await page.keyboard.press('End');
      await page.locator('#look-title', { hasText: 'Where filter 48 is active' }).waitFor();
      await page.keyboard.press('Tab');
      assert.equal(await focused(), 'filter 49 of 96, tower 2');
      await page.setInputFiles('#input input[type=file]', {
        name: 'notes.jpg',
        mimeType: 'image/jpeg',
        buffer: Buffer.from('no picture'),
      });
      await page
        .locator('#status', { hasText: 'notes.jpg is not a picture that this browser can read.' })
        .waitFor();
      await page.click('button[title=ladybug]');
      await page.locator('#status', { hasText: 'Activations of conv1 for ladybug' }).waitFor();
    });
  });
});
