/** Tests of the page "Train your own classifier" in a browser. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gallery, shoot } from '../testing/gallery';
import {
  FIRST,
  SECOND,
  THIRD,
  addTwo,
  best,
  card,
  clickWhen,
  filesOf,
  picturesOf,
  rename,
  says,
  set,
  testPictures,
} from '../testing/teachPage';

const folder = mkdtempSync(join(tmpdir(), 'teach-'));
after(() => rmSync(folder, { recursive: true }));

describe('teach', () => {
  const { inPage } = gallery();

  it('trains a classifier of the sample pictures in two clicks', async () => {
    await inPage('teach/', async (page) => {
      await shoot(page, 'teach-empty');
      await page.click('text=Use the sample pictures');
      await says(page, 'pictures-status', /^96 pictures added\.$/);
      await page.click('#train');
      await page.locator('.thumbs [data-state=training]').first().waitFor();
      await page.locator('.thumbs [data-state=validation]').first().waitFor();
      await page.locator('#accuracy[aria-label*="validation"]').waitFor();
      await says(
        page,
        'training-status',
        /^Trained in \d+ seconds?\. The model has 4 classes\.( Epoch \d+ of \d+ was kept: it did best on held-out pictures\.)?\s*Try it$/,
      );
      assert.match(
        (await page.getAttribute('#accuracy', 'aria-label'))!,
        /^Curves at epoch \d+: training \d+ %, validation \d+ %$/,
      );
      await says(
        page,
        'validation-summary',
        /^Accuracy on 20 held-out pictures, which training did not use: \d+ % \(\d+ correct\)\./,
      );
      const counts = await page.locator('#matrix tbody td').allTextContents();
      assert.equal(counts.length, 16);
      assert.equal(
        counts.reduce((sum, text) => sum + (Number(text) || 0), 0),
        20,
      );
      const wrong = counts.reduce((sum, text, i) => sum + (i % 5 === 0 ? 0 : Number(text) || 0), 0);
      assert.equal(await page.locator('#mistakes li').count(), wrong);
      await best(page).waitFor();
      await shoot(page, 'teach');
      await page.click(`button[aria-label="Remove class ${THIRD}"]`);
      await says(page, 'training-status', `Class “${THIRD}” removed.`);
      assert.equal(await page.locator('#model-classes li:not(.plain)').count(), 3);
    });
  });

  it('disables training with a reason while pictures are added, and removes the earlier error', async () => {
    await inPage('teach/', async (page) => {
      await page.click('#train');
      await page.locator('#training-status.bad').waitFor();
      await page.click('text=Use the sample pictures');
      await page.locator('#train:disabled').waitFor();
      assert.equal(
        await page.textContent('#train-hint:visible'),
        'You can train when all pictures have been added.',
      );
      await says(page, 'pictures-status', /^96 pictures added\.$/);
      await page.locator('#train:enabled').waitFor();
      assert.equal(await page.isVisible('#train-hint'), false);
      assert.equal(await page.textContent('#training-status p'), '');
    });
  });

  it('trains on files, saves the model, and loads it again with the same predictions', async () => {
    await inPage('teach/', async (page) => {
      await addTwo(page);
      await page.click('#train');
      await says(page, 'training-status', /^Trained in/);
      await says(
        page,
        'validation-summary',
        /^Accuracy on 4 held-out pictures.+only a rough estimate/,
      );
      for (const name of [SECOND, FIRST]) {
        await page.setInputFiles('#input input[type=file]', testPictures(name));
        await best(page)
          .filter({ hasText: new RegExp(`^${name}`) })
          .waitFor();
      }
      const answer = (await best(page).textContent())!;

      await page.fill('#model-name', 'pair');
      await page.click('#save');
      await says(page, 'save-status', /^Saved “pair” in this browser: \d+ kB\.$/);
      await page.click('#save');
      await says(page, 'save-status', 'There is already a model “pair” in this browser.');
      await page.click('#save-status button:text-is("Replace it")');
      await says(page, 'save-status', /^Saved “pair” in .+, replacing the previous one\./);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click('#download'),
      ]);
      assert.equal(download.suggestedFilename(), 'pair.zip');
      assert.match(
        (await page.textContent('#app-code'))!,
        /load\(\{ weights: '\/pair\/model\.json' \}\)/,
      );
      await page.check('#app-code-kind input[value=react]');
      assert.match(
        (await page.textContent('#app-code'))!,
        /^\/\/ npm install alexnet-ts\nimport [^]+weights: '\/pair\/model\.json', signal/,
      );
      const zip = join(folder, 'pair.zip');
      await download.saveAs(zip);

      await page.click('text=Add a class');
      await page.keyboard.type(THIRD);
      await page.keyboard.press('Enter');
      await filesOf(page, THIRD).setInputFiles(picturesOf(THIRD, 4));
      await page.click(`text=Add class “${THIRD}”`);
      await says(
        page,
        'training-status',
        `Class “${THIRD}” added. Only its 4 pictures had to be processed.`,
      );
      await says(page, 'validation-summary', 'The model was trained on all pictures');
      await page.locator('#predictions li').nth(2).waitFor(); // classified again
      assert.equal(await page.locator('#predictions li').count(), 3);

      const saved = page.locator('#saved li');
      for (const load of [
        () => page.click('button[aria-label="Load pair"]'),
        () => page.setInputFiles('#from-file input', zip),
      ]) {
        await says(page, 'project-state', 'Saved in this browser');
        await page.reload();
        await saved
          .filter({ hasText: new RegExp(`^pair${FIRST} and ${SECOND} · \\d+ kB · `) })
          .waitFor();
        await load();
        await says(page, 'save-status', `Loaded “pair” with the classes ${FIRST} and ${SECOND}.`);
        await page.setInputFiles('#input input[type=file]', testPictures(FIRST));
        await best(page)
          .filter({ hasText: new RegExp(`^${FIRST}`) }) // a sample may be classified first
          .waitFor();
        assert.equal(await best(page).textContent(), answer);
      }
      // The project has the class, and the loaded model does not.
      await page.click(`text=Add class “${THIRD}”`);
      await says(
        page,
        'training-status',
        /the model must have the features of its training images, but they were not kept/,
      );
      // A model must keep two classes.
      assert.equal(await page.locator('#model-classes button[aria-label^="Remove"]').count(), 0);
      await page.setInputFiles('#from-file input', {
        name: 'notes.zip',
        mimeType: 'application/zip',
        buffer: Buffer.from('no zip'),
      });
      await says(page, 'save-status', /notes\.zip: must be a complete zip file/);
      await page.click('button[aria-label="Delete pair"]');
      await page.locator('#none-saved').waitFor();
    });
  });

  it('says so when the browser has no space, and saves once there is', async () => {
    await inPage('teach/', async (page) => {
      const client = await page.context().newCDPSession(page);
      const { origin } = new URL(page.url());
      await client.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
      await addTwo(page);
      await says(
        page,
        'project-status',
        /^The browser is out of storage space, so the last changes/,
      );
      await says(page, 'project-state', 'Unsaved changes');
      await page.click('#train');
      await says(page, 'training-status', /^Trained in/);
      await page.click('#save');
      await says(
        page,
        'save-status',
        'The browser is out of storage space. Delete a saved model below, or download this one instead.',
      );
      await client.send('Storage.overrideQuotaForOrigin', { origin });
      await rename(page, FIRST, 'cup');
      await says(page, 'project-state', 'Saved in this browser');
      assert.equal(await page.textContent('#project-status p'), '');
    });
  });

  it('reports missing pictures and files that cannot be used', async () => {
    await inPage('teach/', async (page) => {
      const training = (text: RegExp | string) => says(page, 'training-status', text);
      await page.click('#train');
      await training('There are no pictures yet.');
      await rename(page, 'Class 1', FIRST);
      await rename(page, 'Class 2', FIRST.toUpperCase());
      await says(page, 'pictures-status', `There is already a class “${FIRST}”.`);
      const files = filesOf(page, FIRST);
      await files.setInputFiles([
        { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') },
      ]);
      await says(
        page,
        'pictures-status',
        'Nothing was added. Skipped: notes.txt is not a picture that this browser can read.',
      );
      const [picture] = picturesOf(FIRST, 1) as [string];
      const jpeg = readFileSync(picture);
      await files.setInputFiles([
        { name: 'one.jpg', mimeType: 'image/jpeg', buffer: jpeg },
        { name: 'copy.jpg', mimeType: 'image/jpeg', buffer: jpeg },
        { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: jpeg.subarray(0, 150) },
      ]);
      await says(page, 'pictures-status', /^1 picture added\. 2 skipped: /);
      assert.match((await page.textContent('#skipped'))!, /copy\.jpg is a duplicate of one\.jpg\./);
      await page.click('#train');
      await training('The class “Class 2” has no pictures.');
      await page.click('button[aria-label="Delete class Class 2"]');
      await page.click('#train');
      await training(`There is only one class, “${FIRST}”.`);
      await card(page, FIRST).locator('.thumbs li').hover();
      await page.click('button[aria-label="Remove one.jpg"]');
      await card(page, FIRST).getByText('No pictures yet.').waitFor();
      await card(page, FIRST).getByText('Camera').click();
      await says(page, 'pictures-status', 'No camera was found. Choose a file instead.');
    });
  });

  it('can be canceled, and handles a learning rate that is too high', async () => {
    await inPage('teach/', async (page) => {
      const training = (text: RegExp | string) => says(page, 'training-status', text);
      const cancelTraining = { id: 'cancel-training', status: 'training-status' };
      await addTwo(page, 8);
      await page.evaluate(clickWhen, {
        ...cancelTraining,
        text: '^Processing 16 pictures',
      });
      await page.click('#train');
      await training('Canceled. Nothing was trained.');
      await set(page, 'epochs', '500');
      await page.uncheck('[name=earlyStopping]');
      await page.evaluate(clickWhen, {
        ...cancelTraining,
        text: '^Training: epoch (?!1 of)',
      });
      await page.click('#train');
      await training(/^Stopped after epoch \d+ of 500; the model is usable\./);
      await best(page)
        .waitFor({ state: 'attached' })
        .catch(() => {});
      await set(page, 'epochs', '5');
      await set(page, 'learningRate', '1e9');
      await page.selectOption('[name=validationSplit]', '0');
      await page.click('#train');
      await training('Training diverged: the learning rate is too high.');
      await set(page, 'learningRate', '');
      await page.click('#train');
      await training(/^Trained in/);
      await says(page, 'validation-summary', 'There are no held-out pictures');
    });
  });
});
