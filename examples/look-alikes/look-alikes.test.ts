/** The page "Which pictures look alike?", with folders of pictures made from the samples. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { gallery, shoot } from '../testing/gallery';

const image = (name: string) => fileURLToPath(new URL(`../images/${name}.jpg`, import.meta.url));
const status = (page: Page, text: string | RegExp) =>
  page.locator('#status').filter({ hasText: text }).waitFor();
const nearest = (page: Page) => page.locator('#nearest .name').allTextContents();
const distances = async (page: Page) =>
  (await page.locator('.distance').allTextContents()).map(Number);

describe('look-alikes', () => {
  const opened = gallery();
  const { inPage } = opened;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pictures-'));
    await mkdir(join(folder, 'two kinds/deep'), { recursive: true });
    await mkdir(join(folder, 'many'));
    for (const kind of ['ladybug', 'obelisk']) {
      const plain = sharp(image(kind)).resize(200, 200, { fit: 'cover' });
      await plain.clone().toFile(join(folder, `two kinds/${kind} 1.jpg`));
      await plain
        .clone()
        .flop()
        .modulate({ brightness: 1.15 })
        .toFile(join(folder, `two kinds/${kind} 2.jpg`));
      await plain
        .clone()
        .rotate(6)
        .toFile(join(folder, `two kinds/deep/${kind} 3.jpg`));
    }
    await writeFile(join(folder, 'two kinds/notes.txt'), 'no picture');
    const small = await sharp(image('lemon')).resize(64, 64).jpeg().toBuffer();
    for (let i = 0; i < 2000; i++) await writeFile(join(folder, `many/lemon ${i}.jpg`), small);
  });
  after(() => rm(folder, { recursive: true }));

  it('finds the nearest in a folder, keeps its index, and forgets it', async () => {
    await inPage('look-alikes/', async (page) => {
      await status(page, 'The index is empty.');
      await page.setInputFiles('#folder', join(folder, 'two kinds'));
      await status(
        page,
        '6 pictures added, 1 left out. The index has 6 pictures, kept in this browser.',
      );
      await page.click('text=What was left out (1)');
      await page
        .locator('#left-out li', { hasText: 'notes.txt is no picture that this browser can read.' })
        .waitFor();

      for (const kind of ['ladybug', 'obelisk']) {
        await page.click(
          `.tiles button[title="${kind} 2.jpg"], #query:has(img[alt="${kind} 2.jpg"])`,
        );
        await page.locator(`#query img[alt="${kind} 2.jpg"]`).waitFor();
        const [first, second, ...others] = await nearest(page);
        assert.deepEqual([first, second].sort(), [`${kind} 1.jpg`, `${kind} 3.jpg`]);
        assert.equal(others.length, 3);
      }
      const sorted = await distances(page);
      assert.deepEqual(
        sorted,
        sorted.toSorted((a, b) => a - b),
      );
      assert.ok(sorted[0]! > 0);

      await page.setInputFiles('#folder', join(folder, 'two kinds'));
      await status(page, '0 pictures added, 6 were there already, 1 left out.');
      await page.setInputFiles('#another', image('ladybug'));
      await status(
        page,
        'Sorted by ladybug.jpg, which is not in the index. The index has 6 pictures',
      );
      assert.match((await nearest(page))[0]!, /^ladybug/);

      await page.reload();
      await page.locator('#nearest li:nth-child(5)').waitFor(); // before the network is there
      await status(page, 'The index has 6 pictures, kept in this browser.');
      await page.click('text=Forget them all');
      await status(page, 'The index is empty.');
      assert.equal(await page.locator('#results').isVisible(), false);
      await page.reload();
      await status(page, 'The index is empty.');
    });
  });

  it('computes anew what other weights were used for', async () => {
    await inPage('look-alikes/', async (page) => {
      await status(page, 'The index is empty.');
      await page.setInputFiles('#pictures', [image('lemon'), image('orange')]);
      await status(page, '2 pictures added.');
      await page.evaluate(async () => {
        await new Promise<void>((resolve) => {
          indexedDB.open('look-alikes').onsuccess = ({ target }) => {
            const database = (target as IDBOpenDBRequest).result;
            const transaction = database.transaction('pictures', 'readwrite');
            transaction.oncomplete = () => resolve(database.close());
            transaction.objectStore('pictures').openCursor().onsuccess = (event) => {
              const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
              if (!cursor) return;
              cursor.update({ ...cursor.value, weights: 'of another set' });
              cursor.continue();
            };
          };
        });
      });
      await page.reload();
      await status(
        page,
        'The network has changed since your last visit: please index your pictures anew.',
      );
      assert.equal(await page.locator('#results').isVisible(), false);
    });
  });

  it('takes drops: folders are added, one picture on the large one is asked about', async () => {
    await inPage('look-alikes/', async (page) => {
      await status(page, 'The index is empty.');
      const drop = async (selector: string, file: string) => {
        const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
        const session = await page.context().newCDPSession(page);
        for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
          const data = { items: [], files: [file], dragOperationsMask: 1 };
          await session.send('Input.dispatchDragEvent', {
            type,
            x: x + width / 2,
            y: y + height / 2,
            data,
          });
        }
      };
      await drop('h1', join(folder, 'two kinds'));
      await status(page, '6 pictures added, 1 left out.');
      await drop('#query img', image('obelisk'));
      await status(page, 'Sorted by obelisk.jpg, which is not in the index.');
      assert.match((await nearest(page))[0]!, /^obelisk/);
    });
  });

  it('says how long two thousand pictures take, and keeps what is done when cancelled', async () => {
    await inPage('look-alikes/', async (page) => {
      await status(page, 'The index is empty.');
      await page.setInputFiles('#folder', join(folder, 'many'));
      await status(
        page,
        /^\d+ of 2,000: \d+\.\d pictures a second, about \d+ minutes left\. You may cancel at any time/,
      );
      assert.ok(await page.isDisabled('#ours'));
      assert.equal(await page.getByRole('progressbar').isVisible(), true);
      await page.click('text=Cancel');
      await status(
        page,
        /^Cancelled: \d+ pictures added\. The index has \d+ pictures, kept in this browser\.$/,
      );
      const [, done] = (await page.textContent('#status'))!.match(/has (\d+)/)!;
      await page.setInputFiles('#folder', join(folder, 'many'));
      await status(page, /pictures a second/);
      await page.click('text=Cancel');
      await status(
        page,
        new RegExp(`^Cancelled: \\d+ pictures? added, ${done} were there already\\.`),
      );
    });
  });

  it('works where the browser keeps nothing', async () => {
    const context = await opened.browser.newContext({ serviceWorkers: 'block' });
    try {
      const page = await context.newPage();
      await page.addInitScript(() => {
        indexedDB.open = () => {
          throw new DOMException('No.', 'SecurityError');
        };
      });
      await page.goto(`${opened.address}look-alikes/`);
      await page.setInputFiles('#pictures', [image('lemon'), image('orange')]);
      await status(
        page,
        '2 pictures added. The index has 2 pictures, until you leave: this browser keeps nothing here.',
      );
    } finally {
      await context.close();
    }
  });

  it('indexes our own', async () => {
    await inPage('look-alikes/', async (page) => {
      await page.click('text=Index ours');
      await status(page, /^\d+ of 1\d\d: \d+\.\d pictures a second, about \d+ seconds left\.$/);
      await status(page, /^1\d\d pictures added\. The index has 1\d\d pictures/);
      await page.click('#others button >> nth=5');
      await shoot(page, 'look-alikes');
      await page.click('text=Show all');
      assert.ok((await page.locator('#others li').count()) > 90);
    });
  });
});
