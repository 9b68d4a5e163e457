import { expect, test } from '@playwright/test';
import { Portal } from './support/portal';

const portal = new Portal();
const token = 'prices-story';

test.beforeAll(() => portal.start({ Portal__Usage__Token: token }));
test.afterAll(() => portal.dispose());

/** That many days ago, in UTC. */
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

test('a model without a price is a red badge, gets one, and past calls are recomputed', async ({ page }) => {
  const records = Array.from({ length: 3 }, (_, index) => ({
    callId: `story-${index}`, startedAt: new Date(Date.now() - 60_000).toISOString(), namespace: 'demo', flow: 'support-reply', provider: 'openai', model: 'brand-new',
    usage: { inputTokens: 1_000_000, outputTokens: 0 }, outcome: 'OK', finishReason: 'stop', durationMs: 5,
  }));
  const sent = await fetch(`${portal.url}/api/v1/usage`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ records }) });
  expect(sent.ok).toBe(true);

  await portal.open(page, '/costs/prices');
  await expect(page.getByTestId('unpriced-count')).toHaveText('3 calls');
  await page.getByTestId('unpriced-add').click();
  await expect(page.getByTestId('price-model')).toHaveValue('brand-new');
  await page.getByTestId('price-perMillion.input').fill('two');
  await page.getByTestId('price-perMillion.output').fill('9');
  await page.getByTestId('price-validFrom').fill(daysAgo(30));
  await page.getByTestId('price-save').click();
  await expect(page.getByTestId('price-problem')).toContainText('is no number such as 2.5');
  await page.getByTestId('price-perMillion.input').fill('2');
  await page.getByTestId('price-save').click();
  await expect(page.locator('[data-testid=price][data-model="openai/brand-new"]')).toContainText('$2.00');

  await page.getByTestId('recompute-from').fill(`${daysAgo(30)}T00:00:00`);
  await page.getByTestId('recompute-preview').click();
  await expect(page.getByTestId('recompute-difference')).toContainText('+$6.00');
  await expect(page.getByTestId('unpriced-count')).toHaveText('3 calls');
  await page.getByTestId('recompute-begin').click();
  await expect(page.getByTestId('recompute-last')).toContainText('3 of 3 calls changed');
  await expect(page.getByTestId('unpriced')).toHaveCount(0);
  await portal.open(page, '/costs?range=24h&group=model&view=table');
  await expect(page.locator('[data-testid=cost-row][data-value="openai/brand-new"]').getByTestId('row-cost')).toHaveText('$6.00');
});
