/** Tests of the map of the visitor's pictures. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery, shoot, shootParts } from '../testing/gallery';
import {
  addTwo,
  card,
  clickWhen,
  filesOf,
  FIRST,
  SECOND,
  picturesOf,
  says,
  set,
  THIRD,
} from '../testing/teachPage';

const options = (page: Page) => page.locator('#map [role=option]');
const nameOf = (name: string) => new RegExp(`, class ${name}`);

/** Draws a lasso around everything within a box, in shares of the map. */
async function drawLasso(page: Page, [left, top, right, bottom]: number[]) {
  await page.locator('#map').scrollIntoViewIfNeeded();
  const box = (await page.locator('#map .plane').boundingBox())!;
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(left!, top!));
  await page.mouse.down();
  for (const corner of [at(right!, top!), at(right!, bottom!), at(left!, bottom!)])
    await page.mouse.move(...corner, { steps: 4 });
  await page.mouse.up();
}

const undone = (page: Page, text: string) => page.locator('.undo', { hasText: text }).waitFor();

async function drawMap(page: Page, count: number) {
  await page.click('#draw-map');
  await says(page, 'map-status', `${count} pictures placed in `);
  await page.waitForTimeout(500); // the pictures move to their last positions
}

describe('the map of the pictures', () => {
  const { inPage } = gallery();

  it('places pictures by similarity, and moves and removes what a lasso selects', async () => {
    await inPage('teach/', async (page) => {
      await page.click('#draw-map');
      await says(page, 'map-status', 'Add at least 3 pictures to draw a map of them.');
      await addTwo(page, 12);
      await page.evaluate(clickWhen, { id: 'cancel-map', status: 'map-status', text: '^Placing' });
      await page.click('#draw-map');
      await says(page, 'map-status', 'Canceled.');
      const workers = page.workers().length;
      await drawMap(page, 24);
      assert.equal(page.workers().length, workers, 'the worker has ended');
      assert.equal(await options(page).count(), 24);
      assert.equal(await page.locator('#map [role=option][tabindex="0"]').count(), 1);
      // Most neighbors belong to the same class.
      const places = await options(page).evaluateAll((all) =>
        all.map((each) => ({
          label: /class (.*)$/.exec(each.getAttribute('aria-label')!)![1]!,
          x: parseFloat((each as HTMLElement).style.left),
          y: parseFloat((each as HTMLElement).style.top),
        })),
      );
      const same = places.filter((place) => {
        const [nearest] = places
          .filter((each) => each !== place)
          .toSorted(
            (a, b) =>
              Math.hypot(a.x - place.x, a.y - place.y) - Math.hypot(b.x - place.x, b.y - place.y),
          );
        return nearest!.label === place.label;
      });
      assert.ok(same.length > 18, `${same.length} of 24`);

      await drawLasso(page, [0.01, 0.01, 0.99, 0.99]);
      await says(page, 'map-count', '24 pictures selected');
      await page.selectOption('#map-target', { label: FIRST });
      await page.click('#map-move');
      await undone(page, `Moved 24 pictures to ${FIRST}.`);
      await card(page, FIRST).getByText('24 pictures').waitFor();
      assert.equal(
        await options(page)
          .filter({ has: page.locator('img') })
          .count(),
        24,
      );
      await page.click('.undo button');
      await card(page, SECOND).getByText('12 pictures').waitFor();
      await shoot(page, 'teach-map');

      // With the keyboard: arrows move, Space selects, Enter opens.
      await page.locator('#map [role=option][tabindex="0"]').focus();
      const focused = () =>
        page.evaluate(() => document.activeElement!.getAttribute('aria-label')!);
      const first = await focused();
      for (const key of ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp']) {
        await page.keyboard.press(key);
        if ((await focused()) !== first) break;
      }
      assert.notEqual(await focused(), first);
      assert.ok(await page.locator('#map .preview').isVisible());
      await page.keyboard.press('Escape');
      await says(page, 'map-count', /^Click a picture/);
      await page.keyboard.press('Space');
      await says(page, 'map-count', /^1 picture selected$/);
      assert.deepEqual(
        await page.locator('#map-target option').allTextContents(),
        [(await focused()).endsWith(`class ${FIRST}`) ? SECOND : FIRST],
        'only the classes that it can move to',
      );
      await page.click('#map-remove');
      await undone(page, 'Removed 1 picture.');
      assert.equal(await options(page).count(), 23);
      await page.click('.undo button');
      await card(page, FIRST).getByText('12 pictures').waitFor();
      await card(page, SECOND).getByText('12 pictures').waitFor();
      assert.equal(await options(page).count(), 24, 'it is back in its place');

      // Pictures that are added later are placed on request.
      await filesOf(page, SECOND).setInputFiles(picturesOf(THIRD, 2));
      await says(page, 'map-status', '2 pictures are not on the map yet.');
      await page.getByRole('button', { name: 'Update the map' }).click();
      await says(page, 'map-status', '26 pictures placed in ');
    });
  });

  it('marks mistakes, and shows what the visitor’s model looks at', async () => {
    await inPage('teach/', async (page) => {
      await addTwo(page, 10);
      await drawMap(page, 20);
      await options(page)
        .filter({ has: page.locator('img') })
        .first()
        .click();
      await says(page, 'map-detail-status', 'Train a model to see what it looks at');
      await set(page, 'epochs', '1');
      await page.click('#train');
      await says(page, 'training-status', /^Trained in/);
      await says(page, 'validation-summary', /^Accuracy on \d+ held-out pictures/);
      const wrong = await page.locator('#mistakes li').count();
      assert.equal(await page.locator('#map .mistake').count(), wrong);
      await page
        .getByRole('option', { name: nameOf(FIRST) })
        .first()
        .click();
      await says(page, 'map-says', /, class mug\. Your model says (mug|pawn), \d+ %\.$/);
      await says(
        page,
        'map-detail-status',
        /^Warm colors: evidence for (mug|pawn) \(Grad-CAM\)\.$/,
      );
      const heat = page.locator('#map-picture canvas').last();
      const opacity = () =>
        heat.evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, 13, 13);
          return Math.max(...data.filter((_, i) => i % 4 === 3));
        });
      assert.ok((await opacity()) > 100);
      await page.fill('#map-strength', '0');
      assert.equal(await opacity(), 0);
      await page.fill('#map-strength', '75');
      await shootParts(page, 'teach-map', ['map-section']);
    });
  });

  it('uses an occlusion test on devices with little memory', async () => {
    await inPage(
      'teach/',
      async (page) => {
        await addTwo(page, 4);
        await set(page, 'epochs', '1');
        await page.click('#train');
        await says(page, 'training-status', /^Trained in/);
        await drawMap(page, 8);
        await options(page).first().click();
        await says(
          page,
          'map-detail-status',
          /^Warm colors: evidence for .+ \(occlusion test\)\.$/,
        );
      },
      {
        prepare: (context) =>
          context.addInitScript(() =>
            Object.defineProperty(navigator, 'deviceMemory', { value: 2 }),
          ),
      },
    );
  });
});
