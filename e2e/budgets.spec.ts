import { expect, test } from '@playwright/test';
import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually, Portal } from './support/portal';

const portal = new Portal();
const folder = mkdtempSync(join(tmpdir(), 'genkit-smtp-e2e-'));
const webhookKey = 'a key of the webhooks of this test';
const mails: { to: string[]; secure: boolean; user: string; head: string; body: string }[] = [];
const posts: { body: string; headers: Record<string, unknown> }[] = [];
let mailServer: ChildProcess;
let hooks: Server;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  mailServer = spawn('node', [resolve(__dirname, 'support/smtp-peer.mjs'), '--auth', 'portal:mail-password', '--tls', key, certificate], { stdio: ['pipe', 'pipe', 'inherit'] });
  const port = await new Promise<string>(listening => {
    let text = '';
    mailServer.stdout!.on('data', (data: Buffer) => {
      text += data.toString();
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith('listening on ')) { listening(line.slice('listening on '.length)); } else { mails.push(JSON.parse(line)); }
      }
    });
  });
  hooks = createServer((request, response) => {
    let body = '';
    request.on('data', data => { body += data; }).on('end', () => { posts.push({ body, headers: request.headers }); response.end(); });
  });
  await new Promise<void>(done => hooks.listen(0, '127.0.0.1', done));
  await portal.start({
    SSL_CERT_FILE: certificate,
    Portal__Notifications__Smtp__Host: 'localhost', Portal__Notifications__Smtp__Port: port, Portal__Notifications__Smtp__From: 'portal@example.com',
    Portal__Notifications__Smtp__User: 'portal', Portal__Notifications__Smtp__Password: 'mail-password',
    Portal__Notifications__WebhookKey: webhookKey, Portal__Notifications__AllowPrivateAddresses: 'true',
  });
});

test.afterAll(async () => {
  await portal.dispose();
  mailServer.kill();
  hooks.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = () => fetch(`${portal.url}/flows/demo/support-reply`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customer_name: 'Ada', question: 'Where?' }),
});

/** The demo model is free; from now on a thousand of its tokens cost a dollar. */
const givePrice = async () => expect(await (await fetch(`${portal.url}/api/v1/prices`, {
  method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ provider: 'demo', model: 'echo-stream', validFrom: new Date(Date.now() - 60_000).toISOString(), perMillion: { input: 1000, output: 1000 }, note: 'for this test' }),
})).json()).toMatchObject({ price: { model: 'echo-stream' } });

test('a budget of one cent is made on its page, stops the flow with 429, and tells by mail and webhook', async ({ page }) => {
  await eventually('the flow answers', call, response => response.ok, 30_000);
  await portal.open(page, '/budgets?edit=new');
  await page.getByTestId('budget-save').click();
  await expect(page.getByTestId('problem-name')).toBeVisible();
  await expect(page.getByTestId('problem-amount')).toBeVisible();
  await page.getByTestId('budget-name').fill('One cent');
  await page.getByTestId('budget-scope').selectOption('flow');
  await page.getByTestId('budget-namespace').fill('demo');
  await page.getByTestId('budget-subject').fill('support-reply');
  await page.getByTestId('budget-amount').fill('0.01');
  await page.getByTestId('budget-enforcement').selectOption('refuse calls (429)');
  await page.getByTestId('budget-emails').fill('ada@example.com');
  await page.getByTestId('budget-webhook').fill(`http://127.0.0.1:${(hooks.address() as AddressInfo).port}/secret-path`);
  await page.getByTestId('budget-contact').fill('Ada in finance');
  await expect(page.getByTestId('budget-preview')).toContainText('$0.00');
  await page.getByTestId('budget-save').click();
  await expect(page.getByTestId('budget-drawer')).toContainText('Ada in finance');

  await givePrice();
  const refused = await eventually('the flow is stopped', call, response => response.status === 429, 20_000);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({
    status: 'RESOURCE_EXHAUSTED', message: expect.stringContaining('One cent'), details: { reason: 'BUDGET_EXHAUSTED', budget: 'One cent', contact: 'Ada in finance' },
  });

  const mail = await eventually('the mail', () => mails[0], Boolean);
  expect(mail.to).toEqual(['ada@example.com']);
  expect([mail.secure, mail.user]).toEqual([true, 'portal']);
  expect(Buffer.from(mail.body, 'base64').toString()).toMatch(/The flow demo\/support-reply has spent \$\d+\.\d+ of \$0\.0100/);
  const post = await eventually('the webhook', () => posts[0], Boolean);
  expect(JSON.parse(post.body)).toMatchObject({ type: 'budget.threshold', state: 'exhausted', threshold: 100, budget: { name: 'One cent', amount: 0.01 } });
  expect(post.headers['x-genkitportal-signature']).toBe(`sha256=${createHmac('sha256', webhookKey).update(`${post.headers['x-genkitportal-timestamp']}.${post.body}`).digest('hex')}`);

  await expect(page.getByTestId('budget-stops')).toBeVisible();
  await expect(page.getByTestId('budget-history')).toContainText('Sent');
  await expect(page.locator('body')).not.toContainText('secret-path');
  expect(portal.output).not.toContain('secret-path');
  expect(portal.output).not.toContain('mail-password');
});

test('raising the budget serves calls again, and is told once', async ({ page }) => {
  await portal.open(page, '/budgets');
  await page.getByTestId('budget-One cent').getByRole('link', { name: 'One cent' }).click();
  await page.getByTestId('edit-budget').click();
  await page.getByTestId('budget-amount').fill('1000');
  await page.getByTestId('budget-save').click();
  await eventually('the flow is served', call, response => response.ok);
  await expect(page.getByTestId('budget-drawer').getByTestId('budget-state')).toContainText('OK');
  await page.getByTestId('test-budget').click();
  await expect(page.getByTestId('test-result')).toContainText('Taken');
  await eventually('the test mail', () => mails.length, count => count === 2);
  expect(mails[1].body).not.toBe(mails[0].body);
  await eventually('the test post', () => posts.length, count => count === 2);
});

test('the weekly digest is looked at, turned on and turned off on its page', async ({ page }) => {
  await portal.open(page, '/ns/demo/digest');
  await expect(page.getByTestId('digest-subject')).toContainText('demo:');
  await expect(page.getByTestId('digest-preview')).toContainText('Calls:');
  await page.getByTestId('digest-save').click();
  await expect(page.getByTestId('problem-emails')).toBeVisible();
  await page.getByTestId('digest-emails').fill('finops@example.com');
  await page.getByTestId('digest-zone').fill('Europe/Berlin');
  await page.getByTestId('digest-save').click();
  await expect(page.getByTestId('digest-state')).toHaveText('It is on.');
  expect(await (await fetch(`${portal.url}/api/v1/namespaces/demo/digest`)).json()).toMatchObject({ isOn: true, timeZone: 'Europe/Berlin', emails: ['finops@example.com'] });
  await page.getByTestId('digest-off').click();
  await expect(page.getByTestId('digest-state')).toHaveText('It is off.');
});
