/** Tests of the page "Design a network" in a browser. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { gallery, shoot } from '../testing/gallery';

const rowOf = (page: Page, name: string) =>
  page.locator('#table tbody tr', { has: page.locator(`th:text-is("${name}")`) });

/** Replaces a line of the text in one input event. */
async function setLine(page: Page, line: number, content: string): Promise<void> {
  const lines = (await page.inputValue('#text')).split('\n');
  lines[line - 1] = content;
  await page.fill('#text', lines.join('\n'));
}

/** Whether all of an element is within the window. */
const isInView = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });

describe('compose', () => {
  const { inPage } = gallery();

  it('shows shapes, parameters and cost, and errors at their line', async () => {
    await inPage('compose/', async (page) => {
      const total = page.locator('#total');
      await page.selectOption('#preset', { label: 'Paper (two towers)' });
      assert.equal(
        await total.textContent(),
        '60,965,224 parameters, 724 M multiply-adds per picture.',
      );
      assert.match((await rowOf(page, 'conv2').textContent())!, /27 × 27 × 256307,456/);
      assert.match((await page.textContent('#budget'))!, /^Too large to train in 60 seconds/);
      assert.equal(await page.isDisabled('#train'), true);
      await shoot(page, 'compose-paper');

      await setLine(page, 1, 'conv1: conv2d { filters: 64, size: 11, stride: 8 }');
      assert.match((await rowOf(page, 'conv1').textContent())!, /28 × 28 × 64/);
      await setLine(page, 4, 'pool1: maxPol { size: 3 }');
      const wrong = page.locator('#table tr.wrong');
      assert.match(
        (await wrong.textContent())!,
        /^Line 4\. pool1: "maxPol" is not a type of layer\. Did you mean "maxPool"\?/,
      );
      assert.match((await total.textContent())!, /^Line 4: pool1:/);
      assert.equal(await page.getAttribute('#text', 'aria-invalid'), 'true');
      assert.equal(await page.locator('#table tbody th').count(), 3); // the rows before it
      await setLine(page, 4, 'pool1: maxPool { size: 33, stride: 2 }');
      assert.match(
        (await wrong.textContent())!,
        /^Line 4\. pool1: maxPool: the window must fit into the input, got a window of 33 pixels and an input of 28\./,
      );
      await shoot(page, 'compose-wrong');

      await page.fill('#text', 'alert(1)\nconstructor');
      assert.match((await wrong.first().textContent())!, /^Line 1\. Code is not executed/);
      assert.match((await wrong.last().textContent())!, /"constructor" is not a type of layer/);
      await page.focus('#text');
      await page.keyboard.press('Tab'); // moves focus and changes nothing
      assert.equal(await page.inputValue('#text'), 'alert(1)\nconstructor');
      assert.notEqual(await page.evaluate(() => document.activeElement!.id), 'text');

      await page.selectOption('#preset', { label: 'Small, for 4 classes' });
      await page.fill('#input-size', '4');
      assert.equal(await total.textContent(), 'The input size must be 8 to 512 pixels, got 4.');
      assert.equal(await page.isDisabled('#train'), true);
      await page.fill('#input-size', '32');
      assert.match((await rowOf(page, 'conv1').textContent())!, /16 × 16 × 32/);
    });
  });

  it('aligns the rows of the table with the lines of the text', async () => {
    await inPage('compose/', async (page) => {
      await page.selectOption('#preset', { label: 'Paper (two towers)' });
      const { top, height } = await page.locator('#text').evaluate((text) => {
        const { top, height } = text.getBoundingClientRect();
        return { top, height: height / (text as HTMLTextAreaElement).rows };
      });
      const last = await rowOf(page, 'fc8').evaluate((row) => row.getBoundingClientRect().top);
      assert.ok(Math.abs(last - (top + 22 * height)) < 6, `${last} ${top + 22 * height}`);
    });
  });

  it('trains the small network: the loss falls, and validation pictures are classified', async () => {
    await inPage('compose/', async (page) => {
      // The page starts with a network that can be trained.
      assert.match((await page.textContent('#budget'))!, /^Trains on \d+ pictures of 4 classes/);
      await page.selectOption('#seconds', { label: '1 minute' });
      // Epochs are too fast to wait for each, so an observer records the status line.
      await page.evaluate(() => {
        const losses: number[] = [];
        Object.assign(window, { losses });
        const line = document.getElementById('status')!;
        new MutationObserver(() => {
          const [, epoch, loss] = /^Epoch (\d+): .*loss (\d+\.\d+)/.exec(line.textContent) ?? [];
          if (epoch) losses[Number(epoch)] = Number(loss);
        }).observe(line, { subtree: true, childList: true, characterData: true });
      });
      await page.click('#train');
      const status = page.locator('#status');
      await status.filter({ hasText: /^Epoch \d{2,}: .* s left/ }).waitFor();
      for (const part of ['#train-title', '#status', '#accuracy', '#curves'])
        assert.ok(await isInView(page, part), `${part} is in view while training`);
      const losses = (
        await page.evaluate(() => (window as unknown as { losses: number[] }).losses)
      ).filter((loss) => loss > 0);
      const [first, later] = [losses[0]!, losses.at(-1)!];
      assert.ok(later < 0.8 * first, `${first} ${later}`);
      await page.click('#stop');
      await status.filter({ hasText: /^Done: \d+ epochs\.$/ }).waitFor();
      const [, percent, correct, all] =
        /(\d+) % of new pictures correct \((\d+) of (\d+), not used for training\)/
          .exec((await page.locator('#accuracy').innerText()).replace(/\s+/g, ' '))!
          .map(Number);
      assert.ok(correct! > 0.4 * all!, `${correct} of ${all}`); // chance: 0.25
      assert.equal(percent, Math.round((100 * correct!) / all!));
      const legend = await page.locator('#curves .u-legend').innerText();
      assert.match(legend, new RegExp(`new pictures:?\\s*${percent} %`), 'the curves end there');
      assert.equal(await page.locator('#predictions li').count(), 8);
      assert.match(
        (await page.locator('#predictions li').first().textContent())!,
        /\d+\s%(correct|wrong: )/,
      );
      await shoot(page, 'compose-trained');
    });
  });

  it('reports a learning rate that is too large', async () => {
    await inPage('compose/', async (page) => {
      await page.selectOption('#preset', { label: 'Small, for 4 classes' });
      await page.fill('#rate', '0.9');
      await page.click('#train');
      await page.locator('#status.bad').waitFor();
      assert.match(
        (await page.textContent('#status'))!,
        /the loss must stay near .* Try a tenth of that\./,
      );
      assert.equal(await page.isDisabled('#train'), false);
    });
  });
});
