import { expect, test } from '@playwright/test';
import { eventually, Portal } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start({
  Portal__Releases__Environments__0__Name: 'locked',
  Portal__Releases__Environments__0__Namespaces__0: 'locked',
  Portal__Releases__Environments__0__OnlyApproved: 'true',
}));
test.afterAll(() => portal.dispose());

const json = { 'content-type': 'application/json' };
const rows = async (query: string) =>
  ((await (await fetch(`${portal.url}/api/v1/audit?${query}`)).json()) as { items: { sequence: number; action: string; actor: { name: string }; changes: { path: string; after?: string }[] }[] }).items;

function prompt(name: string, content: string, metadata = '') {
  return `apiVersion: genkit.dev/v1alpha1\nkind: Prompt\nmetadata:\n  name: ${name}\n  namespace: default\n${metadata}spec:\n  content: ${content}\n`;
}

test('what kubectl does is a row with its manager, and expands to the fields', async ({ page }) => {
  portal.kubectl(['apply', '--server-side', '-f', '-'], prompt('watched', 'Hello'));
  await eventually('the row of the new prompt', () => rows('name=watched'), items => items.length === 1);

  portal.kubectl(['patch', 'prompt', 'watched', '-n', 'default', '--type', 'merge', '-p', '{"spec":{"content":"Goodbye"}}']);
  const [changed] = await eventually('the row of the change', () => rows('name=watched&action=object.changed'), items => items.length === 1);
  expect(changed.actor.name).toBe('kubectl-patch');
  expect(changed.changes).toEqual([{ path: 'spec.content', before: 'Hello', after: 'Goodbye' }]);

  await portal.open(page, '/audit?name=watched');
  await page.getByTestId(`audit-open-${changed.sequence}`).click();
  await expect(page.getByTestId('audit-changes')).toContainText('Goodbye');
  await expect(page).toHaveURL(new RegExp(`row=${changed.sequence}`));
});

test('a prompt of Argo CD is offered as a file instead of published', async ({ page }) => {
  portal.kubectl(['apply', '--server-side', '--field-manager', 'argocd-controller', '-f', '-'],
    prompt('of-argo', 'Hello', '  annotations:\n    argocd.argoproj.io/tracking-id: shop:genkit.dev/Prompt:default/of-argo\n'));
  await eventually('the prompt', () => fetch(`${portal.url}/api/v1/namespaces/default/prompts/of-argo`), answer => answer.ok);
  await portal.open(page, '/ns/default/prompts/of-argo');
  await expect(page.getByTestId('owner')).toContainText('Argo CD: shop');
  await page.getByTestId('publish').click();
  await expect(page.getByTestId('owned')).toContainText('would undo a change made here');
  const download = page.waitForEvent('download');
  await page.getByTestId('owned-download').click();
  expect((await download).suggestedFilename()).toBe('of-argo.prompt.yaml');

  const refused = await fetch(`${portal.url}/api/v1/namespaces/default/prompts/of-argo/publish`, { method: 'POST', headers: json, body: JSON.stringify({ content: 'Mine', force: true }) });
  expect(refused.status).toBe(409);
  expect(portal.kubectl(['get', 'prompt', 'of-argo', '-n', 'default', '-o', 'jsonpath={.spec.content}'])).toBe('Hello');
});

test('a published prompt that kubectl edits is shown as drifted, and can be adopted', async ({ page }) => {
  const published = await fetch(`${portal.url}/api/v1/namespaces/default/prompts/drifting/publish`, { method: 'POST', headers: json, body: JSON.stringify({ content: 'Published words' }) });
  expect(published.status).toBe(200);
  portal.kubectl(['patch', 'prompt', 'drifting', '-n', 'default', '--type', 'merge', '-p', '{"spec":{"content":"Edited words"}}']);
  await portal.open(page, '/ns/default/prompts/drifting');
  await expect(page.getByTestId('drift')).toContainText('kubectl-patch changed this prompt');
  await page.getByTestId('drift-compare').click();
  await expect(page.getByTestId('drift-views')).toContainText('Published words');
  await page.getByTestId('drift-adopt').click();
  await expect(page.getByTestId('drift')).toHaveCount(0);
  const releases = async () => ((await (await fetch(`${portal.url}/api/v1/releases`)).json()) as { items: { message: string; status: string }[] }).items;
  await expect.poll(async () => (await releases()).filter(item => item.message.startsWith('Adopt what kubectl')).map(item => item.status)).toEqual(['Published']);
});

test('in a protected namespace kubectl can only write what was released', async () => {
  const locked = (content: string) => prompt('words', content).replace('namespace: default', 'namespace: locked');
  portal.kubectl(['create', 'namespace', 'locked']);
  expect(() => portal.kubectl(['apply', '--server-side', '-f', '-'], locked('Unseen'))).toThrow(/is not a text that was approved for locked\/words/);
  portal.kubectl(['apply', '--server-side', '--dry-run=server', '-f', '-'], locked('Unseen'));

  const published = await eventually('publishing there', () => fetch(`${portal.url}/api/v1/namespaces/locked/prompts/words/publish`,
    { method: 'POST', headers: json, body: JSON.stringify({ content: 'Released' }) }), answer => answer.status !== 404);
  expect(published.status).toBe(200);
  expect(() => portal.kubectl(['patch', 'prompt', 'words', '-n', 'locked', '--type', 'merge', '-p', '{"spec":{"content":"Edited"}}'])).toThrow(/is not a text that was approved/);
  portal.kubectl(['label', 'prompt', 'words', '-n', 'locked', 'team=a']);
  expect(portal.kubectl(['get', 'prompt', 'words', '-n', 'locked', '-o', 'jsonpath={.spec.content}'])).toBe('Released');
});

test('Verify is satisfied, and names the row after somebody changed the database', async ({ page }) => {
  await portal.open(page, '/audit');
  await page.getByTestId('verify').click();
  await expect(page.getByTestId('verdict-intact')).toBeVisible();

  const [victim] = await rows('name=watched&action=object.changed');
  await page.goto('about:blank');
  await portal.stop();
  portal.tamper('audit', 'changes', '"after":"Goodbye"', '"after":"Goodbuy"');
  await portal.start();

  await portal.open(page, '/audit');
  await page.getByTestId('verify').click();
  await expect(page.getByTestId('verdict-broken')).toContainText(`tampered with at row ${victim.sequence}`);
});
