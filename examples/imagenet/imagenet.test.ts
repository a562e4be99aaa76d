/** Tests of the page "Bring ImageNet's weights", and of the switch that it adds to the others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { torchvisionFile } from '../../test/support/torchvisionFile.mjs';
import { gallery, shoot } from '../testing/gallery';

const weights = {
  name: 'alexnet.safetensors',
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(torchvisionFile()),
};

/** Converts the file and waits for the first prediction. */
async function bring(page: Page) {
  await page.setInputFiles('#file', weights);
  await page
    .locator('#conversion', { hasText: /^Converted in \d+ s: \d+ kB became \d+ kB\./ })
    .waitFor();
  await page
    .locator('#status', {
      hasText: /^school bus: \d+ ms on this device’s processor \(WebAssembly\)/,
    })
    .waitFor();
}

describe('bring ImageNet’s weights', () => {
  const { inPage } = gallery();

  it('converts a file, classifies with it, and shows its tensors and filters', async () => {
    await inPage('imagenet/', async (page) => {
      await bring(page);
      assert.match(
        (await page.textContent('#kept'))!,
        /^alexnet\.safetensors: 1,000 classes, \d+ kB, kept in this browser\./,
      );
      assert.equal(await page.locator('#predictions li').count(), 5);
      assert.equal(await page.textContent('#filters-title'), 'The 16 filters of conv1');
      assert.equal(await page.locator('#filters [role=option]').count(), 16);
      await page.click('summary');
      assert.equal(await page.locator('#tensors tbody tr').count(), 16);
      assert.deepEqual(
        await page.locator('#tensors tbody tr').first().locator('td').allTextContents(),
        ['features.0.weight', 'conv1/kernel', '11 × 11 × 3 × 16', 'uint8'],
      );
      await page.click('button[title=ladybug]');
      await page.locator('#status', { hasText: /^ladybug/ }).waitFor();
      await shoot(page, 'imagenet');
    });
  });

  it('adds a switch to every page that uses the network, until it is removed', async () => {
    await inPage('imagenet/', async (page) => {
      assert.equal(await page.locator('.network-hint').count(), 0);
      await bring(page);
      const address = page.url();
      const own = page.locator('.network-switch label', { hasText: '(yours)' }).locator('input');
      for (const folder of ['crops', 'look-alikes', 'teach', 'webcam', 'inside', 'filters']) {
        await page.goto(address.replace('imagenet', folder));
        await own.waitFor();
        assert.ok(await own.isChecked(), folder);
      }
      await page.locator('#filters-title', { hasText: 'The 16 filters of conv1' }).waitFor();
      await page.locator('#found', { hasText: /^Filter 1: \d+ % color\. Strongest/ }).waitFor();
      assert.equal(await page.locator('.two-towers:visible').count(), 0);

      // All figures of the article show the visitor's network.
      await page.goto(address.replace('imagenet/', ''));
      await own.waitFor();
      await page.locator('#status', { hasText: /^school bus: \d+ ms/ }).waitFor();
      await page.locator('summary', { hasText: 'the 1,000 kinds of things it knows' }).waitFor();
      const figures = page.locator('.figure[data-picture], .figure.waiting');
      for (const figure of await figures.all()) {
        await figure.scrollIntoViewIfNeeded();
        const id = await figure.getAttribute('id');
        await page.locator(`#${id}[data-picture]:not(.waiting)`).waitFor();
        assert.equal(await figure.locator('.problem:visible').count(), 0, id!);
      }
      await page.locator('#filter-found', { hasText: /^Kernel \d+ fires/ }).waitFor();
      assert.equal(await page.locator('.two-towers:visible, .shipped-only:visible').count(), 0);

      await page.goto(address.replace('imagenet', 'classify'));
      await page.locator('#status', { hasText: /^school bus: \d+ ms/ }).waitFor();
      const first = page.locator('#predictions li').first();
      assert.doesNotMatch((await first.textContent())!, /^school bus/);
      assert.equal(await page.locator('.shipped-only:visible').count(), 0);
      await shoot(page, 'network-switch');
      await page.check('.network-switch label:has-text("shipped") input');
      await first.filter({ hasText: /^school bus/ }).waitFor();
      assert.ok(await page.locator('.shipped-only').isVisible());

      await page.goto(address);
      await page.click('#remove');
      await page.locator('#kept', { hasText: /^\s*Nothing yet\./ }).waitFor();
      assert.equal(await page.locator('.network-switch').count(), 0);
      const kept = await page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const names: string[] = [];
        for await (const name of (await root.getDirectoryHandle('weights')).keys())
          names.push(name);
        return names;
      });
      assert.deepEqual(kept, []);
    });
  });

  it('drops a conversion when another file is chosen, or when it is canceled', async () => {
    await inPage(
      'imagenet/',
      async (page) => {
        await page.route('**/slow.pth', () => {}); // never answered
        await page.fill('#address', `${page.url()}slow.pth`);
        await Promise.all([page.waitForRequest(/slow\.pth/), page.keyboard.press('Enter')]);
        await bring(page);
        assert.match((await page.textContent('#kept'))!, /kept in this browser/);
        assert.equal(await page.locator('#cancel').isVisible(), false);
        await Promise.all([page.waitForRequest(/slow\.pth/), page.click('#link button')]);
        await page.click('#cancel');
        await page.locator('#conversion', { hasText: 'Canceled. Nothing was kept.' }).waitFor();
        await page.reload();
        await page.locator('#kept', { hasText: 'alexnet.safetensors: 1,000 classes' }).waitFor();
        await page.locator('#status', { hasText: /^school bus: \d+ ms/ }).waitFor();
      },
      { expected: /slow\.pth/ },
    );
  });

  it('says what is wrong with a file or an address, and keeps what was there', async () => {
    await inPage(
      'imagenet/',
      async (page) => {
        const status = page.locator('#conversion');
        await page.setInputFiles('#file', {
          name: 'holiday.pth',
          mimeType: '',
          buffer: Buffer.from('not weights'),
        });
        await status
          .filter({ hasText: 'holiday.pth: is none of the files that can be converted' })
          .waitFor();
        assert.equal(await page.locator('#results').isVisible(), false);
        await bring(page);
        await page.fill('#address', 'alexnet.pth');
        await page.click('#link button');
        await status.filter({ hasText: '“alexnet.pth” is not the address of a file.' }).waitFor();
        await page.fill('#address', `${page.url()}none.pth`);
        await page.keyboard.press('Enter');
        await status.filter({ hasText: 'responded with error 404' }).waitFor();
        await page.reload();
        await page.locator('#kept', { hasText: 'alexnet.safetensors: 1,000 classes' }).waitFor();
        await page.locator('#status', { hasText: /^school bus: \d+ ms/ }).waitFor();
      },
      { expected: /404/ },
    );
  });
});
