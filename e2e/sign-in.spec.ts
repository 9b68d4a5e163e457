import { AxeBuilder } from '@axe-core/playwright';
import { expect, Page, test } from '@playwright/test';
import { freePort } from './support/free-port';
import { IdentityProvider, signInAs } from './support/identity-provider.mjs';
import { replaceInEditor } from './support/editor';
import { ready } from './support/page';
import { Portal } from './support/portal';

// People sign in with an OpenID provider that has nothing to do with the portal, in a real browser.
const portal = new Portal();
const corp = new IdentityProvider();

test.describe.configure({ mode: 'default' });
test.beforeAll(async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  await corp.start(url);
  await portal.start(corp.options(), ['--urls', url]);
});
test.afterAll(async () => {
  await portal.dispose();
  await corp.stop();
});

const publish = '/api/v1/namespaces/demo/prompts/support-reply/publish';
const draft = '/api/v1/namespaces/demo/prompts/support-reply/draft';

async function expectAccessible(page: Page) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
  }
}

async function signIn(page: Page, person: string, path = '/') {
  await page.goto(portal.url + path);
  await signInAs(page, person);
  await ready(page);
}

test('nobody gets anything before signing in', async ({ request, page }) => {
  for (const path of ['/api/v1/namespaces', '/api/v1/namespaces/demo/prompts', '/openapi/v1.json']) {
    expect((await request.get(portal.url + path)).status(), path).toBe(401);
  }
  expect((await request.post(`${portal.url}/_blazor/negotiate?negotiateVersion=1`)).status()).toBe(401);
  expect((await request.post(`${portal.url}/flows/demo/support-reply`, { data: {} })).status()).toBe(401);
  const forged = await request.get(`${portal.url}/api/v1/namespaces`, { headers: { cookie: `gp-session=${'a'.repeat(64)}; gp-persona=admin` } });
  expect(forged.status()).toBe(401);
  await page.goto(portal.url);
  await expect(page).toHaveURL(new RegExp(`^${corp.issuer}/interaction/`));
  await page.goto(`${portal.url}/sign-in?problem=Unavailable&provider=corp`);
  await expect(page.getByTestId('sign-in-problem')).toContainText('Example Corp does not answer');
  await expectAccessible(page);
});

test('an author comes back to the page asked for, and may write drafts and ask, but not publish or delete', async ({ page }) => {
  await signIn(page, 'ada', '/ns/demo/prompts/support-reply?tab=rendered');
  await expect(page).toHaveURL(`${portal.url}/ns/demo/prompts/support-reply?tab=rendered`);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  expect((await page.request.put(portal.url + draft, { data: { content: 'Hello' } })).status()).toBe(200);
  expect((await page.request.delete(portal.url + draft)).status()).toBe(204);
  const asked = await page.request.post(portal.url + publish, { data: { content: 'Hello' } });
  expect(asked.status()).toBe(202);
  expect((await asked.json()).outcome).toBe('Waiting');
  const forced = await page.request.post(`${portal.url}/api/v1/releases/${(await asked.json()).release}/approve`, { data: {} });
  expect(forced.status()).toBe(403);
  const refused = await page.request.delete(portal.url + publish.replace('/publish', ''));
  expect(refused.status()).toBe(403);
  expect((await refused.json()).detail).toContain('Ada Lovelace may not delete published prompts in the namespace "demo"');
  expect((await page.request.get(`${portal.url}/api/v1/namespaces/default/prompts`)).status()).toBe(403);
  expect(await (await page.request.get(`${portal.url}/api/v1/namespaces`)).json()).toEqual({ items: ['demo'] });
  const cookie = (await page.context().cookies(portal.url)).find(item => item.name === 'gp-session')!;
  expect([cookie.httpOnly, cookie.sameSite]).toEqual([true, 'Lax']);
});

test('a viewer may look, and somebody without a role may not', async ({ browser }) => {
  const viewer = await (await browser.newContext()).newPage();
  await signIn(viewer, 'vic');
  expect((await viewer.request.get(`${portal.url}/api/v1/namespaces/demo/prompts`)).status()).toBe(200);
  for (const [method, path] of [['put', draft], ['delete', draft], ['post', publish], ['delete', publish.replace('/publish', '')]] as const) {
    expect((await viewer.request[method](portal.url + path, { data: { content: 'x' } })).status(), `${method} ${path}`).toBe(403);
  }
  expect((await viewer.request.post(`${portal.url}/flows/demo/support-reply`, { data: {} })).status()).toBe(403);

  const nobody = await (await browser.newContext()).newPage();
  await signIn(nobody, 'nil', '/ns/demo/prompts');
  await expect(nobody.getByTestId('access-denied')).toContainText('Nil Nemo may not see what is here in the namespace "demo"');
  expect((await nobody.request.get(`${portal.url}/ns/demo/prompts`)).status()).toBe(403);
  await viewer.context().close();
  await nobody.context().close();
});

test('four eyes between two people who signed in: object, history and audit show both', async ({ browser }) => {
  const sam = await (await browser.newContext()).newPage();
  await signIn(sam, 'sam', '/ns/demo/prompts/support-reply');
  await replaceInEditor(sam, '{{customer_name}}', '{{customer_name}}, with four eyes');
  await sam.getByTestId('publish').click();
  await sam.getByTestId('publish-message').fill('Say who looked');
  await sam.getByTestId('publish-confirm').click();
  await sam.getByTestId('publish-release').click();
  await expect(sam).toHaveURL(/\/approvals\/\d+/);
  await expect(sam.getByTestId('approve')).toBeDisabled();
  await expect(sam.getByTestId('why-not')).toContainText('yourself');
  const release = new URL(sam.url()).pathname.split('/').pop();
  const { hash } = await (await sam.request.get(`${portal.url}/api/v1/releases/${release}`)).json();
  expect((await sam.request.post(`${portal.url}/api/v1/releases/${release}/approve`, { data: { hash } })).status()).toBe(403);

  const ben = await (await browser.newContext()).newPage();
  await signIn(ben, 'ben', new URL(sam.url()).pathname);
  await ben.getByTestId('approve').click();
  await expect(ben.getByTestId('release-status')).toContainText('Published');
  const { metadata, spec } = JSON.parse(portal.kubectl(['get', 'prompt', 'support-reply', '-n', 'demo', '-o', 'json']));
  expect(spec.content).toContain('with four eyes');
  expect(metadata.annotations['genkit.dev/requested-by']).toBe('Sam Both <oidc:corp:sam>');
  expect(metadata.annotations['genkit.dev/approved-by']).toBe('Ben Ortega <oidc:corp:ben>');
  const { items } = await (await ben.request.get(`${portal.url}/api/v1/audit?namespace=demo`)).json();
  const who = (action: string) => items.filter((item: any) => item.action === action).map((item: any) => JSON.stringify(item.actor));
  expect(who('release.submitted').join()).toContain('Sam Both');
  expect(who('release.approved').join()).toContain('Ben Ortega');

  await portal.open(sam, '/ns/demo/prompts/support-reply/history');
  await expect(sam.getByTestId('timeline')).toContainText('Sam Both');
  await sam.context().close();
  await ben.context().close();
});

test('signing out ends it here and at the provider', async ({ page }) => {
  await signIn(page, 'ben');
  const cookies = await page.context().cookies(portal.url);
  await page.getByTestId('user-menu').click();
  await page.getByTestId('sign-out').click();
  await page.locator('button[value=yes]').click();
  await expect(page).toHaveURL(`${portal.url}/signed-out`);
  await page.goto(portal.url);
  await expect(page.locator('input[name=login]')).toBeVisible();
  // The cookie of before opens nothing.
  await page.context().addCookies(cookies);
  expect((await page.request.get(`${portal.url}/api/v1/namespaces`)).status()).toBe(401);
});

test('signing out at the provider closes the page that is open', async ({ page }) => {
  await signIn(page, 'ben', '/ns/demo/prompts');
  const elsewhere = await page.context().newPage();
  await elsewhere.goto(`${corp.issuer}/session/end`);
  await elsewhere.locator('button[value=yes]').click();
  await expect(page.getByTestId('signed-out')).toBeVisible();
  await expect(page.getByTestId('user-menu')).toHaveCount(0);
  expect((await page.request.get(`${portal.url}/api/v1/namespaces`)).status()).toBe(401);
});

test('the provider may change its keys', async ({ page }) => {
  corp.rollKeys();
  await signIn(page, 'root');
  await expect(page.getByTestId('user-name')).toHaveText('Ruth Root');
});

test('a service token is shown once, works, and ends when it is revoked', async ({ page, request }) => {
  await signIn(page, 'root', '/settings/tokens');
  await page.getByTestId('token-name').fill('pipeline');
  await page.getByTestId('token-namespaces').fill('demo');
  await page.getByTestId('token-create').click();
  const secret = await page.getByTestId('token-secret').innerText();
  await expectAccessible(page);
  const ask = async () => (await request.get(`${portal.url}/api/v1/namespaces/demo/prompts`, { headers: { authorization: `Bearer ${secret}` } })).status();
  expect(await ask()).toBe(200);
  await page.reload();
  await expect(page.getByTestId('token-pipeline')).toContainText('Ruth Root');
  expect(await page.content()).not.toContain(secret);
  await ready(page);
  await page.getByTestId('token-revoke-pipeline').click();
  await page.getByRole('button', { name: 'Revoke token' }).click();
  await expect(page.getByTestId('token-pipeline')).toContainText('revoked by Ruth Root');
  expect(await ask()).toBe(401);
});
