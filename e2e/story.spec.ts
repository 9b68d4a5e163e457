import { expect, Page, test } from '@playwright/test';
import { Portal, withoutReview } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start(withoutReview));
test.afterAll(() => portal.dispose());

async function open(page: Page, path: string) {
  await page.goto(portal.url + path);
  await expect(page.locator('[data-interactive="True"], [data-interactive="true"]').first()).toBeAttached();
}

/** Replaces a text in the editor the way a person does: through the find widget is slow, so through Monaco's own model, as one undoable edit. */
async function replaceInEditor(page: Page, find: string, replacement: string) {
  const done = await page.evaluate(([from, to]) => {
    const editor = (window as any).genkitEditors[0];
    const match = editor.getModel().findMatches(from, false, false, true, null, false)[0];
    if (!match) { return false; }
    editor.executeEdits('test', [{ range: match.range, text: to, forceMoveMarkers: true }]);
    return true;
  }, [find, replacement]);
  expect(done, `"${find}" is in the editor`).toBe(true);
}

test('Home shows the five-step checklist', async ({ page }) => {
  await open(page, '/');
  await expect(page.getByTestId('checklist')).toBeVisible();
  await expect(page.getByTestId('checklist').getByRole('listitem')).toHaveCount(5);
});

test('the whole story: run, break, fix, publish, ready, call', async ({ page }) => {
  await open(page, '/ns/demo/prompts');
  await page.getByTestId('prompt-row-support-reply').getByRole('link').first().click();
  await expect(page).toHaveURL(/\/ns\/demo\/prompts\/support-reply/);
  await expect(page.locator('.monaco-editor').first()).toBeVisible();

  // Run and see it stream: the output grows before it ends.
  await page.getByTestId('run').click();
  const output = page.getByTestId('output');
  await expect(output).toContainText('demo', { ignoreCase: true });
  const early = (await output.innerText()).length;
  await expect(page.getByTestId('run-footer')).toContainText('stop');
  expect((await output.innerText()).length).toBeGreaterThan(early);

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
  await open(page, '/ns/demo/flows/support-reply');
  await expect(page.getByTestId('flow-ready')).toContainText('Ready');
  await expect(page.getByTestId('conditions')).toContainText('Ready');
  await expect(page.getByTestId('curl')).toContainText('/flows/demo/support-reply');
  await expect(async () => {
    await page.getByTestId('call-run').click();
    await expect(page.getByTestId('call-output')).toContainText('from the story', { timeout: 5_000 });
  }).toPass({ timeout: 30_000 });
});

test('a draft survives leaving the page and is formatted by key and menu', async ({ page }) => {
  await open(page, '/ns/demo/prompts/support-reply');
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  await replaceInEditor(page, 'from the story', 'from the draft');
  await expect(page.getByTestId('draft-state')).toContainText(/saved/i);
  await open(page, '/ns/demo/prompts/support-reply');
  await expect.poll(() => page.evaluate(() => (window as any).genkitEditors?.[0]?.getValue() ?? '')).toContain('from the draft');
  const source = () => page.evaluate(() => (window as any).genkitEditors[0].getValue());
  await replaceInEditor(page, '{{question}}', '{{  question }}');
  await page.evaluate(() => (window as any).genkitEditors[0].focus());
  await page.keyboard.press('Shift+Alt+F');
  await expect.poll(source).toContain('{{question}}');
  await replaceInEditor(page, '{{question}}', '{{ question  }}');
  await page.getByTestId('prompt-menu').click();
  await page.getByTestId('format').click();
  await expect.poll(source).toContain('{{question}}');
  await page.getByTestId('discard-draft').click();
  await page.getByTestId('confirm-ok').click();
  await expect.poll(() => page.evaluate(() => (window as any).genkitEditors[0].getValue())).toContain('from the story');
});
