import { expect, test } from '@playwright/test';
import { Portal } from './support/portal';

const portal = new Portal();
const token = 'prices-story';

test.beforeAll(() => portal.start({ Portal__Usage__Token: token }));
test.afterAll(() => portal.dispose());

test('a model without a price is a red badge, gets one, and past calls are recomputed', async ({ page }) => {
  const records = Array.from({ length: 3 }, (_, index) => ({
    callId: `story-${index}`, startedAt: new Date(Date.now() - 60_000).toISOString(), namespace: 'demo', flow: 'support-reply', provider: 'openai', model: 'brand-new',
    usage: { inputTokens: 1_000_000, outputTokens: 0 }, outcome: 'OK', finishReason: 'stop', durationMs: 5,
  }));
  const sent = await fetch(`${portal.url}/api/v1/usage`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ records }) });
  expect(sent.ok).toBe(true);

  await page.goto(`${portal.url}/costs/prices`);
  await expect(page.locator('[data-interactive="True"], [data-interactive="true"]').first()).toBeAttached();
  await expect(page.getByTestId('unpriced-count')).toHaveText('3 calls');
  await page.getByTestId('unpriced-add').click();
  await expect(page.getByTestId('price-model')).toHaveValue('brand-new');
  await page.getByTestId('price-perMillion.input').fill('two');
  await page.getByTestId('price-perMillion.output').fill('9');
  await page.getByTestId('price-validFrom').fill('2026-01-01');
  await page.getByTestId('price-save').click();
  await expect(page.getByTestId('price-problem')).toContainText('is no number such as 2.5');
  await page.getByTestId('price-perMillion.input').fill('2');
  await page.getByTestId('price-save').click();
  await expect(page.locator('[data-testid=price][data-model="openai/brand-new"]')).toContainText('$2.00');

  await page.getByTestId('recompute-from').fill('2026-01-01T00:00:00');
  await page.getByTestId('recompute-preview').click();
  await expect(page.getByTestId('recompute-difference')).toContainText('+$6.00');
  await expect(page.getByTestId('unpriced-count')).toHaveText('3 calls');
  await page.getByTestId('recompute-begin').click();
  await expect(page.getByTestId('recompute-last')).toContainText('3 of 3 calls changed');
  await expect(page.getByTestId('unpriced')).toHaveCount(0);
  await page.goto(`${portal.url}/costs?range=24h&group=model&view=table`);
  await expect(page.locator('[data-testid=cost-row][data-value="openai/brand-new"]').getByTestId('row-cost')).toHaveText('$6.00');
});
