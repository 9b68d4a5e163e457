// usage: node bench/editor/typing.mjs <Portal.dll>
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const { chromium } = createRequire(new URL('../../e2e/package.json', import.meta.url))('@playwright/test');
const assembly = resolve(process.argv[2]);
const data = mkdtempSync(join(tmpdir(), 'genkit-portal-typing-'));
const portal = spawn('dotnet', [assembly, '--urls', 'http://127.0.0.1:0'], {
  cwd: data, env: { ...process.env, Portal__DataDirectory: data, Portal__ApiServer__Port: '0' }, stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((found, failed) => {
  let output = '';
  portal.stdout.on('data', chunk => {
    const match = /running at (http:\/\/\S+)/.exec(output += chunk);
    if (match) { found(match[1].replace(/\/$/, '')); }
  });
  portal.once('exit', code => failed(new Error(`the portal ended with ${code}`)));
});

const fields = Array.from({ length: 40 }, (_, i) => `    field_${i}: string, value number ${i}`).join('\n');
const line = i => `Line ${i} tells of {{field_${i % 40}}} and {{#if field_${(i + 1) % 40}}}adds {{field_${(i + 1) % 40}}}{{/if}} to what was said before.\n`;
let body = '';
for (let i = 0; body.length < 62_000; i++) { body += line(i); }
const content = `---\nmodel: demo/echo-stream\ninput:\n  schema:\n${fields}\n---\n{{role "system"}}\n${body}\n{{role "user"}}\nAnswer`;

const statistics = times => {
  const sorted = [...times].sort((a, b) => a - b);
  const at = share => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return `median ${at(0.5)} ms, 90 % ${at(0.9)} ms, worst ${Math.round(sorted.at(-1))} ms`;
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const put = (name, text) => fetch(`${url}/api/v1/namespaces/demo/prompts/${name}/draft`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: text }) });
  console.log(`document of ${Math.round(content.length / 1000)} kB`, (await put('long', content)).status);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${url}/ns/demo/prompts/long?tab=rendered`);
  await page.locator('.monaco-editor').first().waitFor();
  await page.getByTestId('rendered-messages').filter({ hasText: 'Answer' }).waitFor();
  const measure = (write, selector, count) => page.evaluate(async ([text, where, times]) => {
    const editor = window.genkitEditors[0];
    const results = [];
    for (let i = 0; i < times; i++) {
      const model = editor.getModel();
      const word = text.replace('#', String(i));
      editor.setPosition(model.getPositionAt(model.getValueLength()));
      await new Promise(done => setTimeout(done, 400));
      const wanted = word.replace(/[{}]/g, '');
      const start = performance.now();
      const seen = new Promise(done => {
        const observer = new MutationObserver(() => {
          if ([...document.querySelectorAll(where)].some(item => item.textContent.includes(wanted))) { observer.disconnect(); done(performance.now()); }
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      });
      editor.trigger('keyboard', 'type', { text: word });
      results.push(await Promise.race([seen, new Promise(done => setTimeout(() => done(Infinity), 10_000))]) - start);
    }
    return results;
  }, [write, selector, count]);
  await measure(' warm#up', '[data-testid=rendered-messages]', 3);
  console.log('key to preview:    ', statistics(await measure(' word#word', '[data-testid=rendered-messages]', 15)));
  console.log('key to diagnostics:', statistics(await measure(' {{nothing#here}}', '[data-testid=problem]', 15)));

  const pasted = await page.evaluate(async () => {
    const editor = window.genkitEditors[0];
    const start = performance.now();
    editor.setPosition({ lineNumber: 1_000_000, column: 1 });
    editor.trigger('keyboard', 'paste', { text: 'A line of text that somebody pasted.\n'.repeat(28_000) });
    return performance.now() - start;
  });
  await page.getByText('Too large').waitFor();
  const kept = await page.evaluate(() => window.genkitEditors[0].getModel().getValueLength());
  console.log(`1 MB pasted: ${Math.round(pasted)} ms in the browser, ${kept} characters there, told as too large`);
} finally {
  await browser.close();
  portal.kill('SIGTERM');
  await new Promise(done => portal.once('exit', done));
  rmSync(data, { recursive: true, force: true });
}
