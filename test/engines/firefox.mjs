/** Firefox on a screen, with WebGL, driven by puppeteer over WebDriver BiDi. */
import puppeteer from 'puppeteer-core';
import { findPrograms } from './programs.mjs';

const minutes = 60_000;

/**
 * @param {string} display of the X server
 * @returns {Promise<import('./driver.mjs').Driver>}
 */
export async function openFirefox(display) {
  const { programs } = findPrograms('firefox');
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: programs.firefox,
    headless: false,
    protocolTimeout: 12 * minutes,
    env: {
      ...process.env,
      DISPLAY: display,
      LIBGL_ALWAYS_SOFTWARE: '1',
      MOZ_DISABLE_RDD_SANDBOX: '1',
    },
    // Without them Firefox has no WebGL where there is no GPU.
    extraPrefsFirefox: { 'webgl.force-enabled': true, 'webgl.disabled': false },
  });
  const page = await browser.newPage();
  return {
    name: (await browser.version()).replace('/', ' '),
    open: (url) => page.goto(url, { timeout: 2 * minutes }),
    call: (work, ...args) => page.evaluate(work, ...args),
    async upload(selector, paths) {
      const element = await page.$(selector);
      if (!element) throw new Error(`no element ${selector}`);
      await element.uploadFile(...paths);
    },
    screenshot: () => page.screenshot(),
    close: () => browser.close(),
  };
}
