// usage: node run.mjs Portal.Runner.dll Load.dll [--quick]
// Each figure is taken alternately on both sides, several times; the table holds medians. Writes results.md beside this file.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const [runnerDll, loadDll] = process.argv.slice(2).map(path => resolve(path));
const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 3, seconds = quick ? 3 : 10, soakCalls = quick ? 20_000 : 200_000;
const here = new URL('.', import.meta.url).pathname;
const run = promisify(execFile);
const children = [];

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const free = () => new Promise(done => { const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => done(port)); }); });
const megabytes = child => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
const stop = child => new Promise(done => { child.once('exit', done); child.kill('SIGTERM'); });
const status = (port, path, method = 'GET') => new Promise(done => {
  const request = http.request({ port, path, method, host: '127.0.0.1', headers: { 'content-type': 'application/json' } }, answer => { answer.resume(); done(answer.statusCode); });
  request.on('error', () => done(0)).end(method === 'POST' ? '{"data":{"name":"Bo"}}' : undefined);
});

/** Starts a process; resolves with it and the milliseconds until `ready` says so. */
async function start(command, args, ready, env = {}) {
  const began = performance.now();
  const child = spawn(command, args, { env: { ...process.env, NODE_ENV: 'production', ...env }, stdio: 'ignore' });
  children.push(child);
  while (!await ready()) {
    if (child.exitCode !== null || performance.now() - began > 30_000) { throw new Error(`${command} ${args[0]} did not start`); }
    await new Promise(done => setTimeout(done, 2));
  }
  return Object.assign(child, { milliseconds: performance.now() - began });
}

async function wrk(url, time) {
  const { stdout } = await run('wrk', ['-t1', '-c16', `-d${time}s`, '--latency', '-s', join(here, 'post.lua'), url]);
  const latency = quantile => { const [, value, unit] = new RegExp(`${quantile}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout); return value * { us: 0.001, ms: 1, s: 1000 }[unit]; };
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]), p50: latency(50), p99: latency(99),
    total: Number(/(\d+) requests in/.exec(stdout)[1]), failed: /Non-2xx|Socket errors/.exec(stdout) !== null,
  };
}

const quiet = () => new Promise(done => setTimeout(done, 15_000));
const streams = async url => JSON.parse((await run('dotnet', [loadDll, 'streams', url, '1000', quick ? '60' : '200'], { timeout: 180_000, env: { ...process.env, DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS: '1' } })).stdout);

const root = mkdtempSync(join(tmpdir(), 'runner-bench-'));
try {
  const provider = await free();
  const providerUrl = `http://127.0.0.1:${provider}/v1`;
  await start('dotnet', [loadDll, 'upstream', String(provider)], async () => await status(provider, '/v1', 'POST') === 200, { DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS: '1' });
  mkdirSync(join(root, 'prompts'));
  copyFileSync(join(here, 'prompts/greeting.prompt'), join(root, 'prompts/greeting.prompt'));
  writeFileSync(join(root, 'config.json'), JSON.stringify({ plugin: { type: 'openai', extraConfig: { baseURL: providerUrl } } }));

  const startOurs = async () => { const port = await free(); return Object.assign(await start('dotnet', [runnerDll, '--root', root, '--port', String(port), '--host', '127.0.0.1'], async () => await status(port, '/readyz') === 200, { OPENAI_API_KEY: 'bench' }), { whole: `http://127.0.0.1:${port}/greeting`, streamed: `http://127.0.0.1:${port}/greeting` }); };
  const startGenkit = async () => { const port = await free(); return Object.assign(await start('node', [join(here, 'genkit.mjs'), String(port), providerUrl], async () => await status(port, '/whole', 'POST') === 200), { whole: `http://127.0.0.1:${port}/whole`, streamed: `http://127.0.0.1:${port}/greeting` }); };

  const ready = { ours: [], genkit: [] };
  for (let round = 0; round < (quick ? 2 : 7); round++) {
    for (const [side, begin] of [['ours', startOurs], ['genkit', startGenkit]]) { const child = await begin(); ready[side].push(child.milliseconds); await stop(child); }
  }

  const sides = { ours: await startOurs(), genkit: await startGenkit() };
  const load = { ours: [], genkit: [] }, streamed = { ours: [], genkit: [] };
  for (const side of ['genkit', 'ours']) { await wrk(sides[side].whole, quick ? 2 : 6); }
  for (let round = 0; round < rounds; round++) {
    for (const side of ['genkit', 'ours']) { load[side].push(await wrk(sides[side].whole, seconds)); }
  }
  const memory = { ours: megabytes(sides.ours), genkit: megabytes(sides.genkit) };
  await quiet();
  const rested = { ours: megabytes(sides.ours), genkit: megabytes(sides.genkit) };
  for (let round = 0; round < rounds; round++) { streamed.ours.push(await streams(sides.ours.streamed)); }
  streamed.genkit.push(await streams(sides.genkit.streamed));
  const crowded = { ours: megabytes(sides.ours), genkit: megabytes(sides.genkit) };
  await stop(sides.genkit);

  // A day at 2.3 calls a second is 200,000 calls, with a thousand streams now and then. Memory counts when the runner is at rest: what a burst
  // takes depends on the burst, what stays after it would be a leak.
  const soak = [];
  for (let calls = 0, slice = 0, next = soakCalls / 3; calls < soakCalls; slice++) {
    const { total, failed } = await wrk(sides.ours.whole, 2);
    if (failed) { throw new Error('a call of the soak failed'); }
    calls += total;
    if (slice % 10 === 9) { await streams(sides.ours.streamed); calls += 1000; }
    if (calls >= next) { await quiet(); soak.push({ calls, megabytes: megabytes(sides.ours) }); next += soakCalls / 3; }
  }
  await stop(sides.ours);

  const failures = side => load[side].filter(one => one.failed).length;
  const best = (list, key) => median(list.map(one => one[key]));
  const number = (value, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const row = (what, ours, genkit, required, holds) => `| ${what} | ${ours} | ${genkit} | ${required} | ${required === '' ? '' : holds ? 'yes' : '**no**'} |`;
  const ratio = best(load.ours, 'rate') / best(load.genkit, 'rate'), faster = best(load.genkit, 'p50') / best(load.ours, 'p50');
  const p99 = best(streamed.ours, 'p99'), finished = streamed.ours.every(one => one.finished === one.streams);
  const third = soak[0].megabytes, last = soak.at(-1).megabytes;
  const table = [
    '| | runner | Genkit JS | required | met |', '|---|---|---|---|---|',
    row('calls a second, 16 connections', number(best(load.ours, 'rate')), number(best(load.genkit, 'rate')), `6 times; it is ${number(ratio, 1)}`, ratio >= 6 && !failures('ours')),
    row('median latency', `${number(best(load.ours, 'p50'), 2)} ms`, `${number(best(load.genkit, 'p50'), 2)} ms`, `a sixth; it is 1/${number(faster, 1)}`, faster >= 6),
    row('99th percentile', `${number(best(load.ours, 'p99'), 2)} ms`, `${number(best(load.genkit, 'p99'), 2)} ms`, '', true),
    row('1,000 streams at 20 chunks/s: p99 chunk delay', `${number(p99, 1)} ms`, `${number(streamed.genkit[0].p99, 1)} ms`, 'below 50 ms', p99 < 50 && finished),
    row('… p50, worst', `${number(best(streamed.ours, 'p50'), 1)}, ${number(best(streamed.ours, 'max'), 1)} ms`, `${number(streamed.genkit[0].p50, 1)}, ${number(streamed.genkit[0].max, 1)} ms`, '', true),
    row('… whole streams', `${streamed.ours[0].finished} of 1,000`, `${streamed.genkit[0].finished} of 1,000`, 'all', finished),
    row('resident memory at the end of the load', `${number(memory.ours)} MB`, `${number(memory.genkit)} MB`, '', true),
    row('… 15 s after the load', `${number(rested.ours)} MB`, `${number(rested.genkit)} MB`, 'below 90 MB', rested.ours < 90),
    row('… at the end of the streams', `${number(crowded.ours)} MB`, `${number(crowded.genkit)} MB`, '', true),
    row('start to ready', `${number(median(ready.ours))} ms`, `${number(median(ready.genkit))} ms`, 'below 400 ms', median(ready.ours) < 400),
    row(`soak, ${number(soak.at(-1).calls)} calls: memory at rest after a third, at the end`, `${number(third)}, ${number(last)} MB`, '', 'no growth (5 MB)', last - third < 5),
  ].join('\n');
  const versions = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies;
  const machine = `${cpus().length} cores (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, .NET ${(await run('dotnet', ['--version'])).stdout.trim()} SDK, Node ${process.version}, genkit ${versions.genkit}, load average at the end ${loadavg()[0].toFixed(1)}`;
  console.log(`${table}\n\n${machine}`);
  if (!quick) { writeFileSync(join(here, 'results.md'), `# Runner beside Genkit JS\n\nWritten by \`./build.sh bench runner\`. Provider, load generator and both servers share the machine's cores.\n\n${table}\n\nMachine: ${machine}.\n`); }
} finally {
  for (const child of children) { child.kill('SIGKILL'); }
  rmSync(root, { recursive: true, force: true });
}
