// Makes the pictures of README.md and docs from a fresh portal: node e2e/screenshots.mjs  (after ./build.sh test or dotnet build)
// With --all also one of every page, to be looked at: they go to artifacts/pages.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { chromium } from '@playwright/test';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs/images');
const all = process.argv.includes('--all') ? join(root, 'artifacts/pages') : undefined;
const everyPage = JSON.parse(readFileSync(join(root, 'e2e/support/pages.json'), 'utf8'));
const data = mkdtempSync(join(tmpdir(), 'genkit-portal-shots-'));
mkdirSync(images, { recursive: true });

const portal = spawn('dotnet', [join(root, 'Portal/bin/Debug/net10.0/Portal.dll'), '--urls', 'http://127.0.0.1:0'], {
  cwd: data, env: { ...process.env, Portal__DataDirectory: data, Portal__ApiServer__Port: '0' }, stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((found, failed) => {
  let output = '';
  portal.stdout.on('data', chunk => {
    output += chunk;
    const match = /running at (http:\/\/\S+)/.exec(output);
    if (match) { found(match[1].replace(/\/$/, '')); }
  });
  portal.once('exit', code => failed(new Error(`the portal ended with ${code}`)));
});

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
try {
  for (const theme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
    const open = async path => {
      await page.goto(url + path);
      await page.locator('[data-interactive="True"], [data-interactive="true"]').first().waitFor({ state: 'attached' });
    };
    const shot = name => page.screenshot({ path: join(images, `${name}-${theme}.png`) });

    await open('/');
    await page.getByTestId('checklist').waitFor();
    await shot('home');
    await open('/ns/demo/prompts');
    await page.getByTestId('prompt-row-support-reply').waitFor();
    await shot('prompts');
    await page.getByTestId('prompt-row-support-reply').getByRole('link').first().click();
    await page.locator('.monaco-editor').first().waitFor();
    await page.getByTestId('run').click();
    await page.getByTestId('run-footer').getByText('stop').waitFor();
    await shot('editor');
    await page.getByTestId('tab-rendered').click();
    await page.getByTestId('rendered-messages').waitFor();
    await shot('rendered');
    await open('/ns/demo/flows');
    await page.getByTestId('flow-row-support-reply').waitFor();
    await shot('flows');
    await open('/ns/demo/flows/support-reply');
    await page.getByTestId('flow-ready').filter({ hasText: 'Ready' }).waitFor();
    await page.getByTestId('call-run').click();
    await page.getByTestId('call-output').filter({ hasText: /to get a real one/ }).waitFor();
    await shot('flow');
    await open('/ns/demo/map');
    await page.waitForLoadState('networkidle');
    await shot('map');
    await open('/costs?range=24h');
    await page.getByTestId('group').waitFor();
    await page.waitForLoadState('networkidle');
    await shot('costs');
    await open('/status');
    await page.waitForLoadState('networkidle');
    await shot('status');
    if (all) {
      mkdirSync(all, { recursive: true });
      for (const path of everyPage) {
        await open(path);
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: join(all, `${path.slice(1).replace(/[^a-z0-9]+/gi, '-') || 'home'}-${theme}.png`) });
      }
    }
    await page.close();
  }
} finally {
  await browser.close();
  portal.kill('SIGTERM');
  await new Promise(done => portal.once('exit', done));
  rmSync(data, { recursive: true, force: true });
}
