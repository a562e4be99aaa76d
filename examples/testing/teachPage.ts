/** teachPage: helpers for tests of the page "Train your own classifier". */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

export const THINGS = fileURLToPath(new URL('../things/', import.meta.url));
export const [FIRST, SECOND, THIRD] = ['mug', 'pawn', 'key'] as const;
export const picturesOf = (name: string, count: number) =>
  readdirSync(join(THINGS, 'pictures', name))
    .sort()
    .slice(0, count)
    .map((file) => join(THINGS, 'pictures', name, file));
export const testPictures = (name: string) =>
  join(
    THINGS,
    'try',
    readdirSync(join(THINGS, 'try')).find((file) => file.startsWith(name))!,
  );

export const says = (page: Page, id: string, text: RegExp | string) =>
  page.locator(`#${id}`).filter({ hasText: text }).first().waitFor();
export const card = (page: Page, name: string) =>
  page.locator(`.class-card[aria-label="Class ${name}"]`);
export const filesOf = (page: Page, name: string) =>
  card(page, name).locator('input[type=file]').first();
export const best = (page: Page) => page.locator('#predictions li:first-child');

export async function rename(page: Page, from: string, to: string) {
  await card(page, from).locator('input[type=text]').fill(to);
  await page.keyboard.press('Enter');
}

/** Creates two classes with `count` pictures each. */
export async function addTwo(page: Page, count = 10) {
  await rename(page, 'Class 1', FIRST);
  await rename(page, 'Class 2', SECOND);
  await filesOf(page, FIRST).setInputFiles(picturesOf(FIRST, count));
  await filesOf(page, SECOND).setInputFiles(picturesOf(SECOND, count));
  await card(page, SECOND).getByText(`${count} pictures`).waitFor();
}

export async function set(page: Page, name: string, value: string) {
  if (!(await page.isVisible('#settings'))) await page.click('summary:text("Settings")');
  await page.fill(`#settings [name=${name}]`, value);
}

/** In the page: clicks a button as soon as a status matches, which may last less than a second. */
export function clickWhen({ id, status, text }: Record<'id' | 'status' | 'text', string>) {
  const element = document.getElementById(status)!;
  const observer = new MutationObserver(() => {
    if (!new RegExp(text).test(element.textContent)) return;
    observer.disconnect();
    document.getElementById(id)!.click();
  });
  observer.observe(element, { childList: true, characterData: true, subtree: true });
}
