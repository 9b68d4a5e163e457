import { expect, test } from '@playwright/test';
import { join } from 'node:path';
import { freePort } from './support/free-port';
import { eventually, Portal } from './support/portal';

// A second portal that knows the first one's API server only by its kubeconfig, as it would know any cluster.
const cluster = new Portal();
const portal = new Portal();
let settings = {};

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  settings = { Portal__ApiServer__Port: String(await freePort()) };
  await cluster.start(settings);
  await portal.start({ Portal__Cluster__Mode: 'kubeconfig', Portal__Cluster__Kubeconfig: join(cluster.dataDirectory, 'kubeconfig') });
});
test.afterAll(async () => {
  await portal.dispose();
  await cluster.dispose();
});

test('a portal on a kubeconfig shows, publishes and calls', async ({ page }) => {
  await portal.open(page, '/ns/demo/flows');
  await expect(page.getByTestId('flow-row-support-reply')).toContainText('Ready', { timeout: 40_000 });

  const prompt = '/api/v1/namespaces/demo/prompts/support-reply';
  const { content } = await (await eventually('the prompt is known', () => fetch(portal.url + prompt), answer => answer.ok)).json() as { content: string };
  const published = await fetch(`${portal.url}${prompt}/publish`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: `${content}\nvia kubeconfig` }),
  });
  expect(published.ok, await published.text()).toBe(true);

  const answer = () => fetch(`${portal.url}/flows/demo/support-reply`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customer_name: 'Ada', question: 'Where is it?' }),
  }).then(response => response.text());
  await eventually('the flow answers through the service proxy', answer, text => text.includes('via kubeconfig'), 30_000);
});

test('it runs no workloads itself', () => {
  expect(portal.runners()).toEqual([]);
  expect(cluster.runners().length).toBeGreaterThan(0);
});

test('a cluster out of view is told with the age of what is shown, and the page heals by itself', async ({ page }) => {
  await portal.open(page, '/ns/demo/flows/support-reply');
  const fresh = page.getByTestId('freshness');
  await expect(fresh).toHaveAttribute('data-state', 'live');

  await cluster.kill('SIGKILL');
  await expect(fresh).toHaveAttribute('data-state', 'stale');
  await expect(fresh).toContainText(/out of view: \S+, updated \d+[smh] ago/);
  await expect(page.getByTestId('verdict')).toContainText('Ready');

  await cluster.start(settings);
  cluster.kubectl(['annotate', 'flow', 'support-reply', '-n', 'demo', 'note=seen-again']);
  await expect(fresh).toHaveAttribute('data-state', 'live', { timeout: 30_000 });
  await page.getByTestId('tab-manifest').click();
  await expect(page.getByTestId('manifest')).toContainText('seen-again');
});

test('a broken kubeconfig is one line and exit code 1', async () => {
  const broken = new Portal();
  const attempt = broken.start({ Portal__Cluster__Mode: 'kubeconfig', Portal__Cluster__Kubeconfig: '/nowhere/kubeconfig' });
  await expect(attempt).rejects.toThrow(/ended with 1/);
  await attempt.catch((error: Error) => {
    expect(error.message).toContain('/nowhere/kubeconfig');
    expect(error.message).not.toContain('   at ');
  });
  await broken.dispose();
});
