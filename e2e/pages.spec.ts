// Every page by keyboard and for everyone: the command palette, shortcuts, and what axe finds in light and dark.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { expectSource, placeCaret, source } from './support/editor';
import { at } from './support/page';
import { Portal } from './support/portal';
import pages from './support/pages.json';

const portal = new Portal();

test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

test('the palette opens by key, finds a prompt and goes there; Escape gives the focus back', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts');
  await page.getByTestId('search').focus();
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('palette')).toBeHidden();
  await expect(page.getByTestId('search')).toBeFocused();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('prompt support');
  await expect(page.getByTestId('palette-entry').first()).toContainText('support-reply');
  await page.keyboard.press('Enter');
  await at(page, /\/ns\/demo\/prompts\/support-reply/, 'support-reply');
  await expect(page.getByTestId('palette')).toBeHidden();

  // Over the editor too, where Ctrl+K means something else.
  await placeCaret(page, '{{customer_name}}');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new flow');
  await expect(page.getByTestId('palette-entry').first()).toContainText('New flow');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').filter({ hasText: 'New flow' })).toBeVisible();
});

test('letters go and create, but not while one types, and can be switched off', async ({ page }) => {
  await portal.open(page, '/ns/demo/flows');
  await page.keyboard.type('gp');
  await at(page, /\/ns\/demo\/prompts/, 'Prompts');
  await page.keyboard.press('/');
  await page.keyboard.type('gfc?');
  await expect(page.getByTestId('search')).toHaveValue('gfc?');
  await expect(page).toHaveURL(/\/ns\/demo\/prompts/);
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog').filter({ hasText: 'New prompt' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('?');
  await expect(page.getByTestId('keys')).toBeVisible();
  await page.getByTestId('keys').getByRole('checkbox').uncheck();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('keys')).toBeHidden();
  await page.keyboard.type('gf');
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await expect(page).toHaveURL(/\/ns\/demo\/prompts/);
});

test('F2 renames a variable everywhere, and says why when it cannot', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts/support-reply');
  await placeCaret(page, '{{customer_name}}', 4);
  await page.keyboard.press('F2');
  await expect(page.locator('.rename-box input')).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('who');
  await page.keyboard.press('Enter');
  await expectSource(page, '{{who}}');
  expect(await source(page)).not.toContain('customer_name');

  await page.keyboard.press('F2');
  await expect(page.locator('.rename-box input')).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('role');
  await page.keyboard.press('Enter');
  await expect(page.getByText('word of the language').first()).toBeVisible();
  expect(await source(page)).toContain('{{who}}');
});

test('panes are sized by drag and by key, keep their width, and F6 goes through them', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts/support-reply');
  const panel = page.getByRole('region', { name: 'Test' });
  const bar = page.getByRole('separator', { name: 'Width of the test panel' });
  const width = async () => (await panel.boundingBox())!.width;
  await expect(panel).toBeVisible();
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  const usual = await width();
  const box = (await bar.boundingBox())!;
  await page.mouse.move(box.x + 6, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x - 94, box.y + 100, { steps: 4 });
  await page.mouse.up();
  expect(await width()).toBeCloseTo(usual + 100, 0);
  await bar.focus();
  await page.keyboard.press('ArrowRight');
  expect(await width()).toBeCloseTo(usual + 84, 0);
  await page.reload();
  await expect(bar).toBeVisible();
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  expect(await width()).toBeCloseTo(usual + 84, 0);
  await bar.focus();
  await page.keyboard.press('Home');
  expect(await width()).toBeCloseTo(usual, 0);

  const within = (name: string) => page.evaluate(label => document.querySelector(`[data-pane][aria-label="${label}"]`)!.contains(document.activeElement), name);
  await page.keyboard.press('F6');
  expect(await within('Outline and problems')).toBe(true);
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  await page.keyboard.press('F6');
  expect(await within('Prompt')).toBe(true);
  await page.keyboard.press('F6');
  expect(await within('Test')).toBe(true);

  await page.setViewportSize({ width: 1000, height: 800 });
  await page.getByTestId('pane-outline').click();
  await expect(page.getByRole('complementary', { name: 'Outline and problems' })).toBeInViewport();
});

test('without sign-in one becomes somebody else in the user menu, and stays on the page', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts');
  await page.getByTestId('user-menu').locator('summary').click();
  await page.getByTestId('persona-ada').click();
  await expect(page.getByTestId('user-name')).toHaveText('Ada (demo author)');
  await at(page, /\/ns\/demo\/prompts$/, 'Prompts');
});

test('in a narrow window the rail keeps its names and no page scrolls sideways', async ({ page }) => {
  await page.setViewportSize({ width: 800, height: 900 });
  for (const path of ['/', '/ns/demo/flows/support-reply', '/audit?row=99999999999999999999']) {
    await portal.open(page, path);
    await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Flows', exact: true })).toHaveCount(1);
    await expect(page.getByRole('button', { name: 'Search or run a command' })).toBeVisible();
    expect(await page.locator('main').evaluate(main => main.scrollWidth - main.clientWidth), path).toBeLessThanOrEqual(1);
  }
});

// A test for a dozen pages: one for all of them would take minutes.
const dozens = Array.from({ length: Math.ceil(pages.length / 12) }, (_, index) => pages.slice(index * 12, (index + 1) * 12));
const serious = ({ violations }: Awaited<ReturnType<AxeBuilder['analyze']>>) => violations.filter(item => item.impact === 'serious' || item.impact === 'critical')
  .map(item => `${item.id}: ${item.nodes.map(node => `${node.target} ${node.failureSummary}`).join('; ').slice(0, 600)}`);

for (const [index, dozen] of dozens.entries()) {
  test(`axe finds nothing serious on any page, light and dark ${index + 1}`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce' });
    const page = await context.newPage();
    for (const path of dozen) {
      await page.emulateMedia({ colorScheme: 'light' });
      await portal.open(page, path);
      await expect(page.locator('main')).not.toContainText(/Loading…|Adding up…|Waiting for the cluster|Connecting to the cluster/);
      await expect(page.locator('.gp-code-loading')).toHaveCount(0);
      expect.soft(serious(await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()), path).toEqual([]);
      // The same page in other colours: nothing but those can be wrong about it.
      await page.emulateMedia({ colorScheme: 'dark' });
      await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
      expect.soft(serious(await new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']).analyze()), `${path}, dark`).toEqual([]);
    }
    await context.close();
  });
}
