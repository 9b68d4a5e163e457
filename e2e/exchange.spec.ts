// Prompts come from OpenAI as drafts, with a report of the mapping, and leave as they are.
import { expect, test } from '@playwright/test';
import { expectSource } from './support/editor';
import { at, ready } from './support/page';
import { Portal } from './support/portal';

const portal = new Portal();

test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

const openAi = JSON.stringify({
  id: 'pmpt_1', name: 'Order status', model: 'gpt-4.1', instructions: 'You help {{customer}}. Answer as {"status": {{format}}}.',
  input: [{ role: 'user', content: [{ type: 'input_text', text: 'Where is order {{order}}?' }] }],
  tools: [{ type: 'function', name: 'find_order', description: 'Finds it.', parameters: { type: 'object', properties: { id: { type: 'string' } } } }, { type: 'web_search' }],
  temperature: 0.2, variables: { customer: 'Ada' },
});

test('a prompt of OpenAI becomes a draft, is edited on, and leaves as a file', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts');
  await page.getByTestId('import-prompts').click();
  await at(page, /\/ns\/demo\/import\/prompts$/, 'Import prompts');

  await page.getByTestId('prompt-import-text').fill(openAi);
  await page.getByTestId('prompt-import-check').click();
  await expect(page.getByTestId('prompt-import-summary')).toHaveText('1 to import.');
  const row = page.getByTestId('prompt-import-row-0');
  await expect(row.getByText('find_order').first()).toBeAttached();
  await expect(row.getByText('is a tool that OpenAI runs itself')).toBeAttached();
  await expect(page.getByTestId('prompt-import-name-0')).toHaveValue('order-status');

  // The preview is the server's: it is there after a reload.
  await page.reload();
  await ready(page);
  await page.getByTestId('prompt-import-name-0').fill('order');
  await page.getByTestId('prompt-import-name-0').press('Tab');
  await expect(page.getByTestId('prompt-import-apply')).toHaveText('Import 1 prompt as a draft');
  await page.getByTestId('prompt-import-apply').click();
  await expect(page.getByTestId('prompt-import-outcome-0')).toHaveText('Draft');

  await page.getByRole('link', { name: 'order', exact: true }).click();
  await at(page, /\/ns\/demo\/prompts\/order$/, 'order');
  await expectSource(page, 'openai/gpt-4.1');
  expect(portal.kubectl(['get', 'prompts', '-n', 'demo', '-o', 'name'])).not.toContain('order');

  // A second time there is nothing to do; over another draft one chooses.
  const again = await (await fetch(`${portal.url}/api/v1/namespaces/demo/prompt-imports?name=order.json`, { method: 'POST', body: openAi.replace('Order status', 'order') })).json();
  expect(again.items[0].outcome).toBe('Skipped');

  await portal.open(page, '/ns/demo/export/prompts?as=Dotprompt&prompt=order');
  await expect(page.getByTestId('prompt-export-verdict')).toContainText('nothing is lost');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('prompt-export-download').click()]);
  expect(download.suggestedFilename()).toBe('order.prompt');
  await portal.open(page, '/ns/demo/export/prompts?as=OpenAi');
  await expect(page.getByTestId('prompt-export-notes')).toContainText('is not a model of OpenAI');
});

test('a zip of the namespace comes back byte for byte in another one', async () => {
  const zip = await (await fetch(`${portal.url}/api/v1/namespaces/demo/prompt-export`)).arrayBuffer();
  const form = new FormData();
  form.append('f', new Blob([zip]), 'all.zip');
  const report = await (await fetch(`${portal.url}/api/v1/namespaces/default/prompt-imports`, { method: 'POST', body: form })).json();
  expect(report.state).toBe('Done');
  expect(new Set(report.items.map((item: { outcome: string }) => item.outcome))).toEqual(new Set(['Drafted']));
  for (const name of ['support-reply', 'order']) {
    const text = async (space: string) => (await fetch(`${portal.url}/api/v1/namespaces/${space}/prompt-export?as=Dotprompt&prompt=${name}`)).text();
    expect(await text('default')).toBe(await text('demo'));
  }
});
