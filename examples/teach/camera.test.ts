/** Tests of the page "Train your own classifier" with Chromium's fake camera. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { cameraVideo } from '../testing/cameraVideo';
import { gallery, shoot } from '../testing/gallery';
import { FIRST, SECOND, THIRD, best, card, filesOf, picturesOf, says } from '../testing/teachPage';

describe('teach, with a camera', async () => {
  const video = await cameraVideo([...picturesOf(FIRST, 8), ...picturesOf(SECOND, 8)]);
  after(() => rmSync(video));
  const { inPage } = gallery({
    args: [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
    ],
  });

  it('takes pictures while the button is held, and classifies the camera', async () => {
    await inPage('teach/', async (page) => {
      await filesOf(page, 'Class 2').setInputFiles(picturesOf(THIRD, 5));
      await card(page, 'Class 1').getByText('Camera').click();
      const hold = page.locator('text=Hold to take pictures');
      await hold.click();
      await card(page, 'Class 1').getByText('1 picture').waitFor();
      await hold.focus();
      await page.keyboard.press('Enter');
      await hold.hover();
      await page.mouse.down();
      await card(page, 'Class 1').locator('.thumbs li >> nth=4').waitFor();
      await page.mouse.up();
      await shoot(page, 'teach-camera');
      await card(page, 'Class 1').getByText('Done').click();
      await page.click('#train');
      await says(page, 'training-status', /^Trained in/);
      // The predictions start by themselves.
      await page.locator('button:text-is("Stop the camera")').waitFor();
      await best(page)
        .filter({ hasText: /^Class 1/ })
        .waitFor();
      await page.click('text=Stop the camera');
      await page.locator('button:text-is("Use the camera")').waitFor();
      assert.ok(await page.isHidden('#live'));
      assert.equal(await page.locator('#predictions li').count(), 0);

      // With a picture, its predictions return.
      await page.setInputFiles('#input input[type=file]', picturesOf(SECOND, 9)[8]!);
      await best(page).waitFor();
      const answer = await page.textContent('#predictions');
      await page.click('button:text-is("Use the camera")');
      await page.locator('#predictions').filter({ hasNotText: answer! }).waitFor();
      await page.click('text=Stop the camera');
      await page.locator('#predictions').filter({ hasText: answer! }).waitFor();
      await page.waitForTimeout(500); // frames that were still computing
      assert.equal(await page.textContent('#predictions'), answer);
    });
  });
});
