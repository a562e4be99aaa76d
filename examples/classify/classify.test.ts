/** Tests of the page "What is in this picture?" in a browser. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { figures } from '../gallery/figures.mjs';
import { gallery, shoot } from '../testing/gallery';

const assets = readdirSync(fileURLToPath(new URL('../../dist/gallery/assets', import.meta.url)));
const image = (name: string) => fileURLToPath(new URL(`../images/${name}.jpg`, import.meta.url));

/** Progress of the download, whose size is that of the shards in the manifest. */
const downloading = new RegExp(
  `^Downloading the network: \\d\\.\\d of ${figures['weights.size']}$`,
);

describe('classify', () => {
  const { inPage } = gallery();

  it('classifies samples and files, with one crop and with ten', async () => {
    await inPage('classify/', async (page) => {
      const first = page.locator('#predictions li:first-child');
      await first.filter({ hasText: /^school bus/ }).waitFor();
      assert.match((await first.textContent())!, /^school bus[4-9]\d\.\d %$/);
      assert.equal(await page.locator('#predictions li').count(), 5);
      assert.match(
        (await page.textContent('#status'))!,
        /^school bus: \d+ ms on this device’s processor \(WebAssembly\), including decoding\.$/,
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

  it('lets visitors look up what the network knows', async () => {
    await inPage('classify/', async (page) => {
      await page.click('text=Look up the 293 kinds of things it knows');
      const kinds = page.locator('.class-list li');
      await kinds.nth(292).waitFor({ state: 'attached' }); // filled when it is opened
      assert.equal(await kinds.count(), 293);
      const field = page.getByRole('searchbox');
      await field.fill('BUS');
      assert.deepEqual(await kinds.allTextContents(), ['school bus', 'trolleybus']);
      await page.locator('.class-list [role=status]', { hasText: /^2 of 293 kinds/ }).waitFor();
      await field.fill('unicorn');
      await page.locator('.class-list', { hasText: 'It does not know “unicorn”' }).waitFor();
      assert.match(
        (await page.textContent('.network-hint'))!,
        /^This network knows 293 kinds of things\. Bring one that knows 1000 \(a download of 244 MB\)$/,
      );
      await field.fill('dog');
      await shoot(page, 'classify-list');
      await page.click('.network-hint a');
      await page.locator('h1', { hasText: 'Bring ImageNet’s weights' }).waitFor();
    });
  });

  it('reports files that cannot be read, and continues', async () => {
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
        .filter({ hasText: 'notes.jpg is not a picture that this browser can read.' })
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
      await page.click('.link button');
      await status.filter({ hasText: '“not a link” is not a link to a picture.' }).waitFor();
      await page.click('button[title=obelisk]');
      await first.filter({ hasText: /^obelisk/ }).waitFor();
    });
  });

  it('accepts drops, pastes, the clipboard and links', async () => {
    await inPage(
      'classify/',
      async (page) => {
        const first = page.locator('#predictions li:first-child');
        const pressed = page.locator('#input img').first();
        await first.filter({ hasText: /^school bus/ }).waitFor();
        const send = (type: 'drop' | 'paste', name: string) =>
          page.evaluate(
            async ([type, url]) => {
              const blob = await (await fetch(url!)).blob();
              const data = new DataTransfer();
              data.items.add(new File([blob], 'sent.jpg', { type: 'image/jpeg' }));
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
        await send('drop', 'lemon');
        await first.filter({ hasText: /^lemon/ }).waitFor();
        assert.equal(await pressed.getAttribute('alt'), 'sent.jpg');
        await send('paste', 'obelisk');
        await first.filter({ hasText: /^obelisk/ }).waitFor();
        await page.evaluate(
          async (url) => {
            const bitmap = await createImageBitmap(await (await fetch(url)).blob());
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
            canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
            await navigator.clipboard.write([
              new ClipboardItem({ 'image/png': canvas.convertToBlob() }),
            ]);
          },
          addressOf(page, 'viaduct'),
        );
        await page.click('button:text-is("Paste")');
        await first.filter({ hasText: /^viaduct/ }).waitFor();
        await page.fill('[type=url]', addressOf(page, 'ladybug'));
        await page.keyboard.press('Enter');
        await first.filter({ hasText: /^ladybug/ }).waitFor();
        await page.fill('[type=url]', `${page.url()}nothing.jpg`);
        await page.keyboard.press('Enter');
        await page
          .locator('#status', { hasText: /responded with error 404\. Check the link\./ })
          .waitFor();
      },
      { permissions: ['clipboard-read', 'clipboard-write'], expected: /404/ },
    );
  });

  it('shows the bytes downloaded, and what to do if the download fails', async () => {
    let cut = true;
    await inPage(
      'classify/',
      async (page) => {
        await page.locator('#status', { hasText: /Reload the page to try again\.$/ }).waitFor();
        assert.doesNotMatch((await page.textContent('#status'))!, /http/);
        cut = false;
        await page.addInitScript(() => {
          const messages = new Set<string>();
          Object.assign(window, { messages });
          addEventListener('DOMContentLoaded', () => {
            const line = document.getElementById('status')!;
            new MutationObserver(() => messages.add(line.textContent)).observe(line, {
              subtree: true,
              childList: true,
              characterData: true,
            });
          });
        });
        await page.reload();
        await page.locator('#predictions li:first-child', { hasText: /^school bus/ }).waitFor();
        const shown = await page.evaluate(() => [
          ...(window as unknown as { messages: Set<string> }).messages,
        ]);
        assert.ok(shown.filter((text) => downloading.test(text)).length > 2, shown.join('\n'));
        assert.ok(shown.some((text) => /^Warming up: layer \d+ of \d+$/.test(text)));
      },
      {
        expected: /Failed to load resource/,
        prepare: (context) =>
          context.route('**/*.gz', (route) => (cut ? route.abort() : route.continue())),
      },
    );
  });
});
