/** The page "What is in this picture?", used as a person would. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { gallery, shoot } from '../testing/gallery';

const image = (name: string) => fileURLToPath(new URL(`../images/${name}.jpg`, import.meta.url));

describe('classify', () => {
  const { inPage } = gallery();

  it('classifies samples and files, with one crop and with ten', async () => {
    await inPage('classify/', async (page) => {
      const first = page.locator('#predictions li:first-child');
      await first.filter({ hasText: /^school bus/ }).waitFor();
      assert.match((await first.textContent())!, /^school bus7\d\.\d %$/);
      assert.equal(await page.locator('#predictions li').count(), 5);
      assert.match((await page.textContent('#status'))!, /^\d+ ms on wasm, decoding included, for school bus\.$/);
      await page.click('button[title=ladybug]');
      await first.filter({ hasText: /^ladybug/ }).waitFor();
      await page.setInputFiles('#input input[type=file]', image('lemon'));
      await first.filter({ hasText: /^lemon/ }).waitFor();
      assert.equal(await page.locator('#crops canvas').count(), 1);
      await page.check('[value=ten]');
      await page.locator('#crops canvas:nth-child(10)').waitFor();
      assert.match((await first.textContent())!, /^lemon/);
      await shoot(page, 'classify');
    });
  });

  it('says in a sentence what cannot be read, and goes on', async () => {
    await inPage('classify/', async (page) => {
      const status = page.locator('#status');
      const first = page.locator('#predictions li:first-child');
      await first.filter({ hasText: /^school bus/ }).waitFor();
      await page.setInputFiles('#input input[type=file]', { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
      await status.filter({ hasText: 'notes.jpg is no picture that this browser can read.' }).waitFor();
      const huge = await sharp({ create: { width: 12_500, height: 8000, channels: 3, background: '#888' } })
        .png()
        .toBuffer();
      await page.setInputFiles('#input input[type=file]', { name: 'huge.png', mimeType: 'image/png', buffer: huge });
      await status.filter({ hasText: 'huge.png has 100 megapixels (12500 × 8000).' }).waitFor();
      await page.fill('[type=url]', 'not a link');
      await page.click('text=Use link');
      await status.filter({ hasText: '“not a link” is no link to a picture.' }).waitFor();
      await page.click('button[title=orange]');
      await first.filter({ hasText: /^orange/ }).waitFor();
    });
  });
});
