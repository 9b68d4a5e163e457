import { expect, test } from '@playwright/test';
import { at, goByPalette } from './support/page';
import { eventually, Portal } from './support/portal';

const portal = new Portal();

test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

// As kubectl get -o yaml prints it, with a spelling of version 0.4 and a mistake.
const exported = `
apiVersion: v1
kind: List
items:
- apiVersion: genkit.dev/v1alpha1
  kind: Prompt
  metadata: { name: guest, namespace: shop, uid: 6e0f, resourceVersion: "12" }
  spec: { content: "Welcome {{name}}" }
- apiVersion: genkit.dev/v1alpha1
  kind: Flow
  metadata: { name: welcome, namespace: shop }
  spec:
    image: genkit-portal/runner
    modelRef: { name: echo-stream }
    prompts: [{ name: guest }]
  status: { phase: Running }
- apiVersion: genkit.dev/v1alpha1
  kind: Flow
  metadata: { name: wrong, namespace: shop }
  spec: { image: genkit-portal/runner, prt: 8080 }
`;

const provider = `
apiVersion: v1
kind: Secret
metadata: { name: demo }
---
apiVersion: genkit.dev/v1alpha1
kind: PluginConfig
metadata: { name: demo }
spec: { type: demo, credentialsRef: { name: demo } }
---
apiVersion: genkit.dev/v1alpha1
kind: Model
metadata: { name: echo-stream }
spec: { provider: demo, model: echo-stream, pluginConfigRef: { name: demo } }
`;

test('manifests of the old operator are checked, then imported, and serve', async ({ page }) => {
  // Changes of the demo namespace need an approval, so the import goes into one of its own.
  portal.kubectl(['apply', '-f', '-'], provider);
  await portal.open(page, '/ns/default/flows');
  await goByPalette(page, 'import', 'Import manifests');
  await at(page, /\/ns\/default\/import$/, 'Import');

  await page.getByTestId('import-text').fill(exported);
  await page.getByTestId('import-check').click();
  await expect(page.getByTestId('import-summary')).toHaveText('2 can be imported (2 with changes), 1 refused.');
  await expect(page.getByTestId('import-row-Flow-wrong')).toContainText('spec.prt: the kind has no such field');
  await expect(page.getByTestId('import-row-Flow-welcome')).toContainText('written as promptRef');
  expect(portal.kubectl(['get', 'flows', '-o', 'name'])).not.toContain('welcome');

  await page.getByTestId('import-apply').click();
  await expect(page.getByTestId('import-summary')).toHaveText('2 imported (2 with changes), 1 refused.');
  expect(portal.kubectl(['get', 'flow', 'welcome', '-o', 'jsonpath={.spec.prompts[0].promptRef.name}'])).toBe('guest');
  portal.kubectl(['wait', '--for=condition=Ready', 'flow/welcome', '--timeout=40s']);
  await eventually('the flow answers', async () =>
    (await fetch(`${portal.url}/flows/default/welcome`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Mira"}' })).text(), text => text.includes('Welcome Mira'));
});

test('the REST API says the same', async () => {
  const answer = await fetch(`${portal.url}/api/v1/namespaces/default/import?dryRun=true`, { method: 'POST', headers: { 'content-type': 'application/yaml' }, body: exported });
  expect(answer.status).toBe(200);
  const report = await answer.json();
  expect(report.objects.map((item: { result: string }) => item.result)).toEqual(['Changed', 'Changed', 'Refused']);
  const bad = await fetch(`${portal.url}/api/v1/namespaces/default/import`, { method: 'POST', headers: { 'content-type': 'application/yaml' }, body: 'a: [' });
  expect(bad.status).toBe(400);
  expect((await bad.json()).detail).toContain('This is not YAML: yaml: line ');
});
