/** The page "What is in this picture?", used as a person would. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { gallery, shoot } from '../testing/gallery';

const assets = readdirSync(fileURLToPath(new URL('../../dist/gallery/assets', import.meta.url)));
const image = (name: string) => fileURLToPath(new URL(`../images/${name}.jpg`, import.meta.url));

describe('classify', () => {
  const { inPage } = gallery();

  it('classifies samples and files, with one crop and with ten', async () => {
    await inPage('classify/', async (page) => {
      const first = page.locator('#predictions li:first-child');
      await first.filter({ hasText: /^school bus/ }).waitFor();
      assert.match((await first.textContent())!, /^school bus9\d\.\d %$/);
      assert.equal(await page.locator('#predictions li').count(), 5);
      assert.match(
        (await page.textContent('#status'))!,
        /^\d+ ms on wasm, decoding included, for school bus\.$/,
      );
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
      await page.setInputFiles('#input input[type=file]', {
        name: 'notes.jpg',
        mimeType: 'image/jpeg',
        buffer: Buffer.from('no picture'),
      });
      await status
        .filter({ hasText: 'notes.jpg is no picture that this browser can read.' })
        .waitFor();
      const huge = await sharp({
        create: { width: 12_500, height: 8000, channels: 3, background: '#888' },
      })
        .png()
        .toBuffer();
      await page.setInputFiles('#input input[type=file]', {
        name: 'huge.png',
        mimeType: 'image/png',
        buffer: huge,
      });
      await status.filter({ hasText: 'huge.png has 100 megapixels (12500 × 8000).' }).waitFor();
      await page.fill('[type=url]', 'not a link');
      await page.click('text=Use link');
      await status.filter({ hasText: '“not a link” is no link to a picture.' }).waitFor();
      await page.click('button[title=orange]');
      await first.filter({ hasText: /^orange/ }).waitFor();
    });
  });

  it('takes what is dropped, pasted, copied and linked to', async () => {
    await inPage(
      'classify/',
      async (page) => {
        const first = page.locator('#predictions li:first-child');
        const pressed = page.locator('#input img').first();
        await first.filter({ hasText: /^school bus/ }).waitFor();
        const hand = (type: 'drop' | 'paste', name: string) =>
          page.evaluate(
            async ([type, url]) => {
              const blob = await (await fetch(url!)).blob();
              const data = new DataTransfer();
              data.items.add(new File([blob], 'handed.jpg', { type: 'image/jpeg' }));
              const init = { bubbles: true, cancelable: true };
              const event =
                type === 'drop'
                  ? new DragEvent('drop', { ...init, dataTransfer: data })
                  : new ClipboardEvent('paste', { ...init, clipboardData: data });
              document.body.dispatchEvent(event);
            },
            [type, addressOf(page, name)] as const,
          );
        const addressOf = (each: typeof page, name: string) =>
          each.url() + `../assets/${assets.find((file) => file.startsWith(name))}`;
        await hand('drop', 'lemon');
        await first.filter({ hasText: /^lemon/ }).waitFor();
        assert.equal(await pressed.getAttribute('alt'), 'handed.jpg');
        await hand('paste', 'orange');
        await first.filter({ hasText: /^orange/ }).waitFor();
        await page.evaluate(
          async (url) => {
            const bitmap = await createImageBitmap(await (await fetch(url)).blob());
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
            canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
            await navigator.clipboard.write([
              new ClipboardItem({ 'image/png': canvas.convertToBlob() }),
            ]);
          },
          addressOf(page, 'espresso'),
        );
        await page.click('button:text-is("Paste")');
        await first.filter({ hasText: /^espresso/ }).waitFor();
        await page.fill('[type=url]', addressOf(page, 'ladybug'));
        await page.keyboard.press('Enter');
        await first.filter({ hasText: /^ladybug/ }).waitFor();
        await page.fill('[type=url]', `${page.url()}nothing.jpg`);
        await page.keyboard.press('Enter');
        await page
          .locator('#status', { hasText: /answered 404 for this link\. Is it still there\?/ })
          .waitFor();
      },
      { permissions: ['clipboard-read', 'clipboard-write'], expected: /404/ },
    );
  });

  it('counts the bytes as they come, and says what to do when they do not', async () => {
    let cut = true;
    await inPage(
      'classify/',
      async (page) => {
        await page
          .locator('#status', { hasText: /Load the page again to try once more\.$/ })
          .waitFor();
        cut = false;
        await page.addInitScript(() => {
          const seen = new Set<string>();
          Object.assign(window, { seen });
          addEventListener('DOMContentLoaded', () => {
            const line = document.getElementById('status')!;
            new MutationObserver(() => seen.add(line.textContent)).observe(line, {
              subtree: true,
              childList: true,
              characterData: true,
            });
          });
        });
        await page.reload();
        await page.locator('#predictions li:first-child', { hasText: /^school bus/ }).waitFor();
        const seen = await page.evaluate(() => [
          ...(window as unknown as { seen: Set<string> }).seen,
        ]);
        assert.ok(
          seen.filter((text) => /^Fetching the network: \d\.\d of 8\.5 MB$/.test(text)).length > 2,
          seen.join('\n'),
        );
        assert.ok(seen.some((text) => /^Warming up: layer \d+ of \d+$/.test(text)));
      },
      {
        expected: /Failed to load resource/,
        prepare: (context) =>
          context.route('**/*.gz', (route) => (cut ? route.abort() : route.continue())),
      },
    );
  });
});
