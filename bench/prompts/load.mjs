// Measures a portal that holds many prompts, as its users meet it. usage: node load.mjs path/to/Portal.dll path/to/Portal.Prompts.Bench.dll [prompts] [revisions] [users]
// GET times are of the whole answer on loopback: what the server needed and a little more. Times in the page are from the key to the change on
// the screen, Chromium's own work on the same cores included.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [assembly, seeder] = process.argv.slice(2, 4).map(path => resolve(path));
const [prompts, revisions, users] = [4, 5, 6].map((place, index) => Number(process.argv[place] ?? [10_000, 50, 200][index]));
const { chromium } = createRequire(new URL('../../e2e/package.json', import.meta.url))('@playwright/test');
const data = mkdtempSync(join(tmpdir(), 'genkit-portal-bench-'));
const rows = [];
let missed = false;

const at = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
function report(what, values, budget, unit = 'ms') {
  const p95 = at(values, 0.95);
  missed ||= p95 > budget;
  rows.push({ what, median: `${Math.round(at(values, 0.5))} ${unit}`, p95: `${Math.round(p95)} ${unit}`, budget: `${budget} ${unit}`, 'p95/budget': (p95 / budget).toFixed(2) });
}

async function start() {
  const child = spawn('dotnet', [assembly, '--urls', 'http://127.0.0.1:0'], {
    cwd: data, env: { ...process.env, Portal__DataDirectory: data, Portal__ApiServer__Port: '0' }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const url = await new Promise((found, failed) => {
    child.stdout.on('data', chunk => {
      output += chunk;
      const match = /running at (http:\/\/\S+)/.exec(output);
      if (match) { found(match[1].replace(/\/$/, '')); }
    });
    child.once('exit', () => failed(new Error(output)));
  });
  return { child, url };
}

const stop = child => new Promise(done => { child.once('exit', done); child.kill('SIGTERM'); });
const residentMegabytes = pid => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const seed = (...words) => execFileSync('dotnet', [seeder, ...words.map(String)], { stdio: 'inherit' });
const name = index => `prompt-${String(index).padStart(5, '0')}`;
const random = (() => { let state = 20; return limit => { state = (state * 1103515245 + 12345) % 2147483648; return Math.floor(state / 2147483648 * limit); }; })();

async function timesOf(count, address) {
  const values = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    const response = await fetch(address(random(prompts)));
    await response.arrayBuffer();
    if (!response.ok) { throw new Error(`${response.status} ${response.url}`); }
    values.push(performance.now() - began);
  }
  return values;
}

// As the page writes it.
const shown = prompts.toLocaleString('en-US');

// Everyone leaves the page's own clock running: what is typed counts until the page shows it.
const typed = (page, text, expected) => page.evaluate(async ([text, expected]) => {
  const box = document.querySelector('[data-testid=search]');
  const status = document.querySelector('.gp-toolbar [role=status]');
  const began = performance.now();
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  while (!status.textContent.startsWith(expected)) {
    if (performance.now() - began > 30_000) { throw new Error(`${text}: ${status.textContent}`); }
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - began;
}, [text, expected]);

async function measurePages(url) {
  const api = `${url}/api/v1/namespaces/bench/prompts`;
  const page = `${url}/ns/bench/prompts`;
  await timesOf(3, () => page);
  report('list: page', await timesOf(20, () => page), 200);
  report('list: REST', await timesOf(20, () => api), 200);
  report('open: page of a prompt', await timesOf(50, index => `${page}/${name(index)}`), 200);
  report('open: REST', await timesOf(50, index => `${api}/${name(index)}`), 200);
  report(`timeline of ${revisions}: REST`, await timesOf(50, index => `${api}/${name(index)}/revisions`), 200);
}

async function measureSearch(browser, url) {
  const page = await browser.newPage();
  await page.goto(`${url}/ns/bench/prompts`);
  await page.locator('[data-interactive=true]').first().waitFor({ state: 'attached' });
  const values = [];
  for (let i = 0; i < 20; i++) {
    const word = name(random(prompts));
    values.push(await typed(page, word, `1 of ${shown}`));
    values.push(await typed(page, '', `${shown} prompts`));
  }
  report('search: key to result', values, 200);
  await page.close();
}

async function measureUsers(browser, { child, url }) {
  const pages = [];
  const addresses = [() => `/ns/bench/prompts`, () => `/ns/bench/prompts/${name(random(prompts))}`, () => '/ns/demo/flows', () => '/'];
  for (let i = 0; i < users; i++) {
    // A browser of one's own for each: cookies and circuits are not shared.
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url + addresses[i % addresses.length](), { waitUntil: 'domcontentloaded' });
    await page.locator('[data-interactive=true]').first().waitFor({ state: 'attached', timeout: 60_000 });
    pages.push(page);
    if (i % 20 === 19) { process.stderr.write(`${i + 1} users, ${Math.round(residentMegabytes(child.pid))} MB\n`); }
  }
  const values = [], megabytes = [];
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < users; i += addresses.length) {
      values.push(await typed(pages[i], name(random(prompts)), `1 of ${shown}`), await typed(pages[i], '', `${shown} prompts`));
      megabytes.push(residentMegabytes(child.pid));
    }
  }
  report(`${users} users: key to result of a search`, values, 200);
  report(`${users} users: memory of the portal`, megabytes, 600, 'MB');
}

try {
  let portal = await start();
  seed('objects', join(data, 'kubeconfig'), prompts);
  await stop(portal.child);
  seed('revisions', join(data, 'portal.db'), prompts, revisions);
  portal = await start();
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'] });
  try {
    // After a start every prompt of the cluster is compared with what is known of it; that is not what is measured.
    await new Promise(done => setTimeout(done, 20_000));
    await measurePages(portal.url);
    await measureSearch(browser, portal.url);
    if (users > 0) { await measureUsers(browser, portal); }
  } finally {
    await browser.close();
    await stop(portal.child);
  }
} finally {
  rmSync(data, { recursive: true, force: true });
}
console.log(`${prompts} prompts with ${revisions} revisions each, ${users} users`);
console.table(rows);
process.exitCode = missed ? 1 : 0;
