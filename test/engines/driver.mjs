/** What the tests ask of a browser, whichever engine it has. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {object} Driver
 * @property {string} name engine and version
 * @property {(url: string) => Promise<unknown>} open loads a page
 * @property {(work: Function, ...args: unknown[]) => Promise<any>} call runs a function in the page,
 * without its closure; arguments and result are JSON
 * @property {(selector: string, paths: string[]) => Promise<void>} upload chooses files in an
 * `<input type=file>`
 * @property {() => Promise<Uint8Array>} screenshot as PNG
 * @property {() => Promise<void>} close ends the browser
 */

/**
 * Asks again until the page's answer is true.
 *
 * @param {Driver} driver
 * @param {string} what is awaited, for the error
 * @param {Function} work runs in the page and returns whether it holds
 * @param {{ args?: unknown[], seconds?: number, explain?: Function }} [options] `explain` runs in the
 * page and returns what the error says in addition
 */
export async function until(driver, what, work, { args = [], seconds = 60, explain } = {}) {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    if (await driver.call(work, ...args)) return;
    if (performance.now() > end) {
      const state = explain ? `: ${await driver.call(explain, ...args)}` : '';
      throw new Error(`waited ${seconds} s for ${what}${state}`);
    }
    await sleep(250);
  }
}
