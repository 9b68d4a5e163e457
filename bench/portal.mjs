// Measures a published portal from outside, as its user would: medians over several runs, printed beside the budget.
// usage: node portal.mjs path/to/Portal.dll [runs]
import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const assembly = resolve(process.argv[2]);
const runs = Number(process.argv[3] ?? 5);
const run = promisify(execFile);
const { chromium } = createRequire(new URL('../e2e/package.json', import.meta.url))('@playwright/test');

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const rows = [];
const report = (what, values, budget, unit) => rows.push({
  what, median: `${Math.round(median(values))} ${unit}`, worst: `${Math.round(Math.max(...values))} ${unit}`, budget: `${budget} ${unit}`,
  'median/budget': (median(values) / budget).toFixed(2),
});

async function until(read, accept, milliseconds = 60_000) {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await Promise.resolve().then(read).catch(() => undefined);
    if (value !== undefined && accept(value)) { return value; }
    if (Date.now() > deadline) { throw new Error(`gave up waiting; last value: ${JSON.stringify(value)}`); }
    await new Promise(done => setTimeout(done, 10));
  }
}

// The demo asks for an approval otherwise; here a publish is to be seen at once.
const withoutReview = { Portal__Releases__Environments__0__Name: 'demo', Portal__Releases__Environments__0__Namespaces__0: 'demo' };

async function start(data) {
  const began = performance.now();
  const child = spawn('dotnet', [assembly, '--urls', 'http://127.0.0.1:0'], {
    cwd: data, env: { ...process.env, ...withoutReview, Portal__DataDirectory: data, Portal__ApiServer__Port: '0' }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', chunk => { output += chunk; });
  const url = (await until(() => /running at (http:\/\/\S+)/.exec(output)?.[1], Boolean)).replace(/\/$/, '');
  await until(() => fetch(`${url}/readyz`), response => response.ok);
  return { child, url, milliseconds: performance.now() - began };
}

const stop = child => new Promise(done => { child.once('exit', done); child.kill('SIGTERM'); });
// What several processes map of one file counts once: each has its share.
const residentMegabytes = pid => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024;
const runnersOf = data => readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter(pid => {
  try { const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8'); return line.includes('Portal.Runner') && line.includes(data); } catch { return false; }
});
const post = (url, body) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const answer = async url => (await post(`${url}/flows/demo/support-reply`, { customer_name: 'Ada', question: 'Where is it?' })).text();

const data = mkdtempSync(join(tmpdir(), 'genkit-portal-bench-'));
try {
  let portal = await start(data);
  await until(() => answer(portal.url), text => text.includes('Ada'));
  await stop(portal.child);

  const startUp = [];
  for (let i = 0; i < runs; i++) {
    portal = await start(data);
    startUp.push(portal.milliseconds);
    if (i < runs - 1) { await stop(portal.child); }
  }
  report('published build: start to ready', startUp, 2000, 'ms');

  await until(() => answer(portal.url), text => text.includes('Ada'));
  report('memory: portal and runners of the demo', [[portal.child.pid, ...runnersOf(data)].reduce((sum, pid) => sum + residentMegabytes(pid), 0)], 250, 'MB');

  const prompt = `${portal.url}/api/v1/namespaces/demo/prompts/support-reply`;
  const { content } = await (await fetch(prompt)).json();
  const publish = [];
  for (let i = 0; i < runs; i++) {
    const began = performance.now();
    const response = await post(`${prompt}/publish`, { content: content.replace('{{customer_name}}', `{{customer_name}}, round ${i} published,`) });
    if (!response.ok) { throw new Error(await response.text()); }
    await until(() => answer(portal.url), text => text.includes(`round ${i} published`));
    publish.push(performance.now() - began);
  }
  report('publish to a flow that answers with it', publish, 2000, 'ms');

  const kubectl = [];
  const environment = { ...process.env, HOME: data, KUBECONFIG: join(data, 'kubeconfig') };
  for (let i = 0; i < runs; i++) {
    const patch = JSON.stringify({ spec: { content: content.replace('{{customer_name}}', `{{customer_name}}, round ${i} patched,`) } });
    const began = performance.now();
    await run('kubectl', ['-n', 'demo', 'patch', 'prompt', 'support-reply', '--type=merge', '-p', patch], { env: environment });
    await until(() => answer(portal.url), text => text.includes(`round ${i} patched`));
    kubectl.push(performance.now() - began);
  }
  report('kubectl patch to a flow that answers with it', kubectl, 3000, 'ms');

  report('first token: provider to browser', await firstToken(portal.url, environment), 100, 'ms');
  await stop(portal.child);
} finally {
  rmSync(data, { recursive: true, force: true });
}
console.table(rows);

// A provider of our own notes when it writes its first token; the page notes when the text first shows. Same machine, same clock.
async function firstToken(url, environment) {
  let wrote = 0;
  const provider = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      setTimeout(() => {
        wrote = Date.now();
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'first-token ' } }] })}\n\n`);
        setTimeout(() => response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`), 300);
      }, 200);
    });
  });
  await new Promise(done => provider.listen(0, '127.0.0.1', done));
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bench', namespace: 'demo' }, stringData: { OPENAI_API_KEY: 'bench' } },
    { apiVersion: 'genkit.dev/v1alpha1', kind: 'PluginConfig', metadata: { name: 'bench', namespace: 'demo' },
      spec: { type: 'openai', credentialsRef: { name: 'bench' }, extraConfig: { baseURL: `http://127.0.0.1:${provider.address().port}/v1` } } },
    { apiVersion: 'genkit.dev/v1alpha1', kind: 'Prompt', metadata: { name: 'bench', namespace: 'demo' }, spec: { content: '---\nmodel: openai/bench\n---\nHello' } },
  ] });
  const apply = spawn('kubectl', ['apply', '-f', '-'], { env: environment, stdio: ['pipe', 'ignore', 'inherit'] });
  apply.stdin.end(manifest);
  await new Promise(done => apply.once('exit', done));

  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  const delays = [];
  try {
    const page = await browser.newPage();
    await page.goto(`${url}/ns/demo/prompts/bench`);
    await page.locator('[data-interactive="True"], [data-interactive="true"]').first().waitFor({ state: 'attached' });
    await page.locator('.monaco-editor').first().waitFor();
    for (let i = 0; i < runs + 1; i++) {
      await page.evaluate(() => {
        window.firstTokenAt = 0;
        const shown = () => document.querySelector('[data-testid=output]')?.textContent.includes('first-token') ?? false;
        let gone = !shown();
        const observer = new MutationObserver(() => {
          if (!gone) { gone = !shown(); } else if (shown()) { window.firstTokenAt = Date.now(); observer.disconnect(); }
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      });
      await page.getByTestId('run').click();
      const at = await until(() => page.evaluate(() => window.firstTokenAt), Boolean, 10_000);
      if (i > 0) { delays.push(at - wrote); } // the first run warms the circuit and the JIT
      await page.getByTestId('run-footer').getByText('stop').waitFor();
    }
  } finally {
    await browser.close();
    provider.close();
  }
  return delays;
}
