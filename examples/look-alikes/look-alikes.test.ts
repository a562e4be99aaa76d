/** Tests of the page "Which pictures look alike?" with folders made from the samples. */
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

  it('sorts a folder by similarity, and stores and deletes the index', async () => {
    await inPage('look-alikes/', async (page) => {
      await status(page, 'The index is empty.');
      await page.setInputFiles('#folder', join(folder, 'two kinds'));
      await status(
        page,
        '6 pictures added, 1 skipped. The index has 6 pictures, stored in this browser.',
      );
      await page.click('text=Skipped files (1)');
      await page
        .locator('#skipped li', {
          hasText: 'notes.txt is not a picture that this browser can read.',
        })
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
      await status(page, '0 pictures added, 6 already in the index, 1 skipped.');
      await page.setInputFiles('#query-file', image('ladybug'));
      await status(
        page,
        'Sorted by similarity to ladybug.jpg, which is not in the index. The index has 6 pictures',
      );
      assert.match((await nearest(page))[0]!, /^ladybug/);

      await page.reload();
      await page.locator('#nearest li:nth-child(5)').waitFor(); // before the network has loaded
      await status(page, 'The index has 6 pictures, stored in this browser.');
      await page.click('text=Delete the index');
      await status(page, 'The index is empty.');
      assert.equal(await page.locator('#results').isVisible(), false);
      await page.reload();
      await status(page, 'The index is empty.');
    });
  });

  it('discards features of other weights', async () => {
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
              cursor.update({ ...cursor.value, weights: 'other weights' });
              cursor.continue();
            };
          };
        });
      });
      await page.reload();
      await status(page, 'The network has changed since your last visit. Add your pictures again.');
      assert.equal(await page.locator('#results').isVisible(), false);
    });
  });

  it('adds dropped folders; a picture dropped on the query becomes the query', async () => {
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
      await status(page, '6 pictures added, 1 skipped.');
      await drop('#query img', image('obelisk'));
      await status(page, 'Sorted by similarity to obelisk.jpg, which is not in the index.');
      assert.match((await nearest(page))[0]!, /^obelisk/);
    });
  });

  it('estimates the time for 2,000 pictures, and keeps finished ones when canceled', async () => {
    await inPage('look-alikes/', async (page) => {
      await status(page, 'The index is empty.');
      await page.setInputFiles('#folder', join(folder, 'many'));
      await status(
        page,
        /^\d+ of 2,000: \d+\.\d pictures per second, about \d+ minutes left\. You can cancel/,
      );
      assert.ok(await page.isDisabled('#add-samples'));
      assert.equal(await page.getByRole('progressbar').isVisible(), true);
      await page.click('text=Cancel');
      await status(
        page,
        /^Canceled: \d+ pictures added\. The index has \d+ pictures, stored in this browser\.$/,
      );
      const [, done] = (await page.textContent('#status'))!.match(/has (\d+)/)!;
      await page.setInputFiles('#folder', join(folder, 'many'));
      await status(page, /pictures per second/);
      await page.click('text=Cancel');
      await status(
        page,
        new RegExp(`^Canceled: \\d+ pictures? added, ${done} already in the index\\.`),
      );
    });
  });

  it('stores pictures where Blobs cannot be stored, and continues where nothing can', async () => {
    await inPage('look-alikes/', async (page) => {
      await status(page, 'The index is empty.');
      // As private windows of WebKit do.
      await page.evaluate(() => {
        // Methods, not named functions: tsx would wrap those in a helper that the page lacks.
        const store = IDBObjectStore.prototype;
        const { put } = store;
        const refusal = {
          refuse(): never {
            throw new DOMException('BlobURLs are not yet supported.', 'DataCloneError');
          },
        };
        store.put = function (value: object, ...key) {
          const blobs = Object.values(value).some((field) => field instanceof Blob);
          return blobs ? refusal.refuse() : put.call(this, value, ...key);
        };
        Object.assign(globalThis, {
          refuseAll() {
            store.put = refusal.refuse;
          },
        });
      });
      await page.setInputFiles('#pictures', [image('lemon')]);
      await status(page, '1 picture added. The index has 1 picture, stored in this browser.');
      await page.evaluate('void refuseAll()');
      await page.setInputFiles('#pictures', [image('orange')]);
      await status(
        page,
        '1 picture added. The index has 2 pictures, until you leave this page: the browser does not allow storage.',
      );
      await page.reload();
      await status(page, 'The index has 1 picture, stored in this browser.');
      assert.ok(
        await page.evaluate(async () => {
          const picture = document.querySelector<HTMLImageElement>('#query-image')!;
          await picture.decode();
          return picture.naturalWidth > 0;
        }),
      );
    });
  });

  it('works without storage', async () => {
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
        '2 pictures added. The index has 2 pictures, until you leave this page: the browser does not allow storage.',
      );
    } finally {
      await context.close();
    }
  });

  it('indexes the sample pictures', async () => {
    await inPage('look-alikes/', async (page) => {
      await page.click('text=Add sample pictures');
      await status(page, /^\d+ of 1\d\d: \d+\.\d pictures per second, about \d+ seconds left\.$/);
      await status(page, /^1\d\d pictures added\. The index has 1\d\d pictures/);
      await page.click('#others button >> nth=5');
      await shoot(page, 'look-alikes');
      await page.click('text=Show all');
      assert.ok((await page.locator('#others li').count()) > 90);
    });
  });
});
