import { expect, test } from '@playwright/test';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { runFlow, streamFlow } from 'genkit/beta/client';
import { eventually } from './support/portal';
import { Runner, runnerDll } from './support/runner';

const run = promisify(execFile);
const genkit = resolve(__dirname, 'node_modules/.bin/genkit');
const runner = new Runner();
const prompt = '---\nmodel: demo/echo-stream\nconfig:\n  delayMs: 0\ninput:\n  schema:\n    name: string\n---\nHello {{name}}';
// The tools ask before their first use whether they may phone home, unless the answer is there.
const environment = { ...process.env, HOME: runner.folder };
const cli = async (...args: string[]) => (await run(genkit, args, { cwd: runner.folder, env: environment, timeout: 60_000 })).stdout;
const command = ['--', 'dotnet', runnerDll, '--root', runner.root, '--port', '0', '--host', '127.0.0.1'];

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  runner.write('config.json', '{"flowName":"hello"}').write('prompts/greeting.prompt', prompt).write('/package.json', '{}');
  await runner.start({ GENKIT_ENV: 'dev' });
  await cli('--non-interactive', 'config', 'set', 'analyticsOptOut', 'true');
});
test.afterAll(() => runner.dispose());

test('runFlow of genkit/beta/client gets the result', async () => {
  const result = await runFlow({ url: `${runner.url}/hello`, input: { name: 'Bo' } });
  expect(result).toContain('Hello Bo');
});

test('streamFlow of genkit/beta/client gets chunks and the same result', async () => {
  const { stream, output } = streamFlow({ url: `${runner.url}/hello`, input: { name: 'Ada' } });
  let text = '';
  let chunks = 0;
  for await (const chunk of stream as AsyncIterable<{ content: { text: string }[] }>) {
    chunks++;
    text += chunk.content.map(part => part.text).join('');
  }
  expect(chunks).toBeGreaterThan(3);
  expect(text).toContain('Hello Ada');
  expect(await output).toBe(text);
});

test('an error reaches the caller of either with its status and the field', async () => {
  const input = { name: 5 };
  await expect(runFlow({ url: `${runner.url}/hello`, input })).rejects.toThrow(/400: .*INVALID_ARGUMENT.*name must be string/);
  const { stream, output } = streamFlow({ url: `${runner.url}/hello`, input });
  output.catch(() => undefined);
  await expect(async () => { for await (const _ of stream) { /* none */ } }).rejects.toThrow(/name must be string/);
});

test('genkit flow:run finds the running runner', async () => {
  expect(await cli('flow:run', 'hello', '{"name":"Bo"}')).toContain('Hello Bo');
});

test('genkit flow:run -s prints the chunks', async () => {
  const output = await cli('flow:run', '-s', 'hello', '{"name":"Bo"}');
  expect(output.match(/"role": "model"/g)!.length).toBeGreaterThan(3);
  expect(output).toMatch(/Result:[\s\S]*Hello Bo/);
});

test('genkit flow:run tells what is wrong with the input', async () => {
  const { stdout, stderr } = await run(genkit, ['flow:run', 'hello', '{"name":5}'], { cwd: runner.folder, env: environment }).catch(error => error);
  expect(stdout + stderr).toContain('name must be string');
});

test('a stopped runner leaves no trace for the tools', async () => {
  const runtimes = join(runner.folder, '.genkit/runtimes');
  expect(readdirSync(runtimes)).toHaveLength(1);
  await runner.stop();
  expect(existsSync(runtimes) ? readdirSync(runtimes) : []).toEqual([]);
});

test('genkit flow:run starts the runner itself', async () => {
  expect(await cli('flow:run', 'hello', '{"name":"V2"}', ...command)).toContain('Hello V2');
  expect(await cli('flow:run', '-s', 'hello', '{"name":"V2"}', ...command)).toMatch(/"role": "model"[\s\S]*Result:[\s\S]*Hello V2/);
});

test('changed files are served while calls go on', async () => {
  await runner.start();
  let failures = 0, calls = 0, going = true;
  const caller = (async () => {
    while (going) {
      const response = await fetch(`${runner.url}/hello`, { method: 'POST', body: '{"name":"Bo"}', headers: { 'content-type': 'application/json' } });
      await response.text();
      calls++;
      if (!response.ok) { failures++; }
    }
  })();
  runner.write('prompts/greeting.prompt', prompt.replace('Hello', 'Good day'));
  await eventually('the new words', () => runFlow({ url: `${runner.url}/hello`, input: { name: 'Bo' } }), answer => String(answer).includes('Good day Bo'));
  runner.write('prompts/greeting.prompt', '{{#if broken}}');
  await eventually('the refusal', async () => (await fetch(`${runner.url}/readyz?verbose`)).text(), text => text.includes('/greeting: stale: '));
  await eventually('some calls', () => calls, count => count > 10);
  going = false;
  await caller;
  expect(failures).toBe(0);
});
