import { expect, Page } from '@playwright/test';

/** Waits until the page listens: what is clicked before that is not heard. */
export const ready = (page: Page) => expect(page.locator('[data-interactive="true"]')).toBeAttached();

/** Waits until the page of that address and heading is shown: the address changes before the page does. */
export async function at(page: Page, address: RegExp, heading: string | RegExp) {
  await expect(page).toHaveURL(address);
  await expect(page.locator('main h1')).toHaveText(heading);
  await ready(page);
}

/** Types into what has the focus after the palette of Ctrl+K has it, and goes to the first entry once that is the one meant. */
export async function goByPalette(page: Page, words: string, entry: string) {
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.keyboard.type(words);
  await expect(page.getByTestId('palette-entry').first()).toContainText(entry);
  await page.keyboard.press('Enter');
}

/** Presses Tab, or another key, until the focus is where it shall be. */
export async function tabUntil(page: Page, reached: () => Promise<boolean>, key = 'Tab') {
  for (let step = 0; step < 120; step++) {
    if (await reached()) { return; }
    await page.keyboard.press(key);
  }
  throw new Error(`The keyboard does not reach it: focus is on ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`);
}

/** Goes by keyboard to the element of that test id, once it can be reached. */
export async function tabTo(page: Page, testId: string, key = 'Tab') {
  await expect(page.getByTestId(testId)).toBeEnabled();
  await tabUntil(page, () => page.evaluate(id => document.activeElement?.getAttribute('data-testid') === id, testId), key);
}
