import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { eventually, Portal, withoutReview } from './support/portal';

const portal = new Portal();
const api = '/api/v1/namespaces/demo';

test.describe.configure({ mode: 'serial' });
test.use({ timezoneId: 'Europe/Berlin' });
test.beforeAll(() => portal.start(withoutReview));
test.afterAll(() => portal.dispose());

const counted = async () => ((await (await fetch(`${portal.url}/api/v1/costs?range=24h`)).json()) as { total: { sums: { calls: number } } }).total.sums.calls;

function call(flow: string, caller: string) {
  return fetch(`${portal.url}/flows/demo/${flow}`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-genkit-caller': caller }, body: JSON.stringify({ customer_name: 'Ada', question: 'Where?' }),
  });
}

test('50 calls of a flow move tiles, chart, table and drill-down of an open page', async ({ page }) => {
  const { content } = await (await fetch(`${portal.url}${api}/prompts/support-reply`)).json() as { content: string };
  const published = await fetch(`${portal.url}${api}/prompts/support-reply/publish`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: content.replace('temperature: 0.4', 'temperature: 0.4\n  delayMs: 0') }),
  });
  expect(published.ok).toBe(true);

  // The demo's own price is nothing, which moves no tile.
  const price = await fetch(`${portal.url}/api/v1/prices`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ provider: 'demo', model: '*', validFrom: '2020-01-01T00:00:00Z', perMillion: { input: 100, output: 1000 } }),
  });
  expect(price.ok, await price.text()).toBe(true);
  await eventually('the flow answers', () => call('support-reply', 'first'), answer => answer.ok, 30_000);
  await eventually('the call is counted', counted, count => count > 0);
  await portal.open(page, '/costs?range=24h&show=calls');
  await expect(page.getByTestId('zone')).toHaveText('Europe/Berlin');
  const row = page.locator('[data-testid=cost-row][data-value="demo/support-reply"]');
  await expect(row).toBeVisible();
  await page.evaluate(() => { (window as any).stillTheSame = true; });
  const calls = async () => Number((await page.getByTestId('tile-calls').textContent())!.replace(/,/g, ''));
  const tokens = await page.getByTestId('tile-tokens').getAttribute('title');
  const shape = await page.locator('path[data-series="demo/support-reply"]').getAttribute('d');
  const spend = await page.getByTestId('tile-spend').textContent();
  const before = await calls();

  for (let batch = 0; batch < 5; batch++) { await Promise.all(Array.from({ length: 10 }, () => call('support-reply', 'shop'))); }

  await expect.poll(calls).toBe(before + 50);
  await expect(row.getByTestId('row-calls')).toHaveText(String(before + 50));
  expect(await page.getByTestId('tile-tokens').getAttribute('title')).not.toBe(tokens);
  await expect(page.getByTestId('tile-spend')).not.toHaveText(spend!);
  await expect(page.getByTestId('tile-spend')).toHaveText(/^\$[1-9]/);
  expect(await page.locator('path[data-series="demo/support-reply"]').getAttribute('d')).not.toBe(shape);
  await expect(page.getByTestId('chart-marker').first()).toContainText('published Prompt demo/support-reply');

  // Into the flow, then its callers, then their calls; each step is in the address.
  await row.getByRole('link', { name: 'demo/support-reply', exact: true }).click();
  await expect(page).toHaveURL(/flow=demo%2Fsupport-reply/);
  await page.getByTestId('group').selectOption('user');
  await expect(page.locator('[data-testid=cost-row][data-value="shop"]').getByTestId('row-calls')).toHaveText('50');
  await page.locator('[data-testid=cost-row][data-value="shop"]').getByTestId('row-calls').getByRole('link').click();
  await expect(page.getByTestId('call-row')).toHaveCount(50);
  expect(await page.evaluate(() => (window as any).stillTheSame)).toBe(true);
  await Promise.all([call('support-reply', 'shop'), call('support-reply', 'shop')]);
  await expect(page.getByTestId('calls-older')).toBeVisible();
  await page.getByTestId('calls-older').click();
  await expect(page.getByTestId('call-row')).toHaveCount(2);
  await page.getByTestId('call-row').first().getByRole('link').click();
  await expect(page.getByTestId('call-facts')).toContainText('support-reply');
  await expect(page.getByTestId('call-revision')).toHaveAttribute('href', /history\?to=\d+/);
});

test('paused, the page waits; as a table and a file it says the same', async ({ page }) => {
  await portal.open(page, '/costs?range=24h&show=calls&view=table');
  await page.getByTestId('pause').click();
  await expect(page.getByTestId('freshness')).toContainText('Paused');
  const shown = await page.getByTestId('tile-calls').textContent();
  await call('support-reply', 'shop');
  await eventually('the call is counted', counted, count => count > Number(shown));
  await expect(page.getByTestId('tile-calls')).toHaveText(shown!);
  await page.getByTestId('pause').click();
  await expect(page.getByTestId('tile-calls')).toHaveText(String(await counted()));
  await expect(page.getByTestId('chart-table').locator('tbody tr')).toHaveCount(24);

  const download = page.waitForEvent('download');
  await page.getByTestId('export-csv').click();
  const lines = readFileSync(await (await download).path(), 'utf8').split('\r\n');
  expect(lines[0]).toMatch(/^"From","To","Flow","Currency","Cost"/);
  expect(lines.find(line => line.includes('demo/support-reply'))).toBeTruthy();
});

test('a pasted export is compared by day and model', async ({ page }) => {
  const day = new Date().toISOString().slice(0, 10);
  await portal.open(page, '/costs/reconcile');
  await page.getByTestId('reconcile-text').fill(`day,engine,tokens\n${day},nosuch,100\n`);
  await page.getByTestId('reconcile-provider').selectOption('demo');
  await page.getByTestId('reconcile-compare').click();
  await expect(page.getByTestId('reconcile-problems')).toContainText('Line 1: there is no column for the model');
  await page.getByTestId('column-model').selectOption('engine');
  await page.getByTestId('reconcile-compare').click();
  await expect(page.getByTestId('reconcile-verdict')).toContainText('It does not agree');
  await expect(page.getByTestId('reconcile-lines')).toContainText('Nothing of it is known here');
});
