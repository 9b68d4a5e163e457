// The editor beyond typing: a form over the same text, pickers, partials with pins, media.
import { expect, test } from '@playwright/test';
import { command, expectSource, setSource, source } from './support/editor';
import { eventually, Portal, withoutReview } from './support/portal';

const portal = new Portal();

test.beforeAll(() => portal.start(withoutReview));
test.afterAll(() => portal.dispose());

test('the form changes its own lines of the text, and follows what is typed there', async ({ page }) => {
  await portal.open(page, '/ns/demo/prompts/support-reply');
  const before = await source(page);
  await page.getByTestId('view-form').click();
  await expect(page.getByTestId('config-temperature')).toHaveValue('0.4');

  await page.getByTestId('config-temperature').fill('0.9');
  await page.keyboard.press('Tab');
  await expect.poll(() => source(page)).toBe(before.replace('temperature: 0.4', 'temperature: 0.9'));
  await page.getByTestId('config-maxOutputTokens').fill('2e9x');
  await page.keyboard.press('Tab');
  await expect(page.getByText('This is not a whole number.')).toBeVisible();

  // A hostile text is a text.
  const hostile = '<script>alert(1)</script> {{name}}: "x" # y';
  await page.getByTestId('form-description').fill(hostile);
  await page.keyboard.press('Tab');
  await expect.poll(() => source(page)).toContain('description: "<script>alert(1)</script> {{name}}: \\"x\\" # y"');
  await expect(page.getByTestId('form-description')).toHaveValue(hostile);

  // Renaming a field renames the variable everywhere.
  await page.getByLabel('Name of question').fill('request');
  await page.keyboard.press('Tab');
  await expect.poll(() => source(page)).toContain('{{request}}');
  await expect(page.getByTestId('input-request')).toBeVisible();

  // The text's undo knows the form's changes.
  await page.getByTestId('form-undo').click();
  await page.getByTestId('form-undo').click();
  await page.getByTestId('form-undo').click();
  await expect.poll(() => source(page)).toBe(before);
  await expect(page.getByTestId('config-temperature')).toHaveValue('0.4');

  // What is typed in the source arrives in the form; what the form cannot read it leaves alone.
  await setSource(page, before.replace('temperature: 0.4', 'temperature: 1.1'));
  await expect(page.getByTestId('config-temperature')).toHaveValue('1.1');
  await setSource(page, '---\nmodel: [\n---\nHi');
  await expect(page.getByTestId('form-broken')).toBeVisible();
  await setSource(page, before);
  await expect(page.getByTestId('prompt-form')).toContainText('echo-stream');

  await page.getByTestId('view-yaml').click();
  await expect(page.getByTestId('yaml')).toContainText('kind: Prompt');
  await expect(page.getByTestId('yaml')).toContainText('model: demo/echo-stream');
  await page.getByTestId('view-rendered').click();
  await expect(page.locator('#view-panel').getByTestId('rendered-messages')).toContainText('Where is my parcel?');
});

test('tools and models are picked from the source, with the keyboard alone', async ({ page }) => {
  portal.kubectl(['apply', '-f', '-'], `
apiVersion: genkit.dev/v1alpha1
kind: Tool
metadata: { name: lookup, namespace: demo }
spec:
  definition: { name: lookup, description: Finds an order. }
  implementation: { http: { url: "http://127.0.0.1:9/lookup" } }
`);
  await portal.open(page, '/ns/demo/prompts/support-reply');
  await command(page, 'Choose tools');
  const dialog = page.getByTestId('pick-dialog');
  await expect(dialog.getByTestId('tool-choice')).toContainText('Finds an order.');
  await dialog.getByRole('checkbox', { name: /lookup/ }).press('Space');
  await dialog.getByTestId('pick-confirm').press('Enter');
  await expectSource(page, 'tools: [lookup]');

  await command(page, 'Choose model');
  await page.getByTestId('model-none').click();
  await expect.poll(() => source(page)).not.toContain('model:');
  await page.getByTestId('discard-draft').click();
  await page.getByTestId('confirm-ok').click();
  await expect.poll(() => source(page)).toContain('model: demo/echo-stream');
});

test('a narrow window shows one pane at a time, and all of them', async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 800 });
  await portal.open(page, '/ns/demo/prompts/support-reply');
  await page.getByTestId('pane-outline').click();
  await expect(page.getByRole('heading', { name: 'Problems' })).toBeVisible();
  await expect(page.locator('.monaco-editor').first()).toBeHidden();
  await page.getByTestId('pane-test').click();
  await expect(page.getByTestId('input-question')).toBeVisible();
  await page.getByTestId('pane-source').click();
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-footer')).toContainText('stop');
});

test('a picture is dropped, shown, sent and remembered by its hash only', async ({ page, request }) => {
  const content = '---\nmodel: demo/echo-stream\ninput:\n  schema:\n    photo: string, what broke\n    tags(array): string\n---\nSee {{media url=photo}} {{#each tags}}[{{this}}]{{/each}}';
  expect((await request.put(`${portal.url}/api/v1/namespaces/demo/prompts/pictures/draft`, { data: { content } })).ok()).toBeTruthy();
  await portal.open(page, '/ns/demo/prompts/pictures');
  await page.getByTestId('input-photo').setInputFiles({ name: 'notes.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg onload="alert(1)"/>') });
  await expect(page.getByTestId('input-photo-problem')).toContainText('type that cannot be sent');
  await page.getByTestId('input-photo').setInputFiles({ name: 'huge.png', mimeType: 'image/png', buffer: Buffer.alloc(3_000_000, 1) });
  await expect(page.getByTestId('input-photo-problem')).toContainText('at most 2.9 MB');

  // A noisy picture of some hundred kB, made here and dropped as a file.
  const dropped = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 420, height: 300 });
    const context = canvas.getContext('2d')!;
    const noise = context.createImageData(420, 300);
    for (let i = 0; i < noise.data.length; i++) { noise.data[i] = i % 4 === 3 ? 255 : Math.random() * 255; }
    context.putImageData(noise, 0, 0);
    const blob = await new Promise<Blob>(done => canvas.toBlob(found => done(found!), 'image/png'));
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], 'broken.png', { type: 'image/png' }));
    document.querySelector('[data-drop]')!.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));
    return blob.size;
  });
  await expect(page.getByTestId('input-photo-media')).toContainText('broken.png');
  await expect(page.getByTestId('input-photo-media').getByRole('img')).toHaveAttribute('src', /^data:image\/(png|jpeg);base64,/);
  await page.getByTestId('input-tags').fill('one\ntwo');
  await page.getByTestId('tab-rendered').click();
  await expect(page.getByTestId('rendered-messages')).toContainText('[one][two]');
  await expect(page.getByTestId('rendered-messages').getByRole('img')).toBeVisible();
  await page.getByTestId('tab-inputs').click();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-footer')).toContainText('stop');

  await page.reload();
  await expect(page.getByTestId('input-photo-kept')).toContainText('choose it again');
  const run = new URL(page.url()).searchParams.get('run');
  const kept = await (await request.get(`${portal.url}/api/v1/runs/${run}`)).text();
  expect(kept.length).toBeLessThan(Math.min(dropped, 80_000));
  expect(portal.output).not.toContain('base64');
});

test('a pinned partial stays as it is until its pin is upgraded, for one prompt or for many with one release', async ({ page, request }) => {
  const api = `${portal.url}/api/v1/namespaces/demo/prompts`;
  const publish = async (name: string, content: string) => {
    const answer = await request.post(`${api}/${name}/publish`, { data: { content } });
    expect([answer.status(), answer.status() === 200 ? '' : await answer.text()]).toEqual([200, '']);
  };
  const partial = (text: string) => `---\npartial: true\ndescription: Our voice.\n---\n${text}`;
  await publish('voice', partial('Be kind.'));
  expect((await request.put(`${api}/letter/draft`, { data: { content: '---\nmodel: demo/echo-stream\n---\n{{> voice@1}} Write a letter.' } })).ok()).toBeTruthy();

  await portal.open(page, '/ns/demo/prompts/letter');
  await expect(page.getByTestId('problem')).toContainText("The text of 'voice@1' is not in this document yet.");
  await page.getByTestId('fix').click();
  await expect.poll(() => source(page)).toContain('"voice@1": Be kind.');
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await page.getByTestId('tab-rendered').click();
  await expect(page.getByTestId('rendered-messages')).toContainText('Be kind. Write a letter.');
  await publish('letter', await source(page));
  await publish('note', (await source(page)).replace('letter', 'note'));

  await publish('voice', partial('Be kind and brief.'));
  await expect(page.getByTestId('problem')).toContainText("There is revision 2 of 'voice'; this is 1.");
  await expect(page.getByTestId('rendered-messages')).toContainText('Be kind. Write a letter.');

  await portal.open(page, '/ns/demo/partials');
  await expect(page.getByTestId('partial-row-voice')).toContainText('2 behind');
  await page.getByTestId('partial-uses-voice').click();
  await expect(page.getByTestId('partial-users')).toContainText('From r1 to r2');
  await page.getByTestId('upgrade').click();
  await expect(page.getByTestId('upgrade-result')).toContainText('published');
  for (const name of ['letter', 'note']) {
    await eventually(`${name} has it`, async () => (await (await request.get(`${api}/${name}`)).json()).content as string, content => content.includes('voice@2'));
  }
  await expect(page.getByTestId('partial-row-voice')).not.toContainText('behind');
});
