/** The page of `npm start` in a real browser, under the strict Content-Security-Policy that it is served with. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import { findBrowser } from './testing/browser.mjs';

let server: ChildProcess;
let address: string;
let browser: Browser;

before(async () => {
  server = spawn(process.execPath, [fileURLToPath(new URL('../examples/serve.mjs', import.meta.url))], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(server.stdout!, 'data')) as [Buffer];
  address = /http:\/\/localhost:\d+/.exec(String(line))![0];
  const { path, args, env } = await findBrowser();
  browser = await chromium.launch({ executablePath: path, args, env: { ...process.env, ...env } as Record<string, string> });
});

after(async () => {
  await browser?.close();
  server.kill();
});

describe('the classify page', () => {
  it('classifies its samples, and reports no error', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(address);
    await page.locator('#predictions li').first().waitFor({ timeout: 120_000 });
    assert.match((await page.textContent('#predictions li:first-child'))!, /^school bus7\d\.\d %$/);
    await page.click('#samples button:nth-child(3)');
    await page.locator('#predictions li:first-child', { hasText: 'ladybug' }).waitFor({ timeout: 30_000 });
    assert.deepEqual(errors, []);
  });
});
