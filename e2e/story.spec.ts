import { expect, test } from '@playwright/test';
import { expectSource, placeCaret, replaceInEditor } from './support/editor';
import { at } from './support/page';
import { Portal, withoutReview } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start(withoutReview));
test.afterAll(() => portal.dispose());

test('Home shows the five-step checklist', async ({ page }) => {
  await portal.open(page, '/');
  await expect(page.getByTestId('checklist')).toBeVisible();
  await expect(page.getByTestId('checklist').getByRole('listitem')).toHaveCount(5);
});

test('the whole story: run, break, fix, publish, ready, call', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts');
  await page.getByTestId('prompt-row-support-reply').getByRole('link').first().click();
  await at(page, /\/ns\/demo\/prompts\/support-reply/, 'support-reply');
  await expect(page.locator('.monaco-editor').first()).toBeVisible();

  // Run and see it stream: the output grew before it ended, which the page itself looks at, however slow this test is.
  await page.evaluate(() => {
    const lengths = new Set<number>();
    (window as any).lengths = lengths;
    new MutationObserver(() => lengths.add(document.querySelector('[data-testid=output]')?.textContent?.length ?? 0)).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await page.getByTestId('run').click();
  const output = page.getByTestId('output');
  await expect(output).toContainText('demo', { ignoreCase: true });
  await expect(page.getByTestId('run-footer')).toContainText('stop');
  expect(await page.evaluate(() => (window as any).lengths.size)).toBeGreaterThan(3);

  // Rendered shows the messages without a call.
  await page.getByTestId('tab-rendered').click();
  await expect(page.getByTestId('rendered-messages')).toContainText('system');

  // Break it: squiggle, and Publish is refused with the same message.
  await replaceInEditor(page, '{{customer_name}}', '{{customer_nam}}');
  const problem = page.getByTestId('problem').first();
  await expect(problem).toContainText('customer_name');
  await expect(page.locator('.monaco-editor .squiggly-error, .monaco-editor .squiggly-warning').first()).toBeVisible();
  await replaceInEditor(page, '{{customer_nam}}', '{{#if customer_name}}');
  await expect(page.getByTestId('problem').filter({ hasText: /if/ }).first()).toBeVisible();
  await page.getByTestId('publish').click();
  await expect(page.getByTestId('publish-status')).toContainText('if');
  await page.keyboard.press('Escape');

  // Fix it, change the text and publish.
  await replaceInEditor(page, '{{#if customer_name}}', '{{customer_name}}, from the story');
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await page.getByTestId('publish').click();
  await page.getByTestId('publish-confirm').click();
  await expect(page.getByTestId('publish-status')).toContainText(/published/i);

  // The flow becomes Ready with the new revision and answers.
  await portal.open(page, '/ns/demo/flows/support-reply');
  await expect(page.getByTestId('flow-ready')).toContainText('Ready');
  await expect(page.getByTestId('conditions')).toContainText('Ready');
  await expect(page.getByTestId('curl')).toContainText('/flows/demo/support-reply');
  await expect(async () => {
    await page.getByTestId('call-run').click();
    await expect(page.getByTestId('call-output')).toContainText('from the story', { timeout: 5_000 });
  }).toPass({ timeout: 30_000 });
});

test('a draft survives leaving the page and is formatted by key and menu', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts/support-reply');
  await replaceInEditor(page, 'from the story', 'from the draft');
  await expect(page.getByTestId('draft-state')).toContainText(/saved/i);
  await portal.open(page, '/ns/demo/prompts/support-reply');
  await expectSource(page, 'from the draft');
  await replaceInEditor(page, '{{question}}', '{{  question }}');
  await placeCaret(page, 'question');
  await page.keyboard.press('Shift+Alt+F');
  await expectSource(page, '{{question}}');
  await replaceInEditor(page, '{{question}}', '{{ question  }}');
  await page.getByTestId('prompt-menu').click();
  await page.getByTestId('format').click();
  await expectSource(page, '{{question}}');
  await page.getByTestId('discard-draft').click();
  await page.getByTestId('confirm-ok').click();
  await expectSource(page, 'from the story');
});
