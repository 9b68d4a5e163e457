// Four eyes: an author asks, cannot agree with herself, another person approves, the object carries both names, kubectl is seen, and the way back takes a reason.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { append, expectSource, replaceInEditor } from './support/editor';
import { Portal } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

const live = () => JSON.parse(portal.kubectl(['get', 'prompt', 'support-reply', '-n', 'demo', '-o', 'json']));

test('an author asks, an approver decides, and the object says who', async ({ browser }) => {
  const ada = await portal.be(browser, 'ada', '/ns/demo/prompts/support-reply');
  await replaceInEditor(ada, '{{customer_name}}', '{{customer_name}}, with four eyes');
  await expect(ada.getByTestId('publish')).toContainText('Request publish');
  await ada.getByTestId('publish').click();
  await expect(ada.getByTestId('publish-policy')).toContainText('one approval by another person');
  await ada.getByTestId('publish-message').fill('Say who looked');
  await ada.getByTestId('publish-confirm').click();
  await expect(ada.getByTestId('publish-status')).toContainText('waits for one approver');
  expect(live().spec.content).not.toContain('four eyes');
  await ada.getByTestId('publish-release').click();
  await expect(ada.getByTestId('release-summary')).toContainText('Ada (demo author) wants to publish Prompt support-reply');
  await expect(ada.getByTestId('approve')).toBeDisabled();
  await expect(ada.getByTestId('why-not')).toContainText('role does not let you approve');

  const ben = await portal.be(browser, 'ben');
  await expect(ben.getByTestId('approvals-count')).toHaveText('1');
  await ben.getByTestId('approvals-bell').click();
  await ben.getByTestId('releases').getByRole('link', { name: /Say who looked/ }).click();
  await expect(ben.getByTestId('check-dry-run')).toHaveAttribute('data-verdict', 'Passed');
  await expect(ben.getByTestId('affected-support-reply')).toContainText('/flows/demo/support-reply');
  await expect(ben.getByTestId('change').first()).toContainText('with four eyes');
  await ben.getByTestId('run-samples').click();
  await expect(ben.getByTestId('sample').first()).toContainText('with four eyes');
  await expect(ben.getByTestId('samples')).toContainText('It cost');
  {
    await ben.emulateMedia({ colorScheme: 'dark' });
    const found = await new AxeBuilder({ page: ben }).exclude('.monaco-diff-editor').analyze();
    expect(found.violations.filter(violation => ['serious', 'critical'].includes(violation.impact ?? '')).map(violation => `${violation.id}: ${violation.nodes[0].html}`)).toEqual([]);
  }
  await ben.getByTestId('comment').fill('Reads well');
  await ben.getByTestId('approve').click();
  await expect(ben.getByTestId('release-status')).toContainText('Published');
  await expect(ben.getByTestId('thread')).toContainText('Ben (demo approver) approved');
  await expect(ada.getByTestId('release-status')).toContainText('Published');

  const object = live();
  expect(object.spec.content).toContain('with four eyes');
  expect(object.metadata.annotations['genkit.dev/requested-by']).toBe('Ada (demo author) <local:ada>');
  expect(object.metadata.annotations['genkit.dev/approved-by']).toBe('Ben (demo approver) <local:ben>');
  await expect(ben.getByTestId('approvals-count')).toHaveCount(0);
  await expect(ben.getByTestId('rollout-support-reply')).toContainText('Rolled out');
  await expect(ben.getByTestId('event-rolled-out')).toContainText('demo/support-reply');
});

test('who administers cannot approve alone; rejecting takes a comment; a draft of REST waits too', async ({ page }) => {
  const answer = await fetch(`${portal.url}/api/v1/namespaces/demo/prompts/support-reply/publish`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: 'Not reviewed by anybody' }),
  });
  expect(answer.status).toBe(202);
  const { release, outcome } = await answer.json() as { release: number; outcome: string };
  expect(outcome).toBe('Waiting');
  const { hash } = await (await fetch(`${portal.url}/api/v1/releases/${release}`)).json() as { hash: string };
  const approved = await fetch(`${portal.url}/api/v1/releases/${release}/approve`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ hash }),
  });
  expect(approved.status).toBe(403);
  expect(live().spec.content).not.toContain('Not reviewed');

  await portal.open(page, `/approvals/${release}`);
  await expect(page.getByTestId('approve')).toBeDisabled();
  await expect(page.getByTestId('why-not')).toContainText('yourself');
  await expect(page.getByTestId('reject')).toBeDisabled();
  await page.getByTestId('comment').fill('It was a test');
  await page.getByTestId('reject').click();
  await expect(page.getByTestId('release-status')).toContainText('Rejected');
});

test('kubectl appears in the history, and rolling back takes a reason and the same approval', async ({ browser, page }) => {
  portal.kubectl(['patch', 'prompt', 'support-reply', '-n', 'demo', '--type=merge', '-p', JSON.stringify({ spec: { content: 'Changed behind the back' } })]);
  await portal.open(page, '/ns/demo/prompts/support-reply/history');
  const timeline = page.getByTestId('timeline');
  await expect(timeline.getByRole('listitem').first()).toContainText('kubectl');
  await expect(timeline.getByRole('listitem').first()).toContainText('Live in demo');
  await expect(page.getByTestId('compare').getByTestId('change').filter({ hasText: 'Changed behind the back' })).toHaveCount(1);

  const ada = await portal.be(browser, 'ada', '/ns/demo/prompts/support-reply/history');
  await ada.getByRole('listitem').filter({ hasText: 'Say who looked' }).getByRole('button', { name: 'Roll back to this' }).click();
  await expect(ada.getByTestId('publish-confirm')).toBeDisabled();
  await ada.getByTestId('publish-message').fill('Nobody agreed to that');
  await ada.getByTestId('publish-takeover').check();
  await ada.getByTestId('publish-confirm').click();
  await ada.getByTestId('publish-release').click();
  await expect(ada).toHaveURL(/\/approvals\/\d+/);
  const ben = await portal.be(browser, 'ben', new URL(ada.url()).pathname);
  await ben.getByTestId('approve').click();
  await expect(ben.getByTestId('release-status')).toContainText('Published');
  expect(live().spec.content).toContain('with four eyes');
  await portal.open(page, '/ns/demo/prompts/support-reply/history');
  await expect(timeline.getByRole('listitem').first()).toContainText('Nobody agreed to that');
});

test('what kubectl does to a model is a revision of it', async () => {
  const revisions = async () => ((await (await fetch(`${portal.url}/api/v1/namespaces/demo/revisions/Model/echo-stream`)).json()) as any).items as { number: number; source: string }[];
  const [name] = portal.kubectl(['get', 'models', '-n', 'demo', '-o', 'jsonpath={.items[*].metadata.name}']).split(' ');
  expect(name).toBe('echo-stream');
  const before = await revisions();
  portal.kubectl(['patch', 'model', name, '-n', 'demo', '--type=merge', '-p', JSON.stringify({ spec: { defaultConfig: { temperature: 0.5 } } })]);
  await expect.poll(async () => (await revisions())[0]).toMatchObject({ number: before.length + 1, source: 'kubectl-patch' });
});

test('two people type in one prompt: each sees the other, and both texts survive', async ({ browser, page }) => {
  const ada = await portal.be(browser, 'ada', '/ns/demo/prompts/summarize');
  await portal.open(page, '/ns/demo/prompts/summarize');
  await expect(page.getByTestId('presence')).toContainText('Ada (demo author) is here too');
  await Promise.all([replaceInEditor(ada, '\n---\n', '\n---\nAda was here.\n'), append(page, 'And so was somebody else.')]);
  const both = /Ada was here\.[\s\S]*And so was somebody else\./;
  await expectSource(ada, both);
  await expectSource(page, both);
  const draft = async () => ((await (await fetch(`${portal.url}/api/v1/namespaces/demo/prompts/summarize`)).json()) as { draft?: { content: string } }).draft?.content;
  await expect.poll(draft).toMatch(both);
});
