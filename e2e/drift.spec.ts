// Models and flows are released like prompts: what kubectl changes past the portal is shown with its fields, adopted or restored; the way back to an older state takes a reason.
import { expect, test } from '@playwright/test';
import { Portal, withoutReview } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start(withoutReview));
test.afterAll(() => portal.dispose());

async function release(kind: string, name: string, spec: object, message: string) {
  const answer = await fetch(`${portal.url}/api/v1/releases`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ namespace: 'demo', message, objects: [{ kind, name, spec }] }),
  });
  expect((await answer.json() as { status: string }).status).toBe('Published');
}

const specOf = (kind: string, name: string) => JSON.parse(portal.kubectl(['get', kind, name, '-n', 'demo', '-o', 'json'])).spec;

test('a model that was released and edited with kubectl shows its fields, and is restored', async ({ page }) => {
  const spec = { provider: 'demo', model: 'echo-stream', pluginConfigRef: { name: 'demo' } };
  await release('Model', 'careful', spec, 'A model of our own');
  await portal.open(page, '/ns/demo/resources/Model/careful?tab=diff');
  await expect(page.getByTestId('diff')).toContainText('Unchanged since');
  await expect(page.getByTestId('strip-revision')).toContainText('r1');

  portal.kubectl(['patch', 'model', 'careful', '-n', 'demo', '--type=merge', '--field-manager=kubectl-edit', '-p', JSON.stringify({ spec: { model: 'echo', defaultConfig: { temperature: 0.9 } } })]);
  await expect(page.getByTestId('drift')).toContainText('kubectl-edit changed this model');
  await expect(page.getByTestId('strip-sync')).toContainText('Changed since');
  const fields = page.getByTestId('drift-views').getByTestId('change');
  await expect(fields.filter({ hasText: 'defaultConfig.temperature' })).toContainText('0.9');
  await expect(fields.filter({ hasText: 'weighty' })).toContainText('echo-stream');

  await page.getByTestId('drift-restore').click();
  await expect(page.getByTestId('publish-takeover')).toBeChecked();
  await expect(page.getByTestId('publish-confirm')).toBeDisabled();
  await page.getByTestId('publish-message').fill('Nobody agreed to that');
  await page.getByTestId('publish-confirm').click();
  await expect(page.getByTestId('publish-status')).toContainText('Published');
  await page.getByTestId('publish-close').click();
  await expect(page.getByTestId('diff')).toContainText('Unchanged since');
  await expect(page.getByTestId('strip-sync')).toContainText('Unchanged since');
  expect(specOf('model', 'careful')).toEqual(spec);
});

test('a flow goes back to an older revision with a reason, and its history names who wrote what', async ({ page }) => {
  const spec = (content: string) => ({ image: 'genkit-portal/runner', modelRef: { name: 'echo-stream' }, prompts: [{ prompt: { name: 'hi', content } }] });
  await release('Flow', 'greeter', spec('Hello'), 'A flow');
  portal.kubectl(['patch', 'flow', 'greeter', '-n', 'demo', '--type=merge', '--field-manager=kubectl-edit', '-p', JSON.stringify({ spec: spec('Bye') })]);
  await portal.open(page, '/ns/demo/flows/greeter?tab=history');
  const timeline = page.getByTestId('timeline').getByRole('listitem');
  await expect(timeline.first()).toContainText('Changed in the cluster by kubectl-edit');
  await expect(timeline.first()).toContainText('Live in demo');
  await expect(timeline.first().locator('time')).toHaveAttribute('datetime', /^20\d\d-/);
  await expect(page.getByTestId('compare').getByTestId('change').first()).toContainText('Bye');

  await page.getByTestId('rollback-1').click();
  await page.getByTestId('publish-message').fill('It said goodbye to everybody');
  await page.getByTestId('publish-confirm').click();
  await expect(page.getByTestId('publish-status')).toContainText('Published');
  await page.getByTestId('publish-close').click();
  await expect(timeline.first()).toContainText('Roll back to r1: It said goodbye to everybody');
  await expect(timeline.first()).toContainText('Live in demo');
  expect(specOf('flow', 'greeter').prompts[0].prompt.content).toBe('Hello');
});

test('what was never released says so, and paused pages stay as they were', async ({ page }) => {
  portal.kubectl(['apply', '-f', '-'], 'apiVersion: genkit.dev/v1alpha1\nkind: Dataset\nmetadata: {name: few, namespace: demo}\nspec: {format: json, source: {inline: [{input: {}}]}}\n');
  await portal.open(page, '/ns/demo/resources/Dataset/few?tab=diff');
  await expect(page.getByTestId('diff')).toContainText('This Dataset was never released from here');

  await portal.open(page, '/ns/demo/resources/Model/careful?tab=history');
  await expect(page.getByTestId('timeline').getByRole('listitem')).not.toHaveCount(0);
  const before = await page.getByTestId('timeline').getByRole('listitem').count();
  await page.getByTestId('pause-updates').click();
  await expect(page.getByTestId('freshness')).toContainText('paused');
  portal.kubectl(['patch', 'model', 'careful', '-n', 'demo', '--type=merge', '-p', JSON.stringify({ spec: { defaultConfig: { temperature: 0.1 } } })]);
  await expect.poll(async () => ((await (await fetch(`${portal.url}/api/v1/namespaces/demo/revisions/Model/careful`)).json()) as { items: unknown[] }).items.length).toBe(before + 1);
  await expect(page.getByTestId('timeline').getByRole('listitem')).toHaveCount(before);
  await expect(page.getByTestId('strip-sync')).toContainText('Unchanged since');
  await page.getByTestId('pause-updates').click();
  await expect(page.getByTestId('timeline').getByRole('listitem')).toHaveCount(before + 1);
  await expect(page.getByTestId('strip-sync')).toContainText('Changed since');
});
