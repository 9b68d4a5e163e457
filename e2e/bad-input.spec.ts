// What people paste and type that was never meant well: it stays text wherever it is shown, and the page goes on.
import { expect, Page, test } from '@playwright/test';
import { append, placeCaret, setSource, source } from './support/editor';
import { Portal } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

const hostile = `"><script>window.owned=1</script><img src=x onerror="window.owned=1">{{constructor.constructor('window.owned=1')()}}'; DROP TABLE releases;--`;
const fits = (limit: number) => hostile.slice(0, limit);

const post = (path: string, body: unknown) => fetch(portal.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function untouched(page: Page) {
  expect(await page.evaluate(() => (window as any).owned)).toBeUndefined();
  expect(await page.locator('img[src="x"]').count()).toBe(0);
}

test('script and templates in every field of a page are text', async ({ page }) => {
  const dialogs: string[] = [];
  page.on('dialog', dialog => { dialogs.push(dialog.message()); void dialog.dismiss(); });

  // A release: its title, its thread, its difference.
  const { id } = await (await post('/api/v1/releases', {
    namespace: 'demo', message: hostile, objects: [{ name: 'injected', content: `---\nmodel: demo/echo-stream\n---\n{{{name}}} ${'<script>window.owned=1</script><img src=x onerror=alert(1)>'}` }],
  })).json() as { id: number };
  await portal.open(page, `/approvals/${id}`);
  await expect(page.locator('h1')).toContainText(hostile);
  await page.getByTestId('comment').fill(hostile);
  await page.getByTestId('say').click();
  await expect(page.getByTestId('event-commented')).toContainText(hostile);
  await untouched(page);
  await portal.open(page, '/approvals?tab=all');
  await expect(page.getByTestId(`release-row-${id}`)).toContainText(hostile);
  await untouched(page);

  // An environment: every text of its form.
  await portal.open(page, '/environments');
  await page.getByTestId('new-environment').click();
  await page.getByTestId('environment-name').fill('injected');
  for (const [field, text] of [['namespaces', 'elsewhere'], ['labels', `stage=${hostile.replaceAll(',', '')}`], ['groups', hostile.replaceAll(',', '')], ['freezes', `2036-12-20T00:00Z/2037-01-02T00:00Z ${hostile}`]]) {
    await page.getByTestId(`environment-${field}`).fill(text);
  }
  await page.getByTestId('environment-save').click();
  await expect(page.getByTestId('environment-injected')).toContainText(hostile.replaceAll(',', ''));
  await untouched(page);
  await page.getByTestId('new-environment').click();
  await page.getByTestId('environment-name').fill(hostile);
  await page.getByTestId('environment-save').click();
  await expect(page.getByTestId('environment-problem')).toContainText('lower-case');
  await untouched(page);

  // A service token, and what the audit says of all of it.
  await portal.open(page, '/settings/tokens');
  await page.getByTestId('token-name').fill(fits(80));
  await page.getByTestId('token-namespaces').fill('demo');
  await page.getByTestId('token-create').click();
  await expect(page.getByTestId('token-secret')).toBeVisible();
  await untouched(page);
  await portal.open(page, `/audit?actor=${encodeURIComponent(hostile)}&action=${encodeURIComponent(hostile)}`);
  await untouched(page);
  await portal.open(page, '/audit');
  await expect(page.locator('body')).toContainText('environment.made');
  await untouched(page);

  // Addresses.
  for (const path of [`/ns/${encodeURIComponent(hostile)}/prompts`, `/ns/demo/prompts/${encodeURIComponent(hostile)}`, `/approvals?tab=${encodeURIComponent(hostile)}&ns=${encodeURIComponent(hostile)}`]) {
    await portal.open(page, path);
    await untouched(page);
  }
  expect(dialogs).toEqual([]);
});

test('a megabyte pasted into the editor is told to be too much, and the page goes on', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await portal.open(page, '/ns/demo/prompts/summarize');
  const before = await source(page);
  await append(page, 'The end.');
  await placeCaret(page, 'The end.');
  await page.evaluate(() => navigator.clipboard.writeText('\n' + 'All work and no play makes a prompt long. '.repeat(25_000)));
  await page.keyboard.press('Control+V');
  await expect.poll(async () => (await source(page)).length).toBeGreaterThan(1_000_000);
  await expect(page.locator('body')).toContainText(/at most [\d,]+ (are allowed|bytes)/, { timeout: 15_000 });

  // Taken back, it is saved and checked as before.
  await setSource(page, `${before}\nAfter the flood.`);
  await expect.poll(async () => ((await (await fetch(`${portal.url}/api/v1/namespaces/demo/prompts/summarize`)).json()) as any).draft?.content, { timeout: 15_000 }).toContain('After the flood.');
});
