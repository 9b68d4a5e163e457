// What is typed is kept: before a page listens, while it loads, while its address is rewritten, and while one goes from page to page.
import { expect, Page, test } from '@playwright/test';
import { expectSource } from './support/editor';
import { at, goByPalette, ready } from './support/page';
import { eventually, Portal } from './support/portal';

const portal = new Portal();

test.beforeAll(async () => {
  await portal.start();
  await eventually('the demo is there', () => portal.kubectl(['get', 'flows', '-n', 'demo', '-o', 'name']), text => text.includes('support-reply'));
});
test.afterAll(() => portal.dispose());

/** A page whose script is slow, as behind a bad line: it is seen long before it listens. */
async function slowly(page: Page): Promise<() => void> {
  let go = () => {};
  const waits = new Promise<void>(done => { go = done; });
  await page.route('**/_framework/blazor.web.js*', async route => { await waits; await route.continue(); });
  return go;
}

const fields: [string, string][] = [
  ['/ns/demo/prompts', 'search'], ['/ns/demo/flows', 'search'], ['/ns/demo/resources', 'search'], ['/ns/demo/map', 'search'], ['/costs/prices', 'prices-find'],
  ['/ns/demo/runs', 'runs-search'], ['/audit', 'filter-actor'],
];

for (const [path, field] of fields) {
  test(`what is typed into ${field} of ${path} before the page listens stays, and so does the place`, async ({ page }) => {
    const listen = await slowly(page);
    await page.goto(portal.url + path, { waitUntil: 'commit' });
    await page.getByTestId(field).focus();
    await page.keyboard.type('support');
    await page.keyboard.press('ArrowLeft');
    listen();
    // Without waiting for anything: some of it comes before the page listens, some after.
    await page.keyboard.type('-reply', { delay: 20 });
    await ready(page);
    await page.keyboard.type('!');
    await expect(page.getByTestId(field)).toHaveValue('suppor-reply!t');
    await expect(page.getByTestId(field)).toBeFocused();
    await page.getByTestId(field).fill('reply');
    if (field.startsWith('runs') || field.startsWith('filter')) { await page.keyboard.press('Enter'); }
    await expect(page).toHaveURL(/[?&]\w+=reply$/);
    await expect(page.getByTestId(field)).toHaveValue('reply');
  });
}

test('a search is kept in the address, comes back with Back, and is taken away with what it filtered', async ({ page }) => {
  await portal.open(page, '/ns/demo/flows');
  await page.keyboard.press('/');
  await page.keyboard.type('no flow is called so', { delay: 15 });
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.getByTestId('show-all').click();
  await expect(page.getByTestId('flow-row-support-reply')).toBeVisible();
  await expect(page.getByTestId('search')).toHaveValue('');
  await expect(page).toHaveURL(/\/flows$/);

  // A filter chosen right after the last key keeps the words, and the words keep the filter.
  await page.getByTestId('search').fill('reply');
  await page.getByTestId('state-all').click();
  await expect(page).toHaveURL(/q=reply/);
  await page.getByTestId('flow-row-support-reply').getByRole('link').first().click();
  await at(page, /flows\/support-reply$/, 'support-reply');
  await page.goBack();
  await at(page, /q=reply/, 'Flows');
  await expect(page.getByTestId('search')).toHaveValue('reply');
});

test('keys typed in one go lead to a page and search there', async ({ page }) => {
  await portal.open(page, '/ns/demo/flows');
  await page.keyboard.type('gp/gfc?');
  await at(page, /\/ns\/demo\/prompts/, 'Prompts');
  await expect(page.getByRole('searchbox', { name: 'Search prompts' })).toHaveValue('gfc?');
  await expect(page).toHaveURL(/prompts\?q=gfc%3F$/);
});

test('nobody is called back to the page they left while its search was being written', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts');
  await page.getByTestId('search').focus();
  await page.keyboard.type('a');
  await page.keyboard.type('bc');
  await goByPalette(page, 'Go Flows', 'Flows');
  await at(page, /\/ns\/demo\/flows$/, 'Flows');
  await page.keyboard.press('/');
  await page.keyboard.type('support');
  await expect(page.getByTestId('search')).toHaveValue('support');
  await expect(page).toHaveURL(/\/ns\/demo\/flows\?q=support$/);
});

test('a box that was ticked and cleared again before the page listens is as it was', async ({ page }) => {
  const listen = await slowly(page);
  await page.goto(`${portal.url}/settings/tokens`, { waitUntil: 'commit' });
  const box = page.getByTestId('token-may-ManageFlows');
  await box.check();
  await box.uncheck();
  listen();
  await ready(page);
  await page.getByTestId('token-name').fill('early');
  await page.getByTestId('token-namespaces').fill('demo');
  await page.getByTestId('token-create').click();
  await expect(page.getByTestId('token-early')).toBeVisible();
  await expect(page.getByTestId('token-early')).not.toContainText(/flows/i);
});

test('the palette opened before the page listens is open afterwards', async ({ page }) => {
  const listen = await slowly(page);
  await page.goto(`${portal.url}/ns/demo/prompts`, { waitUntil: 'commit' });
  await expect(page.getByTestId('search')).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette-input')).toBeFocused();
  await page.keyboard.type('prompt support');
  listen();
  await ready(page);
  await expect(page.getByTestId('palette-entry').first()).toContainText('support-reply');
  await page.keyboard.press('Enter');
  await at(page, /prompts\/support-reply/, 'support-reply');
});

test('what is asked of an editor that is still loading is done when it is there', async ({ page, request }) => {
  const content = '---\nmodel: demo/echo-stream\ninput:\n  schema:\n    name: string\n---\nHello {{nam}}';
  await request.put(`${portal.url}/api/v1/namespaces/demo/prompts/waiting/draft`, { data: { content } });
  let go = () => {};
  const waits = new Promise<void>(done => { go = done; });
  await page.route('**/assets/code-editor.js*', async route => { await waits; await route.continue(); });
  await portal.open(page, '/ns/demo/prompts/waiting');
  await page.getByTestId('fix').first().click();
  go();
  await expectSource(page, 'Hello {{name}}');
});
