/** Tests of the page "ReLU vs. tanh" in a browser, and of its summaries. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery, shoot } from '../testing/gallery';
import { summarize } from '../gallery/figure1/summary';

/** Reads the epoch and the last values from the accessible name of the chart. */
async function curvesOf(page: Page): Promise<{ epoch: number; relu: number; tanh: number }> {
  const label = (await page.getAttribute('#curves', 'aria-label'))!;
  const [, epoch, relu, tanh] = /epoch (\d+): ReLU (\S+)(?: %)?, tanh (\S+)/
    .exec(label)!
    .map(Number);
  return { epoch: epoch!, relu: relu!, tanh: tanh! };
}

const epochReached = (page: Page, epoch: number) =>
  page.waitForFunction(
    (least) =>
      Number(/epoch (\d+)/.exec(document.querySelector('#curves')!.ariaLabel!)![1]) >= least,
    epoch,
  );

describe('relu-tanh', () => {
  const { inPage } = gallery();

  it('trains both and says which reached 25 % first', async () => {
    await inPage('relu-tanh/', async (page) => {
      assert.equal(await page.locator('#shapes canvas').count(), 24);
      await page.click('text=Train both');
      await epochReached(page, 3);
      const { relu, tanh } = await curvesOf(page);
      assert.ok(relu > 0 && relu < 80 && tanh > 0 && tanh < 90, `${relu} ${tanh}`);
      await page.locator('#result:not([hidden])').waitFor();
      const [, ofRelu, ofTanh] = /^ReLU reached 25 % training error in (\d+) epochs, tanh in (\d+)/
        .exec((await page.textContent('#result'))!)!
        .map(Number);
      assert.ok(ofTanh! > 2 * ofRelu!, `ReLU ${ofRelu}, tanh ${ofTanh}`);
      const last = await curvesOf(page);
      assert.equal(last.epoch, ofTanh);
      assert.ok(last.relu <= 25 && last.tanh <= 25);
      await shoot(page, 'relu-tanh');
    });
  });

  it('can be paused, stopped and restarted with another seed', async () => {
    await inPage('relu-tanh/', async (page) => {
      const status = page.locator('#status');
      await page.selectOption('#count', '200');
      await page.click('text=Train with another seed');
      assert.equal(await page.inputValue('#seed'), '2');
      await epochReached(page, 2);
      await page.click('#pause');
      await status.filter({ hasText: 'Paused' }).waitFor();
      await page.waitForTimeout(500); // the current epoch may still finish
      const paused = await curvesOf(page);
      await page.waitForTimeout(1500);
      assert.deepEqual(await curvesOf(page), paused);
      assert.match((await status.textContent())!, /^Paused/);
      await page.click('text=Resume');
      await epochReached(page, paused.epoch + 2);
      await page.click('text=Stop');
      await status.filter({ hasText: /^Stopped after \d+ epochs/ }).waitFor();
      assert.equal(await page.locator('#result').isHidden(), true);
      await page.selectOption('#count', '1600'); // takes longer than the clicks
      await page.click('text=Train both');
      await status.filter({ hasNotText: /^Stopped/ }).waitFor();
      await page.click('text=Pause');
      await page.click('text=Stop');
      await status.filter({ hasText: /^Stopped/ }).waitFor();
    });
  });

  it('says which network’s loss exploded and what to do', async () => {
    await inPage('relu-tanh/', async (page) => {
      await page.fill('#rate-relu', '0.5');
      await page.click('text=Train both');
      await page.locator('#status.bad').waitFor();
      assert.match((await page.textContent('#status'))!, /^ReLU: .*rate/);
      assert.equal(await page.isDisabled('#train'), false);
    });
  });

  it('summarizes every outcome', () => {
    assert.match(
      summarize({ relu: 10, tanh: 45 }, 45),
      /ReLU .* in 10 epochs, tanh in 45 epochs: 4\.5 times as many\. In the paper, six/,
    );
    assert.match(summarize({ relu: 1, tanh: 2 }, 2), /in 1 epoch, tanh in 2 epochs: 2 times/);
    assert.match(summarize({ relu: 10 }, 80), /tanh did not in 80: more than 8 times/);
    assert.match(summarize({ tanh: 10 }, 80), /^tanh .* ReLU did not in 80/);
    assert.match(summarize({ relu: 12, tanh: 10 }, 12), /tanh was faster/);
    assert.match(summarize({ relu: 10, tanh: 10 }, 10), /equally fast/);
    assert.match(summarize({}, 80), /^Neither/);
  });
});
