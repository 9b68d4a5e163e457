// A run has an address: found by its words, run again with another text, kept as a sample, and not kept where the policy says so.
import { expect, test } from '@playwright/test';
import { expectSource } from './support/editor';
import { at } from './support/page';
import { eventually, Portal } from './support/portal';

const portal = new Portal();

test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

const api = () => `${portal.url}/api/v1/namespaces/demo`;
const json = { 'content-type': 'application/json' };
const document = (ending: string) => `---\nmodel: demo/echo-stream\nconfig:\n  delayMs: 0\ninput:\n  schema:\n    topic: string\n---\nSay ${ending} about {{topic}}.\n`;

const run = async (prompt: string, content: string, input: object) =>
  (await (await fetch(`${api()}/prompts/${prompt}/run`, { method: 'POST', headers: json, body: JSON.stringify({ content, input }) })).json()).id as string;

test('a run is found, opened elsewhere, run again, starred and kept as a sample', async ({ page, browser }) => {
  const first = await run('travel', document('little'), { topic: 'marmalade skies' });
  await run('travel', document('much'), { topic: 'other things' });
  await fetch(`${api()}/prompts/travel/draft`, { method: 'PUT', headers: json, body: JSON.stringify({ content: document('everything') }) });

  await portal.open(page, '/ns/demo/runs');
  await page.getByTestId('runs-search').fill('MARMALADE');
  await page.getByTestId('runs-apply').click();
  await expect(page).toHaveURL(/q=MARMALADE/);
  await expect(page.getByTestId('runs-count')).toHaveText('1 run');
  await page.getByTestId(`run-row-${first}`).getByRole('link').first().click();
  await expect(page).toHaveURL(new RegExp(`/ns/demo/runs/${first}`));
  await expect(page.getByTestId('run-input')).toContainText('marmalade skies');
  await expect(page.getByTestId('output')).toContainText('little');
  await expect(page.getByTestId('run-footer')).toContainText('First token');

  await page.getByTestId('run-star').click();
  await expect(page.getByTestId('run-star')).toHaveText(/Starred/);

  await page.getByTestId('replay').click();
  await expect(page).toHaveURL(/with=/);
  await expect(page.getByTestId('replay-words').locator('ins')).toContainText('everything');
  await expect(page.getByTestId('replay-words').locator('del')).toContainText('little');

  // Somebody else, in another browser, sees the same.
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(page.url());
  await expect(elsewhere.getByTestId('replay-words').locator('ins')).toContainText('everything');
  await elsewhere.context().close();

  await page.getByTestId('run-dataset').fill('travel-samples');
  await page.getByTestId('run-dataset-save').click();
  await expect(page.getByTestId('run-dataset-said')).toHaveText('Added to travel-samples.');
  expect(portal.kubectl(['get', 'dataset', 'travel-samples', '-n', 'demo', '-o', 'jsonpath={.spec.source.inline[0].input.topic}'])).toBe('marmalade skies');

  await page.getByTestId('run-restore').click();
  await page.getByTestId('run-restore-do').click();
  await at(page, new RegExp(`/prompts/travel\\?run=${first}`), 'travel');
  await expectSource(page, 'Say little');

  await portal.open(page, '/ns/demo/runs?starred=1');
  await expect(page.getByTestId('runs-count')).toHaveText('1 run');
});

test('the policy says what is kept, of flows too', async ({ page }) => {
  await portal.open(page, '/ns/demo/runs');
  await page.getByTestId('run-policy').locator('summary').click();
  await page.getByTestId('run-policy-playground').selectOption('Redacted');
  await page.getByTestId('run-policy-flows').selectOption('Full');
  await page.getByTestId('run-policy-save').click();
  await expect(page.getByTestId('run-policy-saved')).toBeVisible();

  const redacted = await run('travel', document('little'), { topic: 'ada@example.com' });
  await portal.open(page, `/ns/demo/runs/${redacted}`);
  await expect(page.getByTestId('run-input')).toContainText('(address)');
  await expect(page.getByTestId('run-kept')).toBeVisible();
  expect(await (await fetch(`${api()}/runs?prompt=travel`)).text()).not.toContain('ada@example.com');

  portal.kubectl(['wait', '-n', 'demo', '--for=condition=Ready', 'flow/support-reply', '--timeout=40s']);
  let call: string | null = null;
  await expect(async () => {
    const answer = await fetch(`${portal.url}/flows/demo/support-reply`, { method: 'POST', headers: json, body: JSON.stringify({ customer_name: 'Zoë', question: 'Where is it?' }) });
    expect(answer.status).toBe(200);
    await answer.text();
    call = answer.headers.get('x-genkit-call-id');
    expect((await fetch(`${api()}/runs/${call}`)).status).toBe(200);
  }).toPass({ timeout: 40_000 });
  await expect(async () => {
    const item = await (await fetch(`${api()}/runs/${call}`)).json();
    expect(item.run.input.customer_name).toBe('Zoë');
    expect(item.run.output.length).toBeGreaterThan(0);
    expect(item.run.model).toBe('echo-stream');
    expect(item.run.state).toBe('Completed');
  }).toPass({ timeout: 40_000 });

  const lines = (await (await fetch(`${api()}/runs/export?source=flow`)).text()).trim().split('\n');
  expect(JSON.parse(lines[0]).run.id).toBe(call);
  await eventually('the row of the export', async () => (await fetch(`${portal.url}/api/v1/audit?action=runs`)).text(), text => text.includes('runs.exported'));
});

test('a call straight at the runner, and one from the flow\'s page, are in the history and can be run again', async ({ page }) => {
  await fetch(`${api()}/run-policy`, { method: 'PUT', headers: json, body: JSON.stringify({ playground: 'Full', flows: 'Redacted', samplePercent: 100, retentionDays: 90, secretVariables: ['customer_name'] }) });
  portal.kubectl(['wait', '-n', 'demo', '--for=condition=Ready', 'flow/support-reply', '--timeout=40s']);
  const endpoint = portal.kubectl(['get', 'endpointslices', '-n', 'demo', '-l', 'kubernetes.io/service-name=support-reply', '-o', 'jsonpath={.items[0].endpoints[0].addresses[0]}:{.items[0].ports[0].port}']);

  let id = '';
  await expect(async () => {
    const answer = await fetch(`http://${endpoint}/support-reply`, { method: 'POST', headers: { ...json, 'x-genkit-caller': 'past-the-portal' }, body: JSON.stringify({ customer_name: 'Quentin', question: 'Mail me at ada@example.com?' }) });
    expect(answer.status).toBe(200);
    id = answer.headers.get('x-genkit-call-id')!;
    await answer.text();
    await expect.poll(async () => (await fetch(`${api()}/runs/${id}`)).status, { timeout: 4_000 }).toBe(200);
  }).toPass({ timeout: 20_000 });

  await portal.open(page, '/ns/demo/runs?user=past-the-portal');
  await page.getByTestId(`run-row-${id}`).getByRole('link').first().click();
  await expect(page.getByTestId('run-input')).toContainText('(secret)');
  await expect(page.getByTestId('run-input')).toContainText('(address)');
  await expect(page.getByTestId('run-kept')).toBeVisible();
  await expect(page.getByTestId('run-facts')).toContainText('past-the-portal');
  expect(await (await fetch(`${api()}/runs/${id}`)).text()).not.toMatch(/Quentin|ada@example/);
  await page.getByTestId('replay').click();
  await expect(page).toHaveURL(/with=/);
  await expect(page.getByTestId('replay-other')).toContainText('[demo] Thanks for asking');

  await portal.open(page, '/ns/demo/flows/support-reply');
  await page.getByTestId('call-run').click();
  await expect(page.getByTestId('call-output')).not.toBeEmpty();
  await expect.poll(async () => (await (await fetch(`${api()}/runs?source=flow&prompt=support-reply`)).json()).items
    .filter((item: { run: { callerId: string | null } }) => item.run.callerId).length, { timeout: 10_000 }).toBeGreaterThan(0);
});
