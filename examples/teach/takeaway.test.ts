/** Tests of the downloads of "Train your own classifier": the website runs, the files are complete. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { gallery } from '../testing/gallery';
import { FIRST, SECOND, addTwo, best, rename, says, testPictures } from '../testing/teachPage';
import { serveGallery } from '../serve.mjs';

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
/** A name that would end a string, a comment, a tag and a line. */
const NASTY = `'"*/</script>\u2028\${x}`;
const folder = mkdtempSync(join(tmpdir(), 'teach-takeaway-'));
after(() => rmSync(folder, { recursive: true }));

async function download(page: Page, what: string) {
  const [file] = await Promise.all([
    page.waitForEvent('download', { timeout: 120_000 }),
    page.click(`#takeaway button[value=${what}]`),
  ]);
  const path = join(folder, what);
  await file.saveAs(path);
  return { name: file.suggestedFilename(), bytes: new Uint8Array(readFileSync(path)) };
}

describe('teach, export', () => {
  const tests = gallery();

  it('packs a website that runs by itself, and writes other formats', async () => {
    await tests.inPage('teach/', async (page) => {
      assert.ok(await page.isDisabled('#takeaway button'));
      await addTwo(page);
      await rename(page, FIRST, NASTY);
      await page.click('#train');
      await says(page, 'training-status', /^Trained in/);
      await page.setInputFiles('#input input[type=file]', testPictures(SECOND));
      await best(page)
        .filter({ hasText: new RegExp(`^${SECOND}`) })
        .waitFor();
      const answer = /([\d.]+) %/.exec((await best(page).textContent())!)![1]!;
      await page.fill('#model-name', NASTY.replace(/[/]/g, ''));

      const website = await download(page, 'website');
      for (const [path, bytes] of Object.entries(unzipSync(website.bytes))) {
        mkdirSync(dirname(join(folder, 'site', path)), { recursive: true });
        writeFileSync(join(folder, 'site', path), bytes);
      }
      const server = await serveGallery({ folder: join(folder, 'site'), bare: true });
      try {
        const site = await tests.browser.newPage();
        const errors: string[] = [];
        site.on('pageerror', (error) => errors.push(error.message));
        site.on('request', (request) => {
          if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(server.address))
            errors.push(request.url());
        });
        await site.goto(server.address);
        await site.getByText('Ready.').waitFor({ timeout: 60_000 });
        assert.equal(await site.evaluate(() => document.title), NASTY.replace(/[/]/g, ''));
        await site.setInputFiles('#file', testPictures(SECOND));
        const first = site.locator('#predictions li').first();
        await first.filter({ hasText: SECOND }).waitFor();
        const there = /([\d.]+) %/.exec((await first.textContent())!)![1]!;
        assert.ok(Math.abs(Number(there) - Number(answer)) < 1, `${there}, ${answer} on the page`);
        assert.deepEqual(errors, []);
        await site.close();
      } finally {
        await server.close();
      }
      const node = readFileSync(join(folder, 'site/node/classify.mjs'), 'utf8');
      assert.match(node, /^\/\/ Prints .*\\u2028.* or "pawn", and how probable it is\.$/m);
      mkdirSync(join(folder, 'site/node_modules'));
      symlinkSync(PACKAGE, join(folder, 'site/node_modules/alexnet-ts'), 'junction');
      const { stdout } = await run(process.execPath, ['node/classify.mjs', testPictures(SECOND)], {
        cwd: join(folder, 'site'),
      });
      const [, label, inNode] = /: (\S+), ([\d.]+) %\n$/.exec(stdout)!;
      assert.equal(label, SECOND);
      assert.ok(Math.abs(Number(inNode) - Number(answer)) < 1, `${inNode}, ${answer} on the page`);
      const jsx = readFileSync(join(folder, 'site/react/Classifier.jsx'), 'utf8');
      const { warnings } = await transform(jsx, { loader: 'jsx', jsx: 'automatic' });
      assert.deepEqual(warnings, []);

      const onnx = await download(page, 'onnx');
      assert.ok(onnx.name.endsWith('.onnx') && onnx.bytes.length > 100e6);
      assert.equal(onnx.bytes[0], 8, 'the field of the version of ONNX');
      const tfjs = await download(page, 'tfjs');
      let names: string[] = [];
      unzipSync(tfjs.bytes, { filter: ({ name }) => (names.push(name), false) });
      names = names.filter((name) => name.endsWith('model.json'));
      assert.deepEqual(names, ['model.json']);
      const safetensors = await download(page, 'safetensors');
      const length = Number(new DataView(safetensors.bytes.buffer).getBigUint64(0, true));
      const header = new TextDecoder().decode(safetensors.bytes.subarray(8, 8 + length));
      assert.ok('fc8.weight' in (JSON.parse(header) as object));
      await says(page, 'takeaway-status', /^Downloaded [^]+\.safetensors: 1\d\d\.\d MB\.$/);
    });
  });
});
