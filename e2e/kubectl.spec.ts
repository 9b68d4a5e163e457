import { expect, test } from '@playwright/test';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, Portal } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

const call = async (flow: string, input: object) =>
  (await fetch(`${portal.url}/flows/default/${flow}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) })).text();

const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: greet-credentials }
stringData: { DEMO_KEY: unused }
---
apiVersion: genkit.dev/v1alpha1
kind: PluginConfig
metadata: { name: greet-demo }
spec:
  type: demo
  credentialsRef: { name: greet-credentials }
---
apiVersion: genkit.dev/v1alpha1
kind: Model
metadata: { name: greet-model }
spec:
  provider: demo
  model: echo-stream
  pluginConfigRef: { name: greet-demo }
---
apiVersion: genkit.dev/v1alpha1
kind: Prompt
metadata: { name: greet }
spec:
  description: Greets.
  content: |
    ---
    input:
      schema:
        name: string
    ---
    Please greet {{name}} warmly.
---
apiVersion: genkit.dev/v1alpha1
kind: Flow
metadata: { name: greeter }
spec:
  image: genkit-portal/runner
  modelRef: { name: greet-model }
  prompts:
    - promptRef: { name: greet }
`;

const oneOfEach = `
apiVersion: v1
kind: Secret
metadata: { name: s }
---
apiVersion: genkit.dev/v1alpha1
kind: PluginConfig
metadata: { name: p }
spec: { type: demo, credentialsRef: { name: s } }
---
apiVersion: genkit.dev/v1alpha1
kind: Model
metadata: { name: m }
spec: { provider: demo, model: echo-stream, pluginConfigRef: { name: p } }
---
apiVersion: genkit.dev/v1alpha1
kind: Prompt
metadata: { name: hello }
spec: { content: "Hello {{name}}" }
---
apiVersion: genkit.dev/v1alpha1
kind: Tool
metadata: { name: t }
spec: { definition: { name: t, description: T. }, implementation: { http: { url: "https://t.test" } } }
---
apiVersion: genkit.dev/v1alpha1
kind: Flow
metadata: { name: f }
spec: { image: genkit-portal/runner, modelRef: { name: m }, prompts: [{ promptRef: { name: hello } }] }
---
apiVersion: genkit.dev/v1alpha1
kind: FlowSet
metadata: { name: s }
spec: { image: genkit-portal/runner, flows: [{ name: a, modelRef: { name: m }, prompts: [{ promptRef: { name: hello } }] }] }
---
apiVersion: genkit.dev/v1alpha1
kind: Dataset
metadata: { name: d }
spec: { format: json, source: { inline: [{ input: { name: Ada } }, { input: { name: Bo } }] } }
---
apiVersion: genkit.dev/v1alpha1
kind: Eval
metadata: { name: e }
spec:
  flowRef: { name: f }
  datasetRef: { name: d }
  metrics: [latency]
  schedule: "0 2 * * *"
  runnerImage: genkit-portal/runner
  outputSink: { configMap: { name: results, key: result.json } }
`;

test('api-resources and explain know the kinds', () => {
  const resources = portal.kubectl(['api-resources', '--api-group=genkit.dev']);
  for (const kind of ['PluginConfig', 'Model', 'Prompt', 'Flow']) { expect(resources).toContain(kind); }
  expect(portal.kubectl(['explain', 'flow.spec.replicas'])).toContain('integer');
  expect(portal.kubectl(['explain', 'prompt.spec'])).toContain('content');
});

test('get prints the columns of every kind by its short name, and explain tells what each field is for', async () => {
  portal.kubectl(['create', 'namespace', 'columns']);
  portal.kubectl(['apply', '-n', 'columns', '-f', '-'], oneOfEach);
  portal.kubectl(['wait', '-n', 'columns', '--for=condition=Ready', 'gpc/p', 'gmd/m', 'gpr/hello', 'gtl/t', 'gds/d', 'gev/e', '--timeout=60s']);
  const columns: [string, string, RegExp, RegExp][] = [
    ['gpc', 'pluginconfig', /NAME +TYPE +READY +AGE/, /p +demo +True/],
    ['gmd', 'model', /NAME +PROVIDER +MODEL +READY +AGE/, /m +demo +echo-stream +True/],
    ['gpr', 'prompt', /NAME +HASH +READY +AGE/, /hello +[0-9a-f]{64} +True/],
    ['gtl', 'tool', /NAME +TARGET +READY +AGE/, /t +HTTP https:\/\/t\.test +True/],
    ['gfl', 'flow', /NAME +PHASE +AVAILABLE +READY +AGE/, /f +(Pending|Running|Updating)/],
    ['gfs', 'flowset', /NAME +READY +READYFLOWS +TOTAL +AVAILABLE +AGE/, /s +(True|False) +[01] +1/],
    ['gds', 'dataset', /NAME +FORMAT +SAMPLES +READY +AGE/, /d +json +2 +True/],
    ['gev', 'eval', /NAME +FLOW +DATASET +SCHEDULE +ACTIVE +LASTRUN +READY/, /e +f +d +0 2 \* \* \* +True/],
  ];
  for (const [short, kind, header, row] of columns) {
    const table = await eventually(`the row of a ${kind}`, () => portal.kubectl(['get', short, '-n', 'columns']), text => row.test(text));
    expect(table, kind).toMatch(header);
    const explained = portal.kubectl(['explain', `${kind}.spec`]);
    const fields = explained.split('FIELDS:')[1].split(/\n\s*\n/).filter(text => text.includes('<'));
    expect(fields.length, kind).toBeGreaterThan(1);
    for (const field of fields) { expect(field, kind).toMatch(/<[^>]+>[^\n]*\n( +(enum|default): [^\n]*\n)* +[A-Z"]/); }
  }
  portal.kubectl(['delete', 'namespace', 'columns', '--wait=false']);
});

test('apply makes a running flow', async () => {
  expect(portal.kubectl(['apply', '-f', '-'], manifests)).toContain('flow.genkit.dev/greeter created');
  portal.kubectl(['wait', '--for=condition=Ready', 'flow/greeter', '--timeout=40s']);
  expect(portal.kubectl(['apply', '-f', '-'], manifests)).toContain('flow.genkit.dev/greeter unchanged');
  const list = portal.kubectl(['get', 'gpc,gmd,gpr,gfl']);
  expect(list).toContain('greeter');
  expect(list).toContain('PHASE');
  await eventually('the flow answers', () => call('greeter', { name: 'Grace' }), text => text.includes('greet Grace warmly'));
  expect(portal.kubectl(['get', 'configmap,service,deployment,pod', '-l', 'genkit.dev/flow=greeter'])).toMatch(/greeter-prompts[\s\S]*greeter/);
  expect(portal.kubectl(['describe', 'flow', 'greeter'])).toContain('Ready');
  portal.kubectl(['rollout', 'status', 'deployment/greeter', '--timeout=30s']);
});

test('editing a prompt with kubectl rolls the flow', async () => {
  const generation = portal.kubectl(['get', 'deployment', 'greeter', '-o', 'jsonpath={.metadata.generation}']);
  const editor = join(portal.dataDirectory, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i "s/warmly/in rhyme/" "$1"\n', { mode: 0o755 });
  expect(portal.kubectl(['edit', 'prompt', 'greet'], undefined, { KUBE_EDITOR: editor })).toContain('edited');
  await eventually('the edited prompt answers', () => call('greeter', { name: 'Grace' }), text => text.includes('in rhyme'));
  expect(Number(portal.kubectl(['get', 'deployment', 'greeter', '-o', 'jsonpath={.metadata.generation}']))).toBe(Number(generation) + 1);
});

test('watch shows a change while it happens', async () => {
  const watch = spawn('kubectl', ['get', 'prompts', '-w', '-o', 'name'], {
    env: { ...process.env, HOME: portal.dataDirectory, KUBECONFIG: join(portal.dataDirectory, 'kubeconfig') },
  });
  let seen = '';
  watch.stdout.on('data', data => { seen += data; });
  const times = () => seen.split('\n').filter(line => line === 'prompt.genkit.dev/greet').length;
  try {
    await eventually('the first list', times, count => count === 1);
    portal.kubectl(['label', 'prompt', 'greet', 'team=a']);
    await eventually('the change', times, count => count === 2);
  } finally {
    watch.kill();
  }
});

test('server-side apply from another manager conflicts with a reason', () => {
  const change = JSON.stringify({ apiVersion: 'genkit.dev/v1alpha1', kind: 'Model', metadata: { name: 'greet-model' }, spec: { provider: 'demo', model: 'other', pluginConfigRef: { name: 'greet-demo' } } });
  expect(() => portal.kubectl(['apply', '--server-side', '--field-manager=someone', '-f', '-'], change)).toThrow(/conflict/);
});

test('a flow that misses things says which, and heals', async () => {
  const waiting = manifests.replaceAll('greet', 'later');
  const documents = waiting.split('\n---\n');
  portal.kubectl(['apply', '-f', '-'], documents[4]);
  const message = () => portal.kubectl(['get', 'flow', 'laterer', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].message}']);
  for (const [document, missing] of [[3, 'prompt "later" not found'], [2, 'model "later-model" not found'], [1, 'pluginconfig "later-demo" not found'], [0, 'secret "later-credentials" not found']] as const) {
    await eventually(missing, message, text => text.includes(missing));
    portal.kubectl(['apply', '-f', '-'], documents[document]);
  }
  portal.kubectl(['wait', '--for=condition=Ready', 'flow/laterer', '--timeout=40s']);
});

test('mistakes are refused with the field', () => {
  const flow = (spec: object) => JSON.stringify({ apiVersion: 'genkit.dev/v1alpha1', kind: 'Flow', metadata: { name: 'wrong' }, spec });
  const refused = (spec: object, reason: RegExp) => expect(() => portal.kubectl(['apply', '-f', '-'], flow(spec))).toThrow(reason);
  refused({ image: 'x', replicas: -1 }, /spec\.replicas/);
  refused({ image: 'x', port: 70000 }, /spec\.port/);
  refused({ image: 'x', serviceType: 'ExternalName' }, /serviceType/);
  refused({ image: 'x', nonsense: true }, /unknown field "spec\.nonsense"/);
  refused({ image: 'x', modelSpec: { provider: 'demo' } }, /model/);
});

test('deleting the flow removes its children and its process', async () => {
  const running = () => [...portal.runners('greeter'), ...portal.runners('laterer')].length;
  await eventually('both run', running, count => count === 2);
  expect(portal.kubectl(['delete', 'flow', 'greeter', 'laterer'])).toContain('deleted');
  await eventually('children are gone', () => portal.kubectl(['get', 'configmap,service,deployment,pod', '-l', 'genkit.dev/flow=greeter', '-o', 'name']), text => text.trim() === '');
  await eventually('processes are gone', running, count => count === 0);
  expect(portal.kubectl(['get', 'prompt', 'greet', '-o', 'name'])).toContain('greet');
});
