// Several texts of one prompt: two people in the same line, a branch that comes home, a policy that holds against kubectl, and all of the way from draft to production by keyboard.
import { expect, test } from '@playwright/test';
import { endWith, expectSource, placeCaret, source } from './support/editor';
import { at, goByPalette, tabTo, tabUntil } from './support/page';
import { eventually, Portal } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

const draft = async (name: string) => ((await (await fetch(`${portal.url}/api/v1/namespaces/demo/prompts/${name}`)).json()) as any).draft?.content as string | undefined;

test('a branch that changed the same line comes home by choosing line by line', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts/summarize');
  await page.getByTestId('prompt-menu').click();
  await page.getByTestId('branch').click();
  await page.getByTestId('branch-name').fill('summarize-short');
  await page.getByTestId('branch-create').click();
  await at(page, /prompts\/summarize-short$/, 'summarize-short');
  await endWith(page, 'In one sentence.');
  await eventually('the branch is saved', () => draft('summarize-short'), content => content?.includes('In one sentence.') === true);

  await portal.open(page, '/ns/demo/prompts/summarize');
  await endWith(page, 'In ten sentences.');
  await eventually('the original is saved', () => draft('summarize'), content => content?.includes('In ten sentences.') === true);

  await portal.open(page, '/ns/demo/prompts/summarize-short');
  await page.getByTestId('prompt-menu').click();
  await page.getByTestId('merge-branch').click();
  await expect(page.getByTestId('conflict-0')).toContainText('In ten sentences.');
  await expect(page.getByTestId('conflict-0')).toContainText('In one sentence.');
  await expect(page.getByTestId('merge-confirm')).toBeDisabled();
  await page.getByTestId('theirs-0').check();
  await page.getByTestId('merge-confirm').click();
  await at(page, /prompts\/summarize$/, 'summarize');
  await expectSource(page, 'In one sentence.');
  expect(await source(page)).not.toContain('In ten sentences.');
});

test('only-approved, set on the environments page, holds against kubectl until it is taken away', async ({ page }) => {
  portal.kubectl(['create', 'namespace', 'live']);
  const write = (words: string) => portal.kubectl(['apply', '--server-side', '-f', '-'],
    `apiVersion: genkit.dev/v1alpha1\nkind: Prompt\nmetadata: {name: words, namespace: live}\nspec: {content: "${words}"}`);
  write('Before the policy');
  await portal.open(page, '/environments');
  await page.getByTestId('new-environment').click();
  await page.getByTestId('environment-name').fill('live');
  await page.getByTestId('environment-namespaces').fill('live');
  await page.getByTestId('environment-only').check();
  await page.getByTestId('environment-save').click();
  await expect(page.getByTestId('environment-live')).toContainText('only approved');
  // The embedded server asks in process: nothing is missing.
  await expect(page.getByTestId('only-approved-gap')).toHaveCount(0);
  expect(() => write('Behind the back')).toThrow(/is not a text that was approved for live\/words/);

  await page.getByTestId('edit-live').click();
  await page.getByTestId('environment-only').uncheck();
  await page.getByTestId('environment-save').click();
  await expect(page.getByTestId('environment-live')).not.toContainText('only approved');
  write('After the policy');
});

test('deleting where approval is asked is a request, and another person decides', async ({ browser, page }) => {
  await portal.open(page, '/ns/demo/prompts/summarize');
  await page.getByTestId('prompt-menu').click();
  await page.getByTestId('delete-prompt').click();
  await page.getByRole('button', { name: 'Ask to delete it' }).click();
  await expect(page.getByTestId('release-summary')).toContainText('deletion of Prompt summarize');
  await expect(page).toHaveURL(/\/approvals\/\d+/);
  await expect(page.getByTestId('approve')).toBeDisabled();
  portal.kubectl(['get', 'prompt', 'summarize', '-n', 'demo']);

  const ben = await portal.be(browser, 'ben', new URL(page.url()).pathname);
  await ben.getByTestId('approve').click();
  await expect(ben.getByTestId('release-status')).toContainText('Published');
  expect(() => portal.kubectl(['get', 'prompt', 'summarize', '-n', 'demo'])).toThrow(/not found/);
  await ben.context().close();
});

test('from draft to production without a mouse', async ({ browser }) => {
  const ada = await portal.be(browser, 'ada', '/ns/demo/prompts/support-reply');
  await placeCaret(ada, '{{customer_name}}');
  await ada.keyboard.type(', by keyboard');
  await expectSource(ada, '{{customer_name}}, by keyboard');
  await ada.keyboard.press('Control+Shift+Enter');
  await expect(ada.getByTestId('publish-message')).toBeVisible();
  await ada.getByTestId('publish-message').focus();
  await ada.keyboard.type('No mouse');
  await tabTo(ada, 'publish-confirm');
  await ada.keyboard.press('Enter');
  await expect(ada.getByTestId('publish-status')).toContainText('waits for one approver');
  await tabTo(ada, 'publish-release', 'Shift+Tab');
  await ada.keyboard.press('Enter');
  await expect(ada.getByTestId('release-summary')).toBeVisible();

  const ben = await portal.be(browser, 'ben');
  await goByPalette(ben, 'Approvals', 'Approvals');
  await at(ben, /\/approvals/, 'Approvals');
  const row = ben.getByTestId('releases').getByRole('link', { name: /No mouse/ });
  await expect(row).toBeVisible();
  await tabUntil(ben, async () => /No mouse/.test(await ben.evaluate(() => document.activeElement?.textContent ?? '')));
  await ben.keyboard.press('Enter');
  await expect(ben.getByTestId('approve')).toBeEnabled();
  await tabTo(ben, 'comment');
  await ben.keyboard.type('Fine');
  await tabTo(ben, 'approve');
  await ben.keyboard.press('Enter');
  await expect(ben.getByTestId('release-status')).toContainText('Published');
  expect(JSON.parse(portal.kubectl(['get', 'prompt', 'support-reply', '-n', 'demo', '-o', 'json'])).spec.content).toContain(', by keyboard');
  await ada.context().close();
  await ben.context().close();
});
