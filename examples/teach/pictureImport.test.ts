/** Tests of adding pictures to the page "Train your own classifier". */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { gallery } from '../testing/gallery';
import { FIRST, SECOND, THIRD, card, picturesOf, says } from '../testing/teachPage';

const folder = mkdtempSync(join(tmpdir(), 'teach-import-'));
after(() => rmSync(folder, { recursive: true }));

describe('teach, adding pictures', () => {
  const { inPage } = gallery();

  it('imports drops, pastes, zip files and 2,000 pictures, with progress, a time estimate and Cancel', async () => {
    const big = join(folder, 'big');
    for (const name of [FIRST, SECOND]) {
      mkdirSync(join(big, name), { recursive: true });
      const drawn = picturesOf(name, 5).map((file) => readFileSync(file));
      for (let i = 0; i < 1000; i++)
        writeFileSync(
          join(big, name, `${i}.jpg`),
          Buffer.concat([drawn[i % 5]!, Buffer.from(`copy ${i}`)]),
        );
    }
    await inPage('teach/', async (page) => {
      const pictures = (text: RegExp | string) => says(page, 'pictures-status', text);
      const client = await page.context().newCDPSession(page);
      const { x, y } = (await card(page, 'Class 2').boundingBox())!;
      const small = join(folder, 'small');
      mkdirSync(small);
      picturesOf(SECOND, 3).forEach((file, i) =>
        writeFileSync(join(small, `${i}.jpg`), readFileSync(file)),
      );
      const data = { items: [], files: [small], dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
        await client.send('Input.dispatchDragEvent', { type, x: x + 20, y: y + 60, data });
      }
      await card(page, 'Class 2').getByText('3 pictures').waitFor();

      await card(page, 'Class 1').locator('.count').click();
      const bytes = [...readFileSync(picturesOf(FIRST, 1)[0]!)];
      await page.evaluate((content) => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(
          new File([new Uint8Array(content)], 'image.jpg', { type: 'image/jpeg' }),
        );
        document.body.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
        );
      }, bytes);
      await card(page, 'Class 1').getByText('1 picture').waitFor();

      const inZip = Object.fromEntries(
        picturesOf(THIRD, 3).map((file, i) => [
          `set/${THIRD}/${i}.jpg`,
          new Uint8Array(readFileSync(file)),
        ]),
      );
      const zip = {
        name: 'set.zip',
        mimeType: 'application/zip',
        buffer: Buffer.from(zipSync({ ...inZip, 'set/readme.txt': new Uint8Array(3) })),
      };
      await page.setInputFiles('#ways input[accept*=zip]', zip);
      await pictures(/^3 pictures added\. Skipped: set\/readme\.txt is not an image file/);
      await card(page, THIRD).getByText('3 pictures').waitFor();

      await page.setInputFiles('#ways input[webkitdirectory]', big);
      await pictures(/^Reading 2,000 pictures: \d+ done, about \d+ (seconds?|minutes?) left$/);
      await pictures(/^Reading 2,000 pictures: \d{3} done/);
      await page.click('#cancel-import');
      await pictures(/^Canceled\. [\d,]+ pictures added\.$/);
      await says(
        page,
        'estimate',
        /^Processing [\d,]+ pictures will take about \d+ (seconds?|minutes?) on this device\.$/,
      );
      const count = Number(
        /^([\d,]+)/
          .exec((await card(page, FIRST).locator('.count').textContent())!)![1]!
          .replace(',', ''),
      );
      assert.ok(count > 48 && count < 1000, `${count} were read`);
      assert.equal(await card(page, FIRST).locator('.thumbs li').count(), 48);
      await card(page, FIRST)
        .getByText(`Show ${count - 48} more`)
        .click();
      assert.equal(await card(page, FIRST).locator('.thumbs li').count(), count);
      await page.click(`button[aria-label="Delete class ${FIRST}"]`);
    });
  });
});
