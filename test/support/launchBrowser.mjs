/** launchBrowser: starts the headless browser of the tests with Playwright. */
import { chromium } from 'playwright-core';
import { findBrowser } from './browser.mjs';

/** @param {{ args?: string[] }} options additional flags */
export function launchBrowser({ args: more = [] } = {}) {
  const { path, args, env } = findBrowser();
  return chromium.launch({
    executablePath: path,
    args: [...args, ...more],
    env: { .../** @type {Record<string, string>} */ (process.env), ...env },
  });
}
