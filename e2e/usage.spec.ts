import { expect, test } from '@playwright/test';
import { eventually, Portal, withoutReview } from './support/portal';

const portal = new Portal();
const total = 1000;
const atOnce = 16;
// What a killed process may lose: calls that ended in the hundredth of a second before. A loaded machine measures more generously.
const tail = 1000;
const api = '/api/v1/namespaces/demo';

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start(withoutReview));
test.afterAll(() => portal.dispose());

const completed: { id: string; began: number; at: number }[] = [];
const kills: number[] = [];

async function call(): Promise<boolean> {
  const began = Date.now();
  try {
    const response = await fetch(`${portal.url}/flows/demo/support-reply`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-genkit-caller': 'crash test' },
      body: JSON.stringify({ customer_name: 'Ada', question: 'Where?' }), signal: AbortSignal.timeout(20_000),
    });
    await response.text();
    if (response.ok) { completed.push({ id: response.headers.get('x-genkit-call-id')!, began, at: Date.now() }); }
    return response.ok;
  } catch {
    return false;
  }
}

async function callUntil(count: number) {
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (completed.length < count) {
      if (!await call()) { await new Promise(done => setTimeout(done, 50)); }
    }
  }));
}

async function recorded(): Promise<string[]> {
  const response = await fetch(`${portal.url}${api}/flows/support-reply/calls?limit=10000`);
  return ((await response.json()) as { items: { callId: string }[] }).items.map(item => item.callId);
}

const answers = () => eventually('the flow answers', call, Boolean, 30_000);

test('kill -9 of portal and of runner during 1,000 calls: every completed call is recorded exactly once', async () => {
  const { content } = await (await fetch(`${portal.url}${api}/prompts/support-reply`)).json() as { content: string };
  await fetch(`${portal.url}${api}/prompts/support-reply/publish`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: content.replace('temperature: 0.4', 'temperature: 0.4\n  delayMs: 0') }),
  });
  await answers();
  let calls = callUntil(total);
  await eventually('some calls', () => completed.length, count => count > total / 4);
  kills.push(Date.now());
  await portal.kill('SIGKILL');
  await portal.start(withoutReview);
  await eventually('more calls', () => completed.length, count => count > total / 2, 30_000);
  kills.push(Date.now());
  for (const runner of portal.runners()) { process.kill(runner, 'SIGKILL'); }
  await calls;

  // An answer that was under way when the process died may be read a good while after.
  const safe = completed.filter(one => !kills.some(kill => one.began <= kill && one.at > kill - tail));
  expect(safe.length).toBeGreaterThan(total / 4);
  await eventually('all that had to be recorded', async () => {
    const known = new Set(await recorded());
    return safe.filter(one => !known.has(one.id)).map(one => ({ ...one, kills }));
  }, missing => missing.length === 0, 60_000);
  const ids = await recorded();
  expect(new Set(ids).size).toBe(ids.length);
  const lost = completed.filter(one => !ids.includes(one.id));
  expect(lost.length, 'calls lost in the tails').toBeLessThanOrEqual(2 * atOnce);
});

test('the flow\'s page shows calls as they come', async ({ page }) => {
  await portal.open(page, '/ns/demo/flows/support-reply');
  const first = page.getByTestId('calls').locator('tbody tr').first();
  await expect(first).toContainText('OK');
  const before = await first.getAttribute('title');
  await answers();
  await expect(first).not.toHaveAttribute('title', before!);
});
