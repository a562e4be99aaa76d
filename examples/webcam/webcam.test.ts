/** Tests of the page "What does your camera see?" with Chromium's fake camera. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { cameraVideo } from '../testing/cameraVideo';
import { gallery, shoot } from '../testing/gallery';

const video = await cameraVideo([fileURLToPath(new URL('../images/lemon.jpg', import.meta.url))]);
const FAKE = '--use-fake-device-for-media-stream';
const status = (page: Page, text: string | RegExp) =>
  page.locator('#status').filter({ hasText: text }).waitFor();
const first = (page: Page, text: string | RegExp) =>
  page.locator('#predictions li:first-child').filter({ hasText: text }).waitFor();
const press = (page: Page, name: string) => page.click(`role=button[name="${name}"]`);

/** Records the tracks of the page, and counts its frames and those not closed yet. */
function watch(page: Page) {
  return page.addInitScript(() => {
    const record = Object.assign(window, {
      tracks: [] as MediaStreamTrack[],
      open: 0,
      maxOpen: 0,
      frames: 0,
    });
    const media = navigator.mediaDevices;
    const getUserMedia = media.getUserMedia.bind(media);
    media.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      record.tracks.push(...stream.getTracks());
      return stream;
    };
    const original = window.createImageBitmap;
    window.createImageBitmap = async (...args: unknown[]) => {
      const isFrame = args[0] instanceof HTMLCanvasElement && args[0].id === 'still';
      if (isFrame) {
        record.frames++;
        record.maxOpen = Math.max(record.maxOpen, ++record.open);
      }
      const bitmap = await original.apply(window, args as Parameters<typeof original>);
      if (!isFrame) return bitmap;
      const close = bitmap.close.bind(bitmap);
      bitmap.close = () => {
        record.open--;
        close();
      };
      return bitmap;
    };
  });
}
type Recorded = { tracks: MediaStreamTrack[]; open: number; maxOpen: number; frames: number };
const tracks = (page: Page) =>
  page.evaluate(() => (window as unknown as Recorded).tracks.map(({ readyState }) => readyState));
const frames = (page: Page) => page.evaluate(() => (window as unknown as Recorded).frames);

describe('webcam', () => {
  const { inPage } = gallery({
    args: ['--use-fake-ui-for-media-stream', FAKE, `--use-file-for-fake-video-capture=${video}`],
  });
  after(() => rmSync(dirname(video), { recursive: true }));

  it('classifies one frame at a time, and releases the camera', async () => {
    await inPage('webcam/', async (page) => {
      await watch(page);
      await page.reload();
      await press(page, 'Start the camera');
      await first(page, /^lemon/);
      assert.equal(await page.textContent('#start'), 'The camera is on');
      assert.ok(await page.isDisabled('#start'));
      await page.waitForFunction(() => (window as unknown as Recorded).frames > 8);
      assert.match((await page.textContent('#rate'))!, /^\d+\.\d$/);
      assert.match((await page.textContent('#milliseconds'))!, /^\d+$/);
      assert.ok(Number(await page.textContent('#skipped')) > 0, 'skipped frames are counted');
      assert.equal(await page.evaluate(() => (window as unknown as Recorded).maxOpen), 1);
      assert.equal(await page.locator('#predictions li').count(), 5);
      assert.match((await page.textContent('#spoken'))!, /^lemon, \d+ %$/);
      assert.ok(
        await page.locator('#camera-view.mirrored').count(),
        'a camera that does not report its direction is mirrored',
      );
      await shoot(page, 'webcam');
      await press(page, 'Stop');
      await status(page, 'Stopped. The camera is off.');
      assert.deepEqual(await tracks(page), ['ended']);
      assert.equal(await page.textContent('#start'), 'Start the camera');
      assert.ok(await page.isEnabled('#start'));
      assert.equal(await page.evaluate(() => document.querySelector('video')!.srcObject), null);
      const count = await frames(page);
      await page.waitForTimeout(500);
      assert.equal(await frames(page), count);
    });
  });

  it('pauses on a frame, pauses in a hidden tab, and stops when the page is left', async () => {
    await inPage('webcam/', async (page) => {
      await watch(page);
      await page.reload();
      await press(page, 'Start the camera');
      await first(page, /^lemon/);
      await press(page, 'Pause');
      await page.locator('#still').waitFor();
      await page.waitForFunction(() => (window as unknown as Recorded).open === 0);
      const predictions = await page.textContent('#predictions');
      const count = await frames(page);
      await page.waitForTimeout(400);
      assert.equal(await page.textContent('#predictions'), predictions);
      assert.equal(await frames(page), count);
      const saved = page.waitForEvent('download');
      await page.click('text=Save this frame');
      const { width, height } = await sharp(await (await saved).path()).metadata();
      assert.deepEqual([width, height], [640, 480]);
      await press(page, 'Pause');
      await page.waitForFunction(
        (before) => (window as unknown as Recorded).frames > before,
        count,
      );

      const hide = (hidden: boolean) =>
        page.evaluate((value) => {
          Object.defineProperty(document, 'hidden', { configurable: true, value });
          document.dispatchEvent(new Event('visibilitychange'));
          return (window as unknown as Recorded).tracks[0]!.enabled;
        }, hidden);
      assert.equal(await hide(true), false);
      await page.waitForFunction(() => (window as unknown as Recorded).open === 0);
      const before = await frames(page);
      await page.waitForTimeout(400);
      assert.equal(await frames(page), before);
      assert.equal(await hide(false), true);
      await page.waitForFunction((count) => (window as unknown as Recorded).frames > count, before);

      await page.evaluate(() =>
        (window as unknown as Recorded).tracks[0]!.dispatchEvent(new Event('ended')),
      );
      await status(page, 'The camera was unplugged');
      assert.deepEqual(await tracks(page), ['ended']);

      await press(page, 'Start the camera');
      await first(page, /^lemon/);
      await page.evaluate(() =>
        dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })),
      );
      assert.deepEqual(await tracks(page), ['ended', 'ended']);
    });
  });

  it('reports a camera in use, and an insecure context', async () => {
    await inPage('webcam/', async (page) => {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () =>
          new Promise((_, reject) =>
            setTimeout(
              () => reject(new DOMException('Could not start video source', 'NotReadableError')),
              500,
            ),
          );
      });
      await press(page, 'Start the camera');
      await page.locator('#start', { hasText: 'Starting …' }).waitFor();
      await status(page, 'The camera is in use by another program.');
      await page.evaluate(() =>
        Object.defineProperty(navigator, 'mediaDevices', { value: undefined }),
      );
      await press(page, 'Start the camera');
      await status(page, 'browsers offer it only to pages on https:// or localhost.');
    });
  });
});

describe('webcam, access denied', () => {
  const { inPage } = gallery({ args: ['--use-fake-ui-for-media-stream=deny', FAKE] });

  it('reports it', async () => {
    await inPage('webcam/', async (page) => {
      await press(page, 'Start the camera');
      await status(page, 'The browser blocked the camera.');
      assert.ok(await page.isDisabled('#stop'));
    });
  });
});

describe('webcam, two cameras', () => {
  const { inPage } = gallery({
    args: ['--use-fake-ui-for-media-stream', `${FAKE}=device-count=2`],
  });

  it('offers a choice, and releases one camera before opening the other', async () => {
    await inPage('webcam/', async (page) => {
      await watch(page);
      await page.reload();
      await press(page, 'Start the camera');
      await status(page, 'Classifying the camera');
      const cameras = page.getByRole('combobox', { name: 'Camera' });
      assert.equal(await cameras.locator('option').count(), 2);
      const [one, other] = await cameras
        .locator('option')
        .evaluateAll((options) => options.map((each) => (each as HTMLOptionElement).value));
      assert.equal(await cameras.inputValue(), one);
      await cameras.selectOption(other!);
      await page.waitForFunction(() => (window as unknown as Recorded).tracks.length === 2);
      await status(page, 'Classifying the camera');
      assert.deepEqual(await tracks(page), ['ended', 'live']);
      assert.equal(
        await page.evaluate(
          () => (window as unknown as Recorded).tracks[1]!.getSettings().deviceId,
        ),
        other,
      );
      await shoot(page, 'webcam-two');
    });
  });
});

describe('webcam, no camera', () => {
  const { inPage } = gallery();

  it('reports it in the words of WebKit too', async () => {
    await inPage('webcam/', async (page) => {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () =>
          Promise.reject(new OverconstrainedError('', 'Invalid constraint'));
      });
      await press(page, 'Start the camera');
      await status(page, 'No camera was found.');
    });
  });

  it('reports it, and shows the sample pictures instead', async () => {
    await inPage(
      'webcam/',
      async (page) => {
        await press(page, 'Start the camera');
        await status(page, 'No camera was found.');
        await press(page, 'Use sample pictures');
        await status(page, 'Classifying the sample pictures');
        await first(page, /^school bus/);
        assert.equal(await page.textContent('#caption'), 'school bus');
        await first(page, /^ladybug/);
        await shoot(page, 'webcam-samples');
        await press(page, 'Pause');
        const caption = await page.textContent('#caption');
        await page.waitForTimeout(4500); // the next picture has appeared behind the paused frame
        assert.equal(await page.textContent('#caption'), caption);
        await press(page, 'Pause');
        assert.notEqual(await page.textContent('#caption'), caption);
        await press(page, 'Stop');
        assert.equal(await page.locator('#off').isVisible(), true);
      },
      { permissions: ['camera'] },
    );
  });
});
