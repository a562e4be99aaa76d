/** The page "What does your camera see?", through Chromium's fake camera, which plays a video of a sample. */
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

/** Keeps the tracks that the page is given, and counts the frames that it has not closed yet. */
function watch(page: Page) {
  return page.addInitScript(() => {
    const seen = Object.assign(window, {
      tracks: [] as MediaStreamTrack[],
      open: 0,
      mostOpen: 0,
      frames: 0,
    });
    const media = navigator.mediaDevices;
    const getUserMedia = media.getUserMedia.bind(media);
    media.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      seen.tracks.push(...stream.getTracks());
      return stream;
    };
    const make = window.createImageBitmap;
    window.createImageBitmap = async (...given: unknown[]) => {
      const isFrame = given[0] instanceof HTMLCanvasElement && given[0].id === 'still';
      if (isFrame) {
        seen.frames++;
        seen.mostOpen = Math.max(seen.mostOpen, ++seen.open);
      }
      const bitmap = await make.apply(window, given as Parameters<typeof make>);
      if (!isFrame) return bitmap;
      const close = bitmap.close.bind(bitmap);
      bitmap.close = () => {
        seen.open--;
        close();
      };
      return bitmap;
    };
  });
}
type Seen = { tracks: MediaStreamTrack[]; open: number; mostOpen: number; frames: number };
const tracks = (page: Page) =>
  page.evaluate(() => (window as unknown as Seen).tracks.map(({ readyState }) => readyState));
const frames = (page: Page) => page.evaluate(() => (window as unknown as Seen).frames);

describe('webcam', () => {
  const { inPage } = gallery({
    args: ['--use-fake-ui-for-media-stream', FAKE, `--use-file-for-fake-video-capture=${video}`],
  });
  after(() => rmSync(dirname(video), { recursive: true }));

  it('names what the camera sees, one frame at a time, and frees it', async () => {
    await inPage('webcam/', async (page) => {
      await watch(page);
      await page.reload();
      await press(page, 'Start the camera');
      await first(page, /^lemon/);
      await page.waitForFunction(() => (window as unknown as Seen).frames > 8);
      assert.match((await page.textContent('#rate'))!, /^\d+\.\d$/);
      assert.match((await page.textContent('#milliseconds'))!, /^\d+$/);
      assert.ok(
        Number(await page.textContent('#skipped')) > 0,
        'frames that came meanwhile are counted',
      );
      assert.equal(await page.evaluate(() => (window as unknown as Seen).mostOpen), 1);
      assert.equal(await page.locator('#predictions li').count(), 5);
      assert.match((await page.textContent('#spoken'))!, /^lemon, \d+ %$/);
      assert.ok(
        await page.locator('#stage.mirrored').count(),
        'a camera that is not known to look away is a mirror',
      );
      await shoot(page, 'webcam');
      await press(page, 'Stop');
      await status(page, 'Stopped, and the camera is free.');
      assert.deepEqual(await tracks(page), ['ended']);
      assert.equal(await page.evaluate(() => document.querySelector('video')!.srcObject), null);
      const count = await frames(page);
      await page.waitForTimeout(500);
      assert.equal(await frames(page), count);
    });
  });

  it('holds a frame with its answer, pauses when hidden, and ends when the page is left', async () => {
    await inPage('webcam/', async (page) => {
      await watch(page);
      await page.reload();
      await press(page, 'Start the camera');
      await first(page, /^lemon/);
      await press(page, 'Hold');
      await page.locator('#still').waitFor();
      await page.waitForFunction(() => (window as unknown as Seen).open === 0);
      const answer = await page.textContent('#predictions');
      const count = await frames(page);
      await page.waitForTimeout(400);
      assert.equal(await page.textContent('#predictions'), answer);
      assert.equal(await frames(page), count);
      const saved = page.waitForEvent('download');
      await page.click('text=Save the frame');
      const { width, height } = await sharp(await (await saved).path()).metadata();
      assert.deepEqual([width, height], [640, 480]);
      await press(page, 'Hold');
      await page.waitForFunction((before) => (window as unknown as Seen).frames > before, count);

      const hide = (hidden: boolean) =>
        page.evaluate((value) => {
          Object.defineProperty(document, 'hidden', { configurable: true, value });
          document.dispatchEvent(new Event('visibilitychange'));
          return (window as unknown as Seen).tracks[0]!.enabled;
        }, hidden);
      assert.equal(await hide(true), false);
      await page.waitForFunction(() => (window as unknown as Seen).open === 0);
      const before = await frames(page);
      await page.waitForTimeout(400);
      assert.equal(await frames(page), before);
      assert.equal(await hide(false), true);
      await page.waitForFunction((seen) => (window as unknown as Seen).frames > seen, before);

      await page.evaluate(() =>
        (window as unknown as Seen).tracks[0]!.dispatchEvent(new Event('ended')),
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

  it('says why there is no picture: in use, and no secure context', async () => {
    await inPage('webcam/', async (page) => {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () =>
          Promise.reject(new DOMException('Could not start video source', 'NotReadableError'));
      });
      await press(page, 'Start the camera');
      await status(page, 'The camera is in use by another program.');
      await page.evaluate(() =>
        Object.defineProperty(navigator, 'mediaDevices', { value: undefined }),
      );
      await press(page, 'Start the camera');
      await status(page, 'the browser gives one to pages on https:// and on localhost only.');
    });
  });
});

describe('webcam that is not allowed', () => {
  const { inPage } = gallery({ args: ['--use-fake-ui-for-media-stream=deny', FAKE] });

  it('says so', async () => {
    await inPage('webcam/', async (page) => {
      await press(page, 'Start the camera');
      await status(page, 'The browser did not allow the camera.');
      assert.ok(await page.isDisabled('#stop'));
    });
  });
});

describe('webcam of two', () => {
  const { inPage } = gallery({
    args: ['--use-fake-ui-for-media-stream', `${FAKE}=device-count=2`],
  });

  it('gives the choice, and frees the one for the other', async () => {
    await inPage('webcam/', async (page) => {
      await watch(page);
      await page.reload();
      await press(page, 'Start the camera');
      await status(page, 'Looking through the camera');
      const cameras = page.getByRole('combobox', { name: 'Camera' });
      assert.equal(await cameras.locator('option').count(), 2);
      const [one, other] = await cameras
        .locator('option')
        .evaluateAll((options) => options.map((each) => (each as HTMLOptionElement).value));
      assert.equal(await cameras.inputValue(), one);
      await cameras.selectOption(other!);
      await page.waitForFunction(() => (window as unknown as Seen).tracks.length === 2);
      await status(page, 'Looking through the camera');
      assert.deepEqual(await tracks(page), ['ended', 'live']);
      assert.equal(
        await page.evaluate(() => (window as unknown as Seen).tracks[1]!.getSettings().deviceId),
        other,
      );
      await shoot(page, 'webcam-two');
    });
  });
});

describe('webcam without a camera', () => {
  const { inPage } = gallery();

  it('says so, and shows the samples instead', async () => {
    await inPage(
      'webcam/',
      async (page) => {
        await press(page, 'Start the camera');
        await status(page, 'There is no camera here.');
        await press(page, 'Show it our samples');
        await status(page, 'Looking at our samples');
        await first(page, /^school bus/);
        assert.equal(await page.textContent('#caption'), 'school bus');
        await first(page, /^espresso/);
        await shoot(page, 'webcam-samples');
        await press(page, 'Stop');
        assert.equal(await page.locator('#off').isVisible(), true);
      },
      { permissions: ['camera'] },
    );
  });
});
