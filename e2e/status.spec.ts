// Whether everything works, and why not: a deleted Secret key is named with its fix, logs are followed live, the map goes by keyboard.
import { expect, test } from '@playwright/test';
import { ready } from './support/page';
import { eventually, Portal, withoutReview } from './support/portal';

const portal = new Portal();

const manifests = `
apiVersion: v1
kind: Secret
metadata: {name: openai, namespace: demo}
stringData: {OPENAI_API_KEY: sk-not-a-real-key}
---
apiVersion: genkit.dev/v1alpha1
kind: PluginConfig
metadata: {name: openai, namespace: demo}
spec: {type: openai, credentialsRef: {name: openai}}
---
apiVersion: genkit.dev/v1alpha1
kind: Model
metadata: {name: fast, namespace: demo}
spec: {provider: openai, model: gpt-4o-mini, pluginConfigRef: {name: openai}}
---
apiVersion: genkit.dev/v1alpha1
kind: Flow
metadata: {name: keyed, namespace: demo}
spec:
  image: genkit-portal/runner
  modelRef: {name: fast}
  prompts: [{prompt: {name: hi, content: "Hello {{name}}"}}]
`;

test.beforeAll(() => portal.start(withoutReview));
test.afterAll(() => portal.dispose());

test('a deleted Secret key is named on the flow\'s page, with the fix, and the page heals by itself', async ({ page }) => {
  portal.kubectl(['apply', '-f', '-'], manifests);
  await portal.open(page, '/ns/demo/flows/keyed');
  await expect(page.getByTestId('verdict')).toContainText('Ready', { timeout: 60_000 });

  portal.kubectl(['-n', 'demo', 'patch', 'secret', 'openai', '--type', 'json', '-p', '[{"op":"remove","path":"/data/OPENAI_API_KEY"}]']);
  await expect(page.getByTestId('verdict')).toContainText('Secret "openai" in "demo" has no key "OPENAI_API_KEY"', { timeout: 15_000 });
  await expect(page.getByTestId('chain-broken')).toContainText('has no key "OPENAI_API_KEY"');
  const command = await page.getByTestId('fix-command').first().innerText();
  expect(command).toBe(`kubectl -n demo patch secret openai --type merge -p '{"stringData":{"OPENAI_API_KEY":"YOUR_VALUE"}}'`);
  await portal.open(page, '/');
  await expect(page.getByTestId('needs-keyed')).toContainText('OPENAI_API_KEY');

  // The command is one that works.
  await portal.open(page, '/ns/demo/flows?state=Degraded');
  await expect(page.getByTestId('flow-row-keyed')).toBeVisible();
  await expect(page.getByTestId('flow-row-support-reply')).toBeHidden();
  const patch = /-p '(.*)'$/.exec(command)![1].replace('YOUR_VALUE', 'sk-not-a-real-key');
  portal.kubectl(['-n', 'demo', 'patch', 'secret', 'openai', '--type', 'merge', '-p', patch]);
  await portal.open(page, '/ns/demo/flows/keyed');
  await expect(page.getByTestId('verdict')).toContainText('Ready', { timeout: 60_000 });
  await expect(page.getByTestId('fix')).toHaveCount(0);
});

test('logs are followed live, filtered, paused and downloaded', async ({ page, request }) => {
  await portal.open(page, '/ns/demo/flows/support-reply?tab=pods');
  const log = page.getByTestId('pod-logs');
  await expect(log).toContainText('Listening on http://');
  await expect(page.getByTestId('log-state')).toHaveText('following');

  // What the pod prints from now on comes by itself: its process is started again.
  const [runner] = portal.runners('support-reply');
  const lines = await log.locator('span').count();
  process.kill(runner, 'SIGKILL');
  await expect.poll(() => log.locator('span').count(), { timeout: 40_000 }).toBeGreaterThan(lines);
  await expect(page.getByTestId('log-previous')).toBeEnabled({ timeout: 40_000 });

  await page.getByTestId('log-find').fill('no line has these words');
  await expect(log.locator('span')).toHaveCount(0);
  await expect(page).toHaveURL(/find=no/);
  await page.getByTestId('log-find').fill('');
  await expect(log).toContainText('Listening');
  await page.getByTestId('log-pause').click();
  await expect(page.getByTestId('log-state')).toHaveText('paused');

  const download = page.waitForEvent('download');
  await page.getByTestId('log-download').click();
  expect((await download).suggestedFilename()).toMatch(/^support-reply-.*\.log$/);
});

test('the map goes by keyboard along its edges, brings a node into focus, and is a list too', async ({ page }) => {
  await portal.open(page, '/ns/demo/map');
  const node = (id: string) => page.getByTestId(`node-${id}`);
  await node('PluginConfig/demo').focus();
  await page.keyboard.press('ArrowRight');
  await expect(node('Model/echo-stream')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(node('Flow/support-reply')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/focus=Flow/);
  await expect(page.getByTestId('drawer')).toContainText('echo-stream');
  await expect(node('Flow/support-reply')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(node('Endpoint//support-reply')).toBeFocused();

  await page.getByTestId('map-clear').click();
  await page.getByTestId('map-view').click();
  await expect(page.getByTestId('map-list')).toContainText('echo-stream');
});

test('the map follows the button that drags it, and nothing once it is up', async ({ page }) => {
  await page.setViewportSize({ width: 700, height: 600 });
  await portal.open(page, '/ns/demo/map');
  const map = page.getByTestId('map');
  const box = (await map.boundingBox())!;
  const left = () => map.evaluate(element => element.scrollLeft);
  await page.mouse.move(box.x + 300, box.y + 3);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 3, { steps: 2 });
  await expect(map).toHaveAttribute('data-panning');
  expect(await left()).toBe(100);

  // Let go outside of the window, where the page does not hear of it.
  await page.evaluate(() => document.dispatchEvent(new PointerEvent('pointermove', { buttons: 0, clientX: 0 })));
  await expect(map).not.toHaveAttribute('data-panning');
  await page.mouse.move(box.x + 100, box.y + 3);
  expect(await left()).toBe(100);
  await page.mouse.up();
});

test('the overview is searched, sorted, opened beside the list and paused, all in the address', async ({ page }) => {
  await portal.open(page, '/ns/demo/flows');
  await page.keyboard.press('/');
  await page.keyboard.type('support');
  await expect(page).toHaveURL(/q=support/);
  await expect(page.getByTestId('flow-row-keyed')).toHaveCount(0);
  await page.getByTestId('flow-row-support-reply').getByRole('button', { name: 'Details of support-reply' }).click();
  await expect(page.getByTestId('drawer')).toContainText('echo-stream');
  await page.reload();
  await expect(page.getByTestId('drawer')).toContainText('echo-stream');
  // The drawer is in the page before the page listens.
  await ready(page);
  await page.getByTestId('drawer').focus();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('drawer')).toHaveCount(0);
  await page.getByTestId('pause-updates').click();
  await expect(page.getByTestId('freshness')).toContainText('paused');
  await page.getByTestId('pause-updates').click();
  await expect(page.getByTestId('freshness')).toHaveText(/live/);
});

test('the portal tells of itself', async ({ page, request }) => {
  await portal.open(page, '/status');
  await expect(page.getByTestId('self-operator')).toContainText('Queue of flow');
  await expect(page.getByTestId('self-database')).toContainText('Free disk');
  const report = async () => ((await (await request.get(portal.url + '/api/v1/status')).json()).items as { name: string; status: string }[]);
  await eventually('all is well', report, items => items.find(item => item.name === 'All kinds')?.status === 'Ready');
});
