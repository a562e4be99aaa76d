/** Tests of the projects of "Train your own classifier": what survives, and what is asked. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery, shoot } from '../testing/gallery';
import {
  FIRST,
  SECOND,
  THIRD,
  addTwo,
  best,
  card,
  filesOf,
  picturesOf,
  rename,
  says,
  set,
  testPictures,
} from '../testing/teachPage';

const folder = mkdtempSync(join(tmpdir(), 'teach-projects-'));
after(() => rmSync(folder, { recursive: true }));

const isSaved = (page: Page) => says(page, 'project-state', 'Saved in this browser');
const pictures = (page: Page, name: string, count: number) =>
  card(page, name)
    .getByText(count === 1 ? '1 picture' : `${count} pictures`)
    .waitFor();

describe('teach, projects', () => {
  const { inPage } = gallery();

  it('has everything again after a reload and after Back, and in the middle of adding', async () => {
    await inPage('teach/', async (page) => {
      await says(page, 'project-state', 'Nothing to save yet');
      await addTwo(page);
      await set(page, 'epochs', '30');
      await page.click('#train');
      await says(page, 'training-status', /^Trained in/);
      await says(page, 'validation-summary', /^Accuracy on 4 held-out pictures/);
      const accuracy = await page.textContent('#validation-summary');
      await page.setInputFiles('#input input[type=file]', testPictures(SECOND));
      await best(page)
        .filter({ hasText: new RegExp(`^${SECOND}`) })
        .waitFor();
      const answer = await best(page).textContent();
      await page.fill('#project-name', 'Cups');
      await page.keyboard.press('Enter');
      await isSaved(page);

      for (const again of [
        async () => {
          await page.evaluate(() => scrollTo(0, 500));
          await page.reload();
          await page.waitForFunction(() => Math.abs(scrollY - 500) < 2);
        },
        async () => {
          await page.click('header .brand');
          await page.waitForURL((url) => !url.pathname.includes('teach'));
          await page.goBack();
        },
      ]) {
        await again();
        await pictures(page, FIRST, 10);
        await pictures(page, SECOND, 10);
        assert.equal(await page.inputValue('#project-name'), 'Cups');
        assert.equal(await page.inputValue('[name=epochs]'), '30');
        await says(page, 'validation-summary', accuracy!);
        await says(page, 'training-status', 'Trained: the model has 2 classes.');
        await page.setInputFiles('#input input[type=file]', testPictures(SECOND));
        await best(page)
          .filter({ hasText: new RegExp(`^${SECOND}`) })
          .waitFor();
        assert.equal(await best(page).textContent(), answer);
        await isSaved(page);
      }

      // While pictures are added, leaving asks; what had been saved is there.
      await filesOf(page, FIRST).setInputFiles(picturesOf(FIRST, 30));
      const asked = page.waitForEvent('dialog');
      await card(page, FIRST).locator('.thumbs li >> nth=11').waitFor();
      void page.evaluate(() => location.reload()).catch(() => {});
      const dialog = await asked;
      assert.equal(dialog.type(), 'beforeunload');
      await dialog.accept();
      await page.waitForLoadState();
      await card(page, FIRST).locator('.thumbs li >> nth=9').waitFor();
      await page.locator('#projects li').first().waitFor({ state: 'attached' });
      await shoot(page, 'teach-restored');
    });
  });

  it('never replaces silently what another tab has saved', async () => {
    await inPage('teach/', async (page) => {
      await addTwo(page, 4);
      await isSaved(page);
      const other = await page.context().newPage();
      await other.goto(page.url());
      await pictures(other, FIRST, 4);
      await filesOf(page, FIRST).setInputFiles(picturesOf(FIRST, 6));
      await pictures(page, FIRST, 6);
      await isSaved(page);
      await rename(other, SECOND, 'chess');
      await says(other, 'project-conflict', /^This project was changed in another tab\./);
      assert.equal(await other.textContent('#project-state'), 'Unsaved changes');
      await shoot(other, 'teach-conflict');
      await other.click('#new-project');
      await says(other, 'project-status', 'First choose what to do with the changes in this tab.');
      await rename(other, 'chess', 'board');
      await other.click('text=Keep my changes as a copy');
      await says(other, 'project-status', /“My classifier 2”/);
      await isSaved(other);
      await other.reload();
      await pictures(other, 'board', 4);
      await page.reload();
      await pictures(page, FIRST, 6);
      await pictures(page, SECOND, 4);
      assert.equal(await page.textContent('#project-count'), '2');
      await other.close();
    });
  });

  it('keeps several projects, with undo for each deletion', async () => {
    await inPage('teach/', async (page) => {
      await addTwo(page, 4);
      await isSaved(page);
      await page.click('#new-project');
      await card(page, 'Class 1').getByText('No pictures yet.').waitFor();
      assert.equal(await page.inputValue('#project-name'), 'My classifier 2');
      await page.fill('#project-name', 'my classifier');
      await page.keyboard.press('Enter');
      await says(page, 'project-status', 'There is already a project “my classifier”.');
      await filesOf(page, 'Class 1').setInputFiles(picturesOf(THIRD, 1));
      await isSaved(page);
      await page.click('button[aria-label="Delete class Class 2"]');
      await page.click('.undo button:text-is("Undo")');
      await card(page, 'Class 2').waitFor();

      const [picture] = picturesOf(THIRD, 1);
      await card(page, 'Class 1').locator('.thumbs li').hover();
      await page.click(`button[aria-label="Remove ${picture!.split('/').at(-1)}"]`);
      await card(page, 'Class 1').getByText('No pictures yet.').waitFor();
      const focused = await page.evaluate(() => document.activeElement?.tagName);
      assert.equal(focused, 'INPUT', 'the focus stays in the card');
      await page.click('.undo button:text-is("Undo")');
      await pictures(page, 'Class 1', 1);

      await page.click('#project-list summary');
      await page.click('button[aria-label="Open the project My classifier"]');
      await pictures(page, FIRST, 4);
      await page.click('button[aria-label="Delete the project My classifier 2"]');
      await says(page, 'project-count', '1');
      await page.click('.undo button:text-is("Undo")');
      await says(page, 'project-count', '2');
      await page.click('button[aria-label="Open the project My classifier 2"]');
      await pictures(page, 'Class 1', 1);
    });
  });

  it('is one file, which opens as a new project with its model', async () => {
    await inPage('teach/', async (page) => {
      await addTwo(page);
      await page.uncheck(`input[aria-label="Train on ${SECOND}"]`);
      await page.click('#train');
      await says(page, 'training-status', `There is only one class, “${FIRST}”.`);
      await page.check(`input[aria-label="Train on ${SECOND}"]`);
      await page.click('#train');
      await says(page, 'training-status', /^Trained in/);
      await says(page, 'validation-summary', /^Accuracy on/);
      const accuracy = await page.textContent('#validation-summary');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click('#download-project'),
      ]);
      assert.equal(download.suggestedFilename(), 'My classifier.zip');
      const zip = join(folder, 'My classifier.zip');
      await download.saveAs(zip);
      await page.setInputFiles('.project input[type=file]', zip);
      await says(page, 'project-status', 'Opened “My classifier 2” from My classifier.zip.');
      await pictures(page, FIRST, 10);
      await says(page, 'validation-summary', accuracy!);
      await best(page).waitFor({ state: 'attached' });
      const [pictureZip] = await Promise.all([
        page.waitForEvent('download'),
        page.click(`button[aria-label="Download pictures of ${FIRST}"]`),
      ]);
      assert.equal(pictureZip.suggestedFilename(), `${FIRST}.zip`);
    });
  });

  it('continues in memory where the browser stores nothing, and says so', async () => {
    await inPage(
      'teach/',
      async (page) => {
        await addTwo(page, 4);
        await says(page, 'project-state', /^Not saved: this window cannot store anything\./);
        await page.click('#new-project');
        await card(page, 'Class 1').waitFor();
        await page.click('#project-list summary');
        await page.click('button[aria-label="Open the project My classifier"]');
        await pictures(page, FIRST, 4);
      },
      {
        prepare: (context) =>
          context.addInitScript(
            "IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };",
          ),
        viewport: { width: 360, height: 800 },
      },
    );
  });
});
