// What an open overview of 2,000 flows costs while they change: CPU of the portal with the page open, less that of the same changes without it.
// usage: node bench.mjs path/to/Portal.dll [flows] [changes a second] [seconds]
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const assembly = resolve(process.argv[2]);
const flows = Number(process.argv[3] ?? 2000);
const rate = Number(process.argv[4] ?? 20);
const seconds = Number(process.argv[5] ?? 20);
const { chromium } = createRequire(new URL('../../e2e/package.json', import.meta.url))('@playwright/test');
const sleep = milliseconds => new Promise(done => setTimeout(done, milliseconds));

async function until(what, read, accept, milliseconds = 300_000) {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await Promise.resolve().then(read).catch(() => undefined);
    if (value !== undefined && accept(value)) { return value; }
    if (Date.now() > deadline) { throw new Error(`${what} did not come true; last: ${JSON.stringify(value)?.slice(0, 300)}`); }
    await sleep(100);
  }
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100; // utime and stime, in the kernel's hundredths
}

const data = mkdtempSync(join(tmpdir(), 'genkit-status-bench-'));
const children = [];
const launch = (command, args, options) => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  child.output = '';
  child.stdout.on('data', text => { child.output += text; });
  children.push(child);
  return child;
};

try {
  const portal = launch('dotnet', [assembly, '--urls', 'http://127.0.0.1:0'], { cwd: data, env: { ...process.env, Portal__DataDirectory: data, Portal__ApiServer__Port: '0' } });
  const url = await until('the portal starts', () => /running at (http:\/\/\S+)/.exec(portal.output)?.[1], Boolean);
  const environment = { ...process.env, HOME: data, KUBECONFIG: join(data, 'kubeconfig') };
  const proxy = launch('kubectl', ['proxy', '--port=0'], { env: environment });
  const api = `http://127.0.0.1:${await until('kubectl proxy starts', () => /127\.0\.0\.1:(\d+)/.exec(proxy.output)?.[1], Boolean)}`;

  // Without replicas: what is measured is the page, not two thousand processes.
  execFileSync('kubectl', ['create', 'namespace', 'many'], { env: environment });
  const path = `${api}/apis/genkit.dev/v1alpha1/namespaces/many/flows`;
  const write = (method, address, body, type) => fetch(address, { method, headers: { 'content-type': type }, body: JSON.stringify(body) });
  const nameOf = number => `flow-${String(number).padStart(4, '0')}`;
  for (let first = 0; first < flows; first += 20) {
    const answers = await Promise.all(Array.from({ length: Math.min(20, flows - first) }, (_, offset) => write('POST', path, {
      apiVersion: 'genkit.dev/v1alpha1', kind: 'Flow', metadata: { name: nameOf(first + offset) },
      spec: { image: 'bench', replicas: 0, modelSpec: { provider: 'demo', model: 'echo-stream', pluginConfigRef: { name: 'demo' } }, prompts: [{ prompt: { name: 'hi', content: 'Hello' } }] },
    }, 'application/json')));
    if (answers.some(answer => !answer.ok)) { throw new Error(await answers.find(answer => !answer.ok).text()); }
  }
  await until('the operator has looked at all', async () => (await (await fetch(`${url}/api/v1/namespaces/many/flows`)).json()).items.filter(flow => flow.status !== 'Pending').length, count => count === flows);
  await until('it is quiet', async () => { const before = cpuSeconds(portal.pid); await sleep(3000); return cpuSeconds(portal.pid) - before; }, used => used < 0.3);

  let change = 0;
  async function measure(withChanges) {
    const [began, before] = [performance.now(), cpuSeconds(portal.pid)];
    let done = 0;
    while (performance.now() - began < seconds * 1000) {
      if (withChanges) {
        // Every tenth is one of those in sight.
        const number = change % 10 === 0 ? (change / 10) % 20 : (change * 37) % flows;
        await write('PATCH', `${path}/${nameOf(number)}`, { metadata: { annotations: { change: `${change++}` } } }, 'application/merge-patch+json').then(answer => answer.text());
        done++;
      }
      const ahead = began + (done * 1000) / rate - performance.now();
      await sleep(withChanges ? Math.max(0, ahead) : 200);
    }
    const time = (performance.now() - began) / 1000;
    return { share: (cpuSeconds(portal.pid) - before) / time, rate: done / time };
  }

  const idle = await measure(false);
  const without = await measure(true);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const page = await browser.newPage();
  const opened = performance.now();
  await page.goto(`${url}/ns/many/flows`);
  await page.getByTestId('flow-row-flow-0000').waitFor();
  const painted = performance.now() - opened;
  await page.locator('[data-interactive="true"]').first().waitFor();
  await sleep(3000);
  const open = await measure(false);
  const live = await measure(true);
  await browser.close();

  const percent = share => `${(share * 100).toFixed(1)} %`;
  console.table([
    { what: `idle, ${flows} flows, no page`, 'CPU of a core': percent(idle.share) },
    { what: `${without.rate.toFixed(0)} changes a second, no page (API server, operator, watch)`, 'CPU of a core': percent(without.share) },
    { what: 'page open, nothing changes', 'CPU of a core': percent(open.share) },
    { what: `page open, ${live.rate.toFixed(0)} changes a second`, 'CPU of a core': percent(live.share) },
    { what: 'the page\'s share (budget: 20 %)', 'CPU of a core': percent(live.share - without.share * live.rate / without.rate) },
    { what: 'first row of the page after', 'CPU of a core': `${painted.toFixed(0)} ms` },
  ]);
} finally {
  for (const child of children) { child.kill('SIGTERM'); }
  await sleep(2000);
  rmSync(data, { recursive: true, force: true });
}
